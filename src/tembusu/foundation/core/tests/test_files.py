import io

import pytest

from tembusu.foundation.core import files
from tembusu.foundation.core.models import StoredFile
from tembusu.foundation.core.rules import FileRefused
from tembusu.foundation.core.terms import FileRules
from tembusu.foundation.core.tests.cast import AT

pytestmark = pytest.mark.django_db
DATA = FileRules(frozenset({"application/xml", "application/json", "text/csv"}), 1000)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


def keep(content, name="a.xml"):
    return files.store(io.BytesIO(content), name=name, accepted=DATA, by=None, at=AT)


def left_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_lies_under_the_hash_of_its_content_once(folder):
    first, second = keep(b"<a/>"), keep(b"<a/>", "other.xml")
    assert first == second
    assert StoredFile.objects.count() == 1
    assert left_in(folder) == [files.path_of(first.sha256)]
    assert files.path_of(first.sha256).read_bytes() == b"<a/>"


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"<a/>", "a.xml", "application/xml"),
        (b"\xef\xbb\xbf<a/>", "a.txt", "application/xml"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b" [1]", "noname", "application/json"),
        (b"id,title\n1,x\n", "a.csv", "text/csv"),
        (b"PK\x03\x04" + b"\0" * 30, "a.xml", "application/zip"),
        (b"\x1f\x8b\x08\0" + b"\0" * 30, "a.xml", "application/gzip"),
    ],
)
def test_the_type_is_told_by_content_rather_than_by_name(content, name, media_type):
    assert files.media_type_of(content, name) == media_type


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"", "a.xml", "empty"),
        (b"<" + b"a" * 1000, "a.xml", "at most"),
        (b"%PDF-1.7\n", "a.xml", "pdf"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(folder, content, name, refusal):
    with pytest.raises(FileRefused, match=refusal):
        keep(content, name)
    assert left_in(folder) == []
    assert not StoredFile.objects.exists()


def test_a_name_never_leads_out_of_the_folder(folder):
    stored = keep(b"<a/>", "../../etc/passwd")
    assert stored.name == "passwd"
    assert files.path_of(stored.sha256).is_relative_to(folder)


def test_a_file_that_was_changed_or_lost_is_found():
    one, two = keep(b"<a/>"), keep(b"<b/>")
    files.path_of(one.sha256).write_bytes(b"<c/>")
    files.path_of(two.sha256).unlink()
    assert files.unsound([one, two]) == [one.sha256, two.sha256]

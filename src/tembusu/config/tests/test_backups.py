"""The backup's file, and backups brought back into real databases."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from dataclasses import replace

import psycopg
import pytest

from tembusu.config import postgres
from tembusu.config.backups import archive, bring_back, dump, take
from tembusu.config.backups.archive import BackupError

STORED = {b"a protocol": "", b"a letter" * 200_000: ""}


def store(folder, content):
    import hashlib

    name = hashlib.sha256(content).hexdigest()
    path = folder / name[:2] / name[2:4] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def contents(folder):
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def own_server(module_folder):
    environ = {"PATH": os.environ["PATH"]}
    server = postgres.ensure(root=module_folder, purpose="test", environ=environ)
    yield server
    server.stop()


@pytest.fixture
def server(own_server):
    """A server whose database holds three rows in one table."""
    with psycopg.connect(own_server.owner_url) as connection:
        connection.execute("DROP TABLE IF EXISTS study, other")
        connection.execute(
            "CREATE TABLE study AS SELECT n, 'Trial ' || n AS name FROM generate_series(1, 3) n"
        )
    return own_server


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    for content in STORED:
        store(folder, content)
    (folder / "upload-under-way").write_bytes(b"scratch")
    return folder


@pytest.fixture
def taken(server, files, tmp_path):
    target = tmp_path / "one.backup"
    return target, take.take(server, files=files, target=target, version="0.1.0")


def bring(server, taken, files, finish=lambda name: None):
    source, manifest = taken
    bring_back.bring_back(server, manifest, source=source, files=files, finish=finish)


def names(server):
    with psycopg.connect(server.app_url) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM study ORDER BY n")]


def databases(server):
    with psycopg.connect(server.superuser_url) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}


def test_a_backup_tells_what_it_holds_and_is_for_its_owner_only(taken):
    target, manifest = taken
    assert manifest.rows == {"study": 3}
    assert manifest.n_files == len(STORED)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(".")] == []


def test_what_was_changed_since_is_as_it_was(server, taken, files):
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("UPDATE study SET name = 'changed'")
        connection.execute("CREATE TABLE other (n int)")
    shutil.rmtree(files)
    store(files, b"a later file")

    bring(server, taken, files)
    assert names(server) == ["Trial 1", "Trial 2", "Trial 3"]
    assert contents(files) == sorted(STORED)
    assert databases(server) == {"postgres", "template0", "template1", "tembusu"}


def test_the_restored_tables_belong_to_the_owner_and_the_application_may_use_them(
    server, taken, files
):
    bring(server, taken, files)
    with psycopg.connect(server.app_url) as connection:
        connection.execute("INSERT INTO study VALUES (4, 'Trial 4')")
        row = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'study'")
        assert row.fetchone() == ("tembusu_owner",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("TRUNCATE study")


def spoil_nothing(server, files):
    return names(server), contents(files), databases(server)


def test_a_finish_that_fails_leaves_everything_as_it_was(server, taken, files):
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("UPDATE study SET name = 'present'")
    before = spoil_nothing(server, files)

    def fail(name):
        raise BackupError("a migration failed")

    with pytest.raises(BackupError, match="a migration failed"):
        bring(server, taken, files, fail)
    assert spoil_nothing(server, files) == before


def test_a_swap_that_fails_leaves_everything_as_it_was(server, taken, files, monkeypatch):
    before = spoil_nothing(server, files)
    real = bring_back.rename

    def fail_at_second(connection, name, to):
        if name.endswith(bring_back.RESTORING):
            raise psycopg.OperationalError("the line was cut")
        real(connection, name, to)

    monkeypatch.setattr(bring_back, "rename", fail_at_second)
    with pytest.raises(psycopg.OperationalError, match="the line was cut"):
        bring(server, taken, files)
    assert spoil_nothing(server, files) == before


def test_rows_that_differ_from_the_manifest_are_refused(server, taken, files):
    source, manifest = taken
    before = spoil_nothing(server, files)
    wrong = replace(manifest, rows={"study": 4})
    with pytest.raises(BackupError, match="study: 4 in the backup, 3 here"):
        bring(server, (source, wrong), files)
    assert spoil_nothing(server, files) == before


def test_nothing_is_replaced_while_somebody_is_connected(server, taken, files):
    with (
        psycopg.connect(server.app_url),
        pytest.raises(BackupError, match="1 connections use the database: stop the site"),
    ):
        bring(server, taken, files)


def test_a_role_that_may_not_make_databases_is_told_what_it_needs(server, taken, files):
    without = replace(server, superuser_url="", owner_url=server.owner_url)
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute("GRANT CONNECT ON DATABASE postgres TO tembusu_owner")
    with pytest.raises(BackupError, match="ALTER ROLE tembusu_owner CREATEDB"):
        bring(without, taken, files)


# -- the file ------------------------------------------------------------------------------------


def test_a_backup_never_replaces_a_file(server, files, tmp_path):
    target = tmp_path / "kept"
    target.write_text("precious")
    with pytest.raises(BackupError, match="exists already"):
        take.take(server, files=files, target=target, version="0")
    assert target.read_text() == "precious"


def test_a_backup_into_no_folder_says_so(server, files, tmp_path):
    with pytest.raises(BackupError, match="there is no folder"):
        take.take(server, files=files, target=tmp_path / "none" / "x", version="0")


def test_a_stored_file_that_is_damaged_fails_the_backup_and_leaves_no_file(server, files, tmp_path):
    path = next(path for path in files.glob("??/??/*"))
    path.write_bytes(b"not what its name says")
    with pytest.raises(BackupError, match=f"stored file {path.name} is damaged"):
        take.take(server, files=files, target=tmp_path / "x", version="0")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("fraction", [0.0, 0.001, 0.3, 0.6, 0.99])
def test_a_backup_that_was_cut_short_is_refused(taken, tmp_path, fraction):
    whole = taken[0].read_bytes()
    cut = tmp_path / "cut"
    # Tar pads its end; what is cut must be more than padding.
    cut.write_bytes(whole[: int((len(whole) - tarfile.RECORDSIZE) * fraction)])
    with pytest.raises(BackupError, match=r"cut short|no backup|damaged"):
        archive.verify(cut)


@pytest.mark.parametrize("member", [archive.DUMP, "files/", archive.MANIFEST])
def test_a_changed_byte_is_found(taken, tmp_path, member):
    whole = bytearray(taken[0].read_bytes())
    with tarfile.open(taken[0]) as tar:
        entry = next(entry for entry in tar if entry.name.startswith(member))
    whole[entry.offset_data + entry.size // 2] ^= 0xFF
    spoilt = tmp_path / "spoilt"
    spoilt.write_bytes(whole)
    with pytest.raises(BackupError, match=r"damaged|cannot be read"):
        archive.verify(spoilt)


def tar_of(path, members):
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


MARK = (archive.MARK, json.dumps({"format": archive.FORMAT}).encode())


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("holiday.jpg", b"x")], "no backup of Tembusu"),
        ([(archive.MARK, b'{"format": 99}')], "format 99, and this version reads 1"),
        ([(archive.MARK, b"nonsense")], "cannot be read"),
        ([MARK], "its manifest is missing"),
        ([MARK, ("../../etc/passwd", b"x")], "does not belong in it"),
        ([MARK, ("files/aa/bb/" + "c" * 64, b"x")], "does not belong in it"),
        ([MARK, (archive.DUMP, b"x"), (archive.DUMP, b"y")], "does not belong in it"),
        ([MARK, (archive.MANIFEST, b"{}")], "its manifest cannot be read"),
        ([MARK, (archive.MANIFEST, b"[]")], "its manifest cannot be read"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path, members, reason):
    with pytest.raises(BackupError, match=reason):
        archive.verify(tar_of(tmp_path / "foreign", members))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "no backup of Tembusu"), (b"hello", "no backup"), (os.urandom(20_000), "no backup")],
)
def test_a_file_that_is_no_tar_is_refused(tmp_path, content, reason):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(BackupError, match=reason):
        archive.verify(tmp_path / "x")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BackupError, match=r"there is no file .*none\.backup"):
        archive.verify(tmp_path / "none.backup")


@pytest.mark.parametrize(
    ("expected", "found", "told"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a: 1 in the backup, 2 here"]),
        ({"a": 1}, {}, ["a: 1 in the backup, no table here"]),
        ({}, {"b": 0}, ["b: no table in the backup, 0 here"]),
    ],
)
def test_differences_name_the_table(expected, found, told):
    assert dump.differences(expected, found) == told


def test_no_fitting_pg_dump_says_what_to_install():
    with pytest.raises(BackupError, match="install postgresql-client-99"):
        dump.tools_for(99)

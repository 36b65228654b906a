"""Whatever files one is given: good records come out, bad ones are told, and cost no other."""

import gzip
import io
import json
import os
import tarfile
import tracemalloc
import zipfile
from collections import Counter
from itertools import islice

import pytest
from tests.support.shared import shared_path

from trialformats import ctgov_json
from trialformats.sources import Limits, ResumeError, count_hint, read_paths
from trialformats.split_json import split_json
from trialformats.streams import Stream
from trialformats.tests.making import (
    csv_bytes,
    csv_row,
    legacy,
    nct,
    saved,
    study,
    study_bytes,
)

SMALL = Limits(max_record_bytes=20_000)


def tarred(*members, mode="w:gz"):
    """Return a tar archive of (name, bytes) or ready TarInfo."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            name, content = member
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped(*members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def told(readings):
    """Return (number or '', reason) of each reading."""
    return [(one.registry_no if one.record else "", one.reason) for one in readings]


def good(readings):
    return [one.registry_no for one in readings if one.record]


def reasons(readings):
    return [one.reason for one in readings if one.reason]


@pytest.fixture(name="read")
def read_fixture(tmp_path):
    """Save one file and read it."""

    def read(name, content, **options):
        return list(read_paths([saved(tmp_path, name, content)], **options))

    return read


def test_every_record_of_every_real_file_is_read_written_and_read_again_as_itself():
    n_by_file = Counter()
    for reading in read_paths([shared_path("data/ctgov")]):
        assert reading.reason == ""
        assert ctgov_json.read(ctgov_json.write(reading.record)) == reading.record
        n_by_file[reading.source.split("!")[0]] += 1
    n_single = sum(n for name, n in n_by_file.items() if name.startswith("single_json/"))
    assert n_single == 10
    assert n_by_file["legacy_xml_4000.tar.gz"] == 4000
    assert (n_by_file["ctg_1000.csv"], n_by_file["dtx_128.json"]) == (1000, 128)
    assert n_by_file["nsclc_100.json"] == 100
    assert n_by_file.total() == 5238


@pytest.mark.parametrize(
    ("name", "content", "numbers"),
    [
        ("a.json", study_bytes(1), [1]),
        ("a.json", b"[" + study_bytes(1) + b"," + study_bytes(2) + b"]", [1, 2]),
        ("a.json", b'{"totalCount": 2, "studies": [' + study_bytes(1) + b"," + study_bytes(2)
         + b'], "nextPageToken": "x", "more": [{"a": {}}]}', [1, 2]),
        ("a.json", json.dumps({"FullStudiesResponse": {"APIVrs": "1", "FullStudies": [
            {"Rank": 1, "Study": {"ProtocolSection": {"IdentificationModule": {"NCTId": nct(1)}}}},
            {"Rank": 2, "Study": {"ProtocolSection": {"IdentificationModule": {"NCTId": nct(2)}}}},
        ]}}), [1, 2]),
        ("a.ndjson", study_bytes(1) + b"\n" + study_bytes(2) + b"\n\n" + study_bytes(3), [1, 2, 3]),
        ("a.txt", study_bytes(1), [1]),
        ("a.json", b"\xef\xbb\xbf" + study_bytes(1), [1]),
        ("a.json", study_bytes(1).decode().encode("utf-16"), [1]),
        ("a.json", study_bytes(1).decode().encode("utf-16-le"), [1]),
        ("a.json", study_bytes(1).decode().encode("utf-32"), [1]),
        ("a.xml", legacy(1), [1]),
        ("a.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<!-- x -->' + legacy(1), [1]),
        ("a.xml", f'<?xml version="1.0" encoding="UTF-16"?>{legacy(1)}'.encode("utf-16"), [1]),
        ("a.xml", "<results>" + legacy(1) + "\n" + legacy(2) + "</results>", [1, 2]),
        ("a.xml", "<Trials_downloaded_from_ICTRP><Trial><TrialID>NCT00000001</TrialID></Trial>"
         "<Trial><TrialID>NCT00000002</TrialID></Trial></Trials_downloaded_from_ICTRP>", [1, 2]),
        ("a.csv", csv_bytes(csv_row(1), csv_row(2)), [1, 2]),
        ("a.csv", b"\xef\xbb\xbf" + csv_bytes(csv_row(1)), [1]),
        ("a.csv", csv_bytes(csv_row(1)).decode().encode("utf-16"), [1]),
        ("a.csv", csv_bytes(csv_row(1)).replace(b"\n", b"\r\n") + b"\r\n\r\n", [1]),
        ("a.tsv", csv_bytes(csv_row(1)).replace(b",", b"\t"), [1]),
        ("semicolons.csv", csv_bytes(csv_row(1), csv_row(2)).replace(b",", b";"), [1, 2]),
        ("a.csv", csv_bytes(csv_row(1, Conditions="a\nb, c")), [1]),
        ("a.json.gz", gzip.compress(study_bytes(1)), [1]),
        ("a.json.gz", gzip.compress(study_bytes(1)) + gzip.compress(study_bytes(2)), [1, 2]),
        ("a.tar", tarred(("x.xml", legacy(1).encode()), ("y.json", study_bytes(2)), mode="w"),
         [1, 2]),
        ("a.tgz", tarred(("d/x.xml", legacy(1).encode()), ("d/y.csv", csv_bytes(csv_row(2)))),
         [1, 2]),
        ("a.zip", zipped(("d/", b""), ("d/x.xml", legacy(1)), ("y.json", study_bytes(2))), [1, 2]),
        ("a.zip", zipped(("__MACOSX/x.xml", b"junk"), ("x.xml", legacy(1)), (".DS_Store", b"x")),
         [1]),
    ],
)  # fmt: skip
def test_a_good_file_of_any_kind_gives_its_records(read, name, content, numbers):
    readings = read(name, content)
    assert told(readings) == [(nct(no), "") for no in numbers]
    assert all(one.fingerprint and not one.raw for one in readings)


GZ_OF_MANY = gzip.compress(b"[" + b",\n".join(map(study_bytes, range(1, 400))) + b"]")
BOMB_TEXT = b'[{"protocolSection": "' + b"a" * 40_000_000 + b'"}]'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"", "the file is empty"),
        ("a.json", b"  \n ", "the file is empty"),
        ("a.json", b"\xef\xbb\xbf", "the file is empty"),
        ("a.json", b"[]", "holds no record"),
        ("a.json", b'{"studies": []}', "holds no record"),
        ("a.csv", csv_bytes(), "holds no record"),
        ("a.gz", gzip.compress(b""), "the file is empty"),
        ("a.zip", zipped(), "archive is empty"),
        ("a.bin", os.urandom(4) + b"\x00\x01" * 400, "no JSON, XML or CSV"),
        ("a.csv", b"Name,Age\nLim,4\n", "no JSON, XML or CSV"),
        ("a.txt", b"hello", "no JSON, XML or CSV"),
        ("a.pdf", b"%PDF-1.4 x", "PDF document"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + b"x" * 600, "7-Zip"),
        ("a.xlsx", zipped(("[Content_Types].xml", b"x")), "Office document"),
        ("a.html", b"<!DOCTYPE html><html></html>", "web page"),
        ("a.xml", b"<other><x/></other>", "opens with <other>"),
        ("a.xml", b"<clinical_study", "opens with <clinical_study>"),
        ("a.xml", b'<?xml version="1.0" encoding="klingon"?>' + legacy(1).encode(), "klingon"),
        ("a.json", b'{"name": "x", "version": 1}', "it holds name, version"),
        ("a.json", b"[1, 2]", "no JSON object"),
        ("a.json", b'["' + b"[" * 9 + b'"]', "no JSON object"),
        ("a.json", b'{"a":' * 5000 + b"1" + b"}" * 5000, "the JSON is broken"),
        ("a.zip", zipped(("x.zip", zipped(("y.xml", legacy(1))))), "archive inside an archive"),
        ("a.tgz", tarred(("x.tar.gz", tarred(("y.xml", b"x")))), "archive inside an archive"),
        ("a.tgz", tarred(("x.json.gz", gzip.compress(study_bytes(1)))), "archive inside"),
        ("a.zip", zipped(("x.xml", legacy(1)))[:-30], "damaged or cut off"),
        ("a.zip", b"PK\x03\x04junk", "damaged or cut off"),
        ("a.gz", b"\x1f\x8bjunkjunkjunk", "damaged"),
        ("a.tar", tarred(("x.xml", legacy(1).encode()), mode="w")[:600], "ends in the middle"),
        ("a.tgz", tarred(("../../etc/x.xml", legacy(1).encode())), "points out of its archive"),
        ("a.tgz", tarred(("/etc/x.xml", legacy(1).encode())), "points out of its archive"),
        ("a.zip", zipped(("..\\x.xml", legacy(1))), "points out of its archive"),
        ("a.zip", zipped(("C:\\x.xml", legacy(1))), "points out of its archive"),
    ],
)  # fmt: skip
def test_a_file_that_holds_nothing_to_read_is_told_with_what_to_do(read, name, content, said):
    readings = read(name, content)
    assert good(readings) == []
    assert said in readings[0].reason
    assert readings[0].position == 1


XXE = '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        XXE + legacy(1, title="&x;"),
        LAUGHS + legacy(1, title="&b;"),
        '<!doctype c SYSTEM "http://127.0.0.1:1/x.dtd">' + legacy(1),
        (XXE + legacy(1, title="&x;")).encode("utf-16"),
        " " * 300_000 + XXE + legacy(1, title="&x;"),
        legacy(1, title="&x;"),
        legacy(1, inside=XXE),
    ],
)
def test_an_attack_by_entity_is_refused_and_nothing_of_it_is_fetched(read, content):
    readings = read("a.xml", content)
    assert good(readings) == []
    assert len(readings) == 1
    assert "entity" in readings[0].reason


def test_a_truncated_gzip_gives_every_record_before_the_cut(read):
    whole = len(good(read("a.json.gz", GZ_OF_MANY)))
    readings = read("b.json.gz", GZ_OF_MANY[: len(GZ_OF_MANY) // 2])
    assert whole == 399
    assert 100 < len(good(readings)) < whole
    assert good(readings) == [nct(no) for no in range(1, len(good(readings)) + 1)]
    assert any("gzip file is cut off" in reason for reason in reasons(readings))
    assert [one.position for one in readings] == list(range(1, len(readings) + 1))


def test_a_truncated_archive_gives_every_file_before_the_cut(read):
    members = [
        (f"{no}.xml", legacy(no, title=os.urandom(600).hex()).encode()) for no in range(1, 50)
    ]
    packed = tarred(*members)
    readings = read("a.tar.gz", packed[: len(packed) // 2])
    assert 5 < len(good(readings)) < 49
    assert reasons(readings)


def test_a_json_list_cut_in_half_keeps_the_good_and_tells_where_it_was_cut(read):
    content = b"[" + b",".join(map(study_bytes, range(1, 6))) + b"]"
    readings = read("a.json", content[: len(content) // 2])
    assert good(readings) == [nct(1), nct(2)]
    assert (readings[-1].position, readings[-1].registry_no) == (3, nct(3))
    assert "cut off" in readings[-1].reason


def test_a_list_cut_between_two_records_says_so(read):
    readings = read("a.json", b"[" + study_bytes(1) + b",")
    assert good(readings) == [nct(1)]
    assert "no end" in readings[-1].reason


@pytest.mark.parametrize(
    "broken",
    [
        study_bytes(2).replace(b'"RECRUITING"', b'"RECRUITING'),
        study_bytes(2)[:-1],
        study_bytes(2)[:-2],
        study_bytes(2).replace(b":", b"", 1),
        study_bytes(2).replace(b"{", b"", 1),
        study_bytes(2) + b"}",
        study_bytes(2).replace(b"Trial number", b"\xff\x81"),
        b"null",
        b'"text"',
        b"{}",
        b"[]",
    ],
)
def test_one_broken_study_never_costs_another(read, broken):
    content = (
        b"[\n" + b",\n".join([study_bytes(1), broken, study_bytes(3), study_bytes(4)]) + b"\n]"
    )
    readings = read("a.json", content)
    assert {nct(1), nct(3), nct(4)} <= set(good(readings))
    assert (nct(2) in good(readings)) == (broken == study_bytes(2) + b"}")
    assert reasons(readings) or broken == study_bytes(2) + b"}"


@pytest.mark.parametrize(
    "broken",
    [
        legacy(2).replace("</clinical_study>", ""),
        legacy(2).replace("</brief_title>", ""),
        legacy(2, title="&nbsp;"),
        legacy(2, inside="<start_date>May 32, 2020</start_date>"),
        "<clinical_study>text</clinical_study>",
    ],
)
def test_one_broken_xml_record_never_costs_another(read, broken):
    readings = read("a.xml", f"<all>{legacy(1)}{broken}{legacy(3)}</all>")
    assert told(readings)[::2] == [(nct(1), ""), (nct(3), "")]
    assert readings[1].reason
    assert readings[1].raw == broken.encode()


def test_an_unclosed_quote_in_a_csv_costs_its_row_alone(read):
    content = csv_bytes(*(csv_row(no) for no in range(1, 6)))
    content = content.replace(b"Trial number 2", b'"Trial number 2')
    readings = read("a.csv", content)
    assert good(readings) == [nct(no) for no in (1, 3, 4, 5)]
    assert "never closes" in readings[1].reason
    assert (readings[1].position, readings[1].registry_no) == (2, nct(2))


def test_a_csv_with_missing_and_unknown_columns_answers_what_it_has(read):
    rows = [csv_row(1) | {"Favourite": "blue"}]
    (reading,) = read("a.csv", csv_bytes(*rows, header=("Favourite", "NCT Number")))
    assert reading.record.extra == {"csv:Favourite": "blue"}
    assert reading.fields == {"registry", "registry_no"}


def test_a_csv_row_with_a_comma_too_many_is_refused_with_its_row(read):
    content = csv_bytes(csv_row(1), csv_row(2)).replace(b"number 1,", b"number 1,,")
    readings = read("a.csv", content)
    assert "7 cells and the header 6" in readings[0].reason
    assert readings[0].raw.startswith(b"NCT00000001")
    assert good(readings) == [nct(2)]


@pytest.mark.parametrize("place", ["in a text", "in many texts", "as junk"])
def test_a_record_beyond_the_limit_is_refused_and_the_next_is_read(read, place):
    large = study(2)
    if place == "in a text":
        large["protocolSection"]["descriptionModule"] = {"briefSummary": 'x\\"{' * 20_000}
    else:
        large["protocolSection"]["conditionsModule"] = {"conditions": ["x{" * 10] * 9_000}
    middle = json.dumps(large).encode() if place != "as junk" else b'"' + b"x" * 90_000 + b'"'
    content = b"[" + b",".join([study_bytes(1), middle, study_bytes(3)]) + b"]"
    readings = read("a.json", content, limits=SMALL)
    assert good(readings) == [nct(1), nct(3)]
    assert "larger than 20,000 bytes" in readings[1].reason or place == "as junk"


def test_fifty_megabytes_of_text_are_refused_within_the_limit(read):
    parts = [
        study_bytes(1),
        json.dumps(study(2, acronym="y" * 50_000_000)).encode(),
        study_bytes(3),
    ]
    readings = read("a.json", b"[" + b",".join(parts) + b"]")
    assert good(readings) == [nct(1), nct(3)]
    assert "larger than 33,554,432 bytes" in readings[1].reason
    assert readings[1].registry_no == nct(2)
    readings = read("a.xml", f"<x>{legacy(1)}{legacy(2, title='z' * 50_000_000)}{legacy(3)}</x>")
    assert good(readings) == [nct(1), nct(3)]
    assert "larger than 33,554,432 bytes" in readings[1].reason
    assert readings[1].registry_no == nct(2)
    rows = csv_bytes(csv_row(1), csv_row(2, Conditions="w" * 50_000_000), csv_row(3))
    readings = read("a.csv", rows)
    assert good(readings) == [nct(1), nct(3)]
    assert "larger than 33,554,432 bytes" in readings[1].reason
    assert readings[1].registry_no == nct(2)


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("a.json.gz", gzip.compress(BOMB_TEXT)),
        ("a.tar.gz", tarred(("x.json", BOMB_TEXT))),
        ("a.zip", zipped(("x.json", BOMB_TEXT), ("y.json", study_bytes(1)))),
    ],
)
def test_a_bomb_is_stopped_long_before_it_is_unpacked(read, name, packed):
    readings = read(name, packed)
    assert good(readings) == []
    assert any("200 times its size" in reason for reason in reasons(readings))


def test_an_archive_beyond_the_total_or_the_count_is_stopped(read):
    members = [(f"{no}.xml", legacy(no).encode()) for no in range(1, 30)]
    for packed, name in ((tarred(*members), "a.tgz"), (zipped(*members), "a.zip")):
        limited = read(name, packed, limits=Limits(max_total_bytes=2_000))
        assert any("unpacks to more than 2,000 bytes" in reason for reason in reasons(limited))
        limited = read(name, packed, limits=Limits(max_members=10))
        assert "holds more than 10 files" in reasons(limited)[0]


def test_links_and_devices_in_an_archive_are_refused_by_name(read):
    link, pipe = tarfile.TarInfo("link.xml"), tarfile.TarInfo("pipe.xml")
    link.type, link.linkname, pipe.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.FIFOTYPE
    readings = read("a.tar.gz", tarred(link, ("x.xml", legacy(1).encode()), pipe))
    assert good(readings) == [nct(1)]
    assert [one.source for one in readings if one.reason] == [
        "a.tar.gz!link.xml",
        "a.tar.gz!pipe.xml",
    ]


def test_a_locked_file_in_a_zip_is_refused_and_the_others_are_read(read):
    content = bytearray(zipped(("x.xml", legacy(1)), ("y.xml", legacy(2))))
    entry = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[entry + 8] |= 1
    readings = read("a.zip", bytes(content))
    assert good(readings) == [nct(2)]
    assert "password" in readings[0].reason


def test_windows_1252_is_read_and_noted(read):
    expected = "Café “naïve” – 5 °C"
    files = {
        "a.json": json.dumps(study(1, acronym=expected), ensure_ascii=False),
        "a.xml": legacy(1, title=expected),
        "a.csv": csv_bytes(csv_row(1, Study_Title=expected)).decode(),
        "b.xml": '<?xml version="1.0" encoding="UTF-8"?>' + legacy(1, title=expected),
    }
    for name, text in files.items():
        (reading,) = read(name, text.encode("cp1252"))
        assert expected in (reading.record.brief_title, reading.record.acronym)
        assert "Windows-1252" in reading.record.notes[0]


def test_a_declared_encoding_is_believed_without_a_note(read):
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + legacy(1, title="Café")
    (reading,) = read("a.xml", text.encode("latin-1"))
    assert (reading.record.brief_title, reading.record.notes) == ("Café", ())


def test_bytes_of_no_encoding_at_all_are_refused_with_the_place(read):
    (reading,) = read("a.json", study_bytes(1).replace(b"Trial", b"\x81\xff"))
    assert "neither UTF-8 nor Windows-1252" in reading.reason
    assert reading.raw


@pytest.mark.parametrize(
    ("garbled", "mended"),
    [
        ("Hospital ClÃ­nico de la SantÃ©", "Hospital Clínico de la Santé"),
        ("the patientâ€™s â€œownâ€\x9d words", "the patient’s “own” words"),
        ("5 Â°C", "5 °C"),
    ],
)
def test_garbled_text_is_repaired_where_it_is_surely_broken(read, garbled, mended):
    (reading,) = read("a.json", json.dumps(study(1, acronym=garbled), ensure_ascii=False))
    assert reading.record.acronym == mended
    assert reading.record.notes == ("Garbled characters were repaired in: acronym.",)


@pytest.mark.parametrize(
    "text",
    [
        "Ângela Ã",
        "São Paulo – Ñuñoa",
        "naïve façade",
        "“quoted”",
        "Århus Øst",
        "µg/m² ±5 °C",
        "肺癌",
        "ÂA",
    ],
)
def test_text_that_may_be_right_is_left_alone(read, text):
    (reading,) = read("a.json", json.dumps(study(1, acronym=text), ensure_ascii=False))
    assert (reading.record.acronym, reading.record.notes) == (text, ())


def test_the_same_number_twice_gives_both(read):
    readings = read("a.json", b"[" + study_bytes(1) + b"," + study_bytes(1) + b"]")
    assert good(readings) == [nct(1), nct(1)]
    assert readings[0].fingerprint == readings[1].fingerprint


def test_a_folder_is_read_in_order_and_named_from_itself(tmp_path):
    saved(tmp_path, "b/two.xml", legacy(2))
    saved(tmp_path, "a.json", study_bytes(1))
    saved(tmp_path, "b/pack.zip", zipped(("in/three.json", study_bytes(3))))
    saved(tmp_path, ".hidden", "x")
    saved(tmp_path, "README.md", "# about")
    readings = list(read_paths([tmp_path]))
    assert [one.source for one in readings] == [
        "README.md",
        "a.json",
        "b/pack.zip!in/three.json",
        "b/two.xml",
    ]
    assert good(readings) == [nct(1), nct(3), nct(2)]


def test_a_path_that_is_missing_or_no_file_is_told(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    saved(tmp_path, "outside/x.json", study_bytes(1))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.json").symlink_to(tmp_path / "outside/x.json")
    paths = [tmp_path / "none.json", tmp_path / "pipe", inside]
    assert [one.reason.split(";")[0][:40] for one in read_paths(paths)] == [
        "the file cannot be opened: No such file "[:40],
        "this is no ordinary file",
        "this link points out of the folder",
    ]


def test_two_files_of_one_name_are_told_apart(tmp_path):
    one, two = (
        saved(tmp_path, "x/a.json", study_bytes(1)),
        saved(tmp_path, "y/a.json", study_bytes(2)),
    )
    assert [reading.source for reading in read_paths([one, two])] == ["a.json", "a.json (2)"]


def everything(tmp_path):
    """Save files of several kinds and return their folder."""
    saved(tmp_path, "a.json", b"[" + b",".join(map(study_bytes, range(1, 5))) + b", 7]")
    saved(tmp_path, "b.tar.gz", tarred(*((f"{n}.xml", legacy(n).encode()) for n in range(5, 9))))
    saved(tmp_path, "c.csv", csv_bytes(*(csv_row(no) for no in range(9, 12))))
    saved(tmp_path, "d.zip", zipped(("x.xml", legacy(12)), ("y.xml", "<broken")))
    saved(tmp_path, "e.json", b"")
    return tmp_path


def test_reading_resumes_after_any_place_as_if_it_had_not_stopped(tmp_path):
    whole = list(read_paths([everything(tmp_path)]))
    assert len(whole) == 15
    for no, reading in enumerate(whole):
        resumed = read_paths([tmp_path], resume_after=(reading.source, reading.position))
        assert list(resumed) == whole[no + 1 :]


def test_resuming_from_a_place_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ResumeError, match=r"gone\.json"):
        list(read_paths([everything(tmp_path)], resume_after=("gone.json", 3)))


def test_known_pieces_are_passed_on_unparsed_and_changed_ones_are_read(tmp_path):
    first = list(read_paths([everything(tmp_path)]))
    known = {one.fingerprint for one in first if one.record}
    again = list(read_paths([tmp_path], is_known=known.__contains__))
    assert [one.known for one in again] == [bool(one.record) for one in first]
    assert not any(one.record or (one.reason and one.known) for one in again)
    saved(tmp_path, "c.csv", csv_bytes(csv_row(9), csv_row(10, Enrollment="7"), csv_row(11)))
    changed = [one for one in read_paths([tmp_path], is_known=known.__contains__) if one.record]
    assert [(one.registry_no, one.record.enrolment_count) for one in changed] == [(nct(10), 7)]


def test_the_hint_counts_the_records_without_reading_them(tmp_path):
    assert count_hint([everything(tmp_path)]) == 12
    assert count_hint([tmp_path / "a.json"]) == 4
    assert count_hint([shared_path("data/ctgov/ctg_1000.csv")]) == 1000


def test_memory_stays_flat_however_long_the_file_is(tmp_path):
    def many():
        yield b"["
        for no in range(1, 8_000):
            yield study_bytes(no) + b","
        yield study_bytes(8_000) + b"]"

    path = tmp_path / "long.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(many())
    tracemalloc.start()
    n_read = sum(1 for one in read_paths([path]) if one.record)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_read == 8_000
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    "long",
    [["a"] * 200_000, ['a\n\\"' * 100_000], [{"b": ["c"] * 5_000}] * 40, [["d"] * 3_000] * 60],
)
def test_cutting_a_record_of_very_many_values_takes_little_memory(long):
    whole = [json.dumps(one) for one in (study(1), {**study(2), "long": long}, study(3))]
    content = f"[{', '.join(whole)}]".encode()
    chunks = (content[at : at + 50_000] for at in range(0, len(content), 50_000))
    tracemalloc.start()
    pieces = list(split_json(Stream(chunks), Limits()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.raw.decode() for one in pieces] == whole
    assert peak < 6 * len(content)


def test_reading_can_stop_anywhere_and_leaves_no_file_open(tmp_path):
    assert len(list(islice(read_paths([everything(tmp_path)]), 6))) == 6

"""Refused records put aside, mended, and sent again."""

import csv
import zipfile
from pathlib import Path

import pytest

from trialformats.refusals import REASONS, REASONS_COLUMNS, RefusalWriter
from trialformats.sources import REASONS_BEGIN, Reading, read_paths
from trialformats.tests.making import csv_bytes, csv_row, legacy, nct, saved, study_bytes

BROKEN_JSON = study_bytes(2).replace(b"2024-03", b"2024-33")
UNREADABLE_JSON = study_bytes(4).replace(b'"RECRUITING"', b'"RECRUITING')
BROKEN_XML = legacy(3, inside="<start_date>May 32, 2020</start_date>")


def reasons_in(folder):
    with (folder / REASONS).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def refused_into(folder, source):
    """Read a folder, put aside what is refused, and return the good numbers."""
    with RefusalWriter(folder) as writer:
        numbers = []
        for reading in read_paths([source]):
            if reading.reason:
                writer.write(reading)
            else:
                numbers.append(reading.registry_no)
        return numbers, writer.n_written


CUT_JSON = b"[" + study_bytes(1) + b"," + study_bytes(2)[:-12]
GARBLED_XML = legacy(2).replace("</brief_title>", "</brief_titel>")
BROKEN_ROW = csv_bytes(csv_row(1), csv_row(2)).replace(b"Trial number 2", b'"Trial number 2')
ROUND_TRIPS = {
    "json": (CUT_JSON, b'"hasResu', b'"hasResults": false}'),
    "json of a wrong value": (BROKEN_JSON, b"2024-33", b"2024-03"),
    "json without a quote": (
        b"[" + UNREADABLE_JSON + b"]",
        b'"RECRUITING,',
        b'"RECRUITING",',
    ),
    "xml of a wrong value": (BROKEN_XML.encode(), b"May 32", b"May 31"),
    "xml that cannot be parsed": (GARBLED_XML.encode(), b"</brief_titel>", b"</brief_title>"),
    "xml cut off": (
        legacy(2).encode()[:-17],
        b"</overall_status>",
        b"</overall_status></clinical_study>",
    ),
    "csv of a wrong value": (csv_bytes(csv_row(5, Enrollment="many")), b"many", b"7"),
    "csv with a quote too many": (BROKEN_ROW, b'"Trial number 2', b"Trial number 2"),
}


def zipped(folder, into):
    with zipfile.ZipFile(into, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return into


@pytest.mark.parametrize("sent_as", ["folder", "zip"])
@pytest.mark.parametrize(("content", "wrong", "right"), ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_one_value_mended_and_all_sent_back_is_taken(tmp_path, content, wrong, right, sent_as):
    folder = tmp_path / "out"
    name = "a.csv" if b"NCT Number" in content else "a.xml" if b"<" in content else "a.json"
    _, n_refused = refused_into(folder, saved(tmp_path / "in", name, content))
    (kept,) = (path for path in folder.rglob("*") if path.is_file() and path.name != REASONS)
    assert (n_refused, kept.suffix) == (1, Path(name).suffix)
    assert kept.read_bytes().count(wrong) == 1
    kept.write_bytes(kept.read_bytes().replace(wrong, right))
    back = folder if sent_as == "folder" else zipped(folder, tmp_path / "back.zip")
    (again,) = read_paths([back])
    assert (again.reason, again.record is not None) == ("", True)


def test_what_was_refused_in_several_formats_can_be_mended_and_read_again(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "out"
    saved(
        source,
        "a.json",
        b"[\n" + b",\n".join([study_bytes(1), BROKEN_JSON, UNREADABLE_JSON]) + b"\n]",
    )
    saved(source, "b.xml", BROKEN_XML)
    saved(source, "c.csv", csv_bytes(csv_row(5, Conditions="a\nb", Enrollment="many"), csv_row(6)))
    saved(source, "d.bin", b"\x00\x01\x02")
    numbers, n_refused = refused_into(folder, source)
    assert (numbers, n_refused) == ([nct(1), nct(6)], 5)
    assert sum(1 for one in read_paths([folder]) if one.reason) == 4

    for file in folder.rglob("*"):
        if file.is_file():
            mended = file.read_bytes().replace(b"2024-33", b"2024-03").replace(b"many", b"7")
            mended = mended.replace(b"May 32", b"May 31").replace(b'"RECRUITING,', b'"RECRUITING",')
            file.write_bytes(mended.replace(b'"RECRUITING}', b'"RECRUITING"}'))
    again = list(read_paths([folder]))
    assert sorted(one.registry_no for one in again if one.record) == [nct(n) for n in (2, 3, 4, 5)]
    assert [one.reason for one in again if one.reason] == []


def test_the_reasons_say_where_and_why(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "out"
    saved(source, "b.xml", BROKEN_XML)
    saved(source, "e.json", b"")
    refused_into(folder, source)
    rows = reasons_in(folder)
    assert [(row["source"], row["position"], row["registry_no"]) for row in rows] == [
        ("b.xml", "1", nct(3)),
        ("e.json", "1", ""),
    ]
    assert "does not exist" in rows[0]["reason"]
    assert (rows[0]["field"], rows[0]["path"]) == ("Start date", "start_date")
    assert (folder / rows[0]["kept_in"]).read_text() == BROKEN_XML
    assert (rows[1]["reason"], rows[1]["kept_in"]) == ("the file is empty", "")


def test_each_fault_of_a_record_has_a_line(tmp_path):
    folder = tmp_path / "out"
    row = csv_row(0, Enrollment="many", Start_Date="soon")
    refused_into(folder, saved(tmp_path / "in", "a.csv", csv_bytes(row | {"NCT Number": "x"})))
    assert [line["field"] for line in reasons_in(folder)] == [
        "NCT Number",
        "Start Date",
        "Number of participants",
    ]


def test_reasons_sent_back_by_themselves_are_no_record(tmp_path):
    folder = tmp_path / "out"
    refused_into(folder, saved(tmp_path / "in", "b.xml", BROKEN_XML))
    renamed = (folder / REASONS).rename(folder / "warum.csv")
    assert list(read_paths([renamed])) == []
    assert REASONS_BEGIN.decode().rstrip(",") == ",".join(REASONS_COLUMNS[:5])


def test_a_folder_that_is_there_is_gone_on_with(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "out"
    saved(source, "a.csv", csv_bytes(csv_row(1, Enrollment="many")))
    saved(source, "b.xml", BROKEN_XML)
    for _ in range(2):
        refused_into(folder, source)
    assert (folder / "refused.csv").read_text().count("many") == 2
    assert len(list((folder / "refused").iterdir())) == 2
    assert len(reasons_in(folder)) == 4
    assert (folder / REASONS).read_bytes().count(b"\xef\xbb\xbf") == 1


def test_rows_under_different_headers_are_kept_apart(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "out"
    bad = csv_row(1, Start_Date="soon")
    saved(source, "a.csv", csv_bytes(bad))
    saved(source, "b.csv", csv_bytes(bad, header=("NCT Number", "Start Date")))
    refused_into(folder, source)
    assert (folder / "refused.csv").read_text().count("\n") == 2
    assert (folder / "refused-2.csv").read_text() == "NCT Number,Start Date\nNCT00000001,soon\n"


def test_nothing_is_written_where_nothing_was_refused(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "out"
    saved(source, "a.json", study_bytes(1))
    assert refused_into(folder, source) == ([nct(1)], 0)
    assert not folder.exists()


def test_a_good_reading_is_not_put_aside(tmp_path):
    with RefusalWriter(tmp_path) as writer, pytest.raises(ValueError, match="was not refused"):
        writer.write(Reading("a.json", 1))


def test_a_name_in_the_report_runs_no_formula_and_leaves_no_folder(tmp_path):
    with RefusalWriter(tmp_path) as writer:
        kept = writer.write(
            Reading("=cmd|x", 1, reason="r", raw=b"<x/>", media="xml", registry_no="../../../x")
        )
    assert (tmp_path / kept).resolve().parent == tmp_path / "refused"
    assert "\n'=cmd|x," in (tmp_path / REASONS).read_text(encoding="utf-8-sig")

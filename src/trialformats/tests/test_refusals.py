"""Refused records put aside, mended, and sent again."""

import csv

import pytest

from trialformats.refusals import REPORT, RefusalWriter
from trialformats.sources import Reading, read_paths
from trialformats.tests.making import csv_bytes, csv_row, legacy, nct, saved, study_bytes

BROKEN_JSON = study_bytes(2).replace(b"2024-03", b"2024-33")
UNREADABLE_JSON = study_bytes(4).replace(b'"RECRUITING"', b'"RECRUITING')
BROKEN_XML = legacy(3, inside="<start_date>May 32, 2020</start_date>")


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


def test_what_was_refused_can_be_mended_and_read_again(tmp_path):
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

    (folder / REPORT).rename(tmp_path / REPORT)
    assert sum(1 for one in read_paths([folder]) if one.reason) == 4
    for file in folder.rglob("*"):
        if file.is_file():
            mended = file.read_bytes().replace(b"2024-33", b"2024-03").replace(b"many", b"7")
            mended = mended.replace(b"May 32", b"May 31").replace(b'"RECRUITING,', b'"RECRUITING",')
            file.write_bytes(mended.replace(b'"RECRUITING}', b'"RECRUITING"}'))
    again = list(read_paths([folder]))
    assert sorted(one.registry_no for one in again if one.record) == [nct(n) for n in (2, 3, 4, 5)]
    assert [one.reason for one in again if one.reason] == []


def test_the_report_says_where_and_why(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "out"
    saved(source, "b.xml", BROKEN_XML)
    saved(source, "e.json", b"")
    refused_into(folder, source)
    with (folder / REPORT).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["position"], row["registry_no"]) for row in rows] == [
        ("b.xml", "1", nct(3)),
        ("e.json", "1", ""),
    ]
    assert "does not exist" in rows[0]["reason"]
    assert rows[0]["field"] == "start_date"
    assert (folder / rows[0]["kept_in"]).read_text() == BROKEN_XML
    assert (rows[1]["reason"], rows[1]["kept_in"]) == ("the file is empty", "")


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
    assert "\n'=cmd|x," in (tmp_path / REPORT).read_text(encoding="utf-8-sig")

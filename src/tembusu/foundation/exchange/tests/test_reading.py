"""Tables in any dress are read; what would fill the memory is refused before it is opened."""

import io
import zipfile

import openpyxl
import pytest

from tembusu.foundation.exchange import reading
from tembusu.foundation.exchange.reading import FileFault
from tembusu.foundation.exchange.tests.conftest import csv_file, workbook

ROW = ("Rain Tree General Hospital", "Café “Tembusu”", "14/03/2019")


def written(tmp_path, content):
    path = tmp_path / "sent"
    path.write_bytes(content)
    return path


def cells(path):
    return [row.cells for row in reading.rows(path, reading.describe(path))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_is_read_in_any_dress(tmp_path, encoding, delimiter):
    content = csv_file(ROW, delimiter=delimiter, encoding=encoding).read()
    assert cells(written(tmp_path, content))[1] == ROW


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252"])
def test_a_file_in_another_encoding_is_kept_too(check, encoding):
    row = ("Rain Tree General Hospital", "Café", "14/03/2019")
    assert check(csv_file(row, encoding=encoding, delimiter=";")).counts == {"new": 1}


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path):
    path = written(tmp_path, b'sep=;\na;b\n"two\nlines";x\n\nc;d\n')
    found = list(reading.rows(path, reading.describe(path)))
    assert [(row.line, row.cells) for row in found] == [
        (2, ("a", "b")),
        (3, ("two\nlines", "x")),
        (5, ("c", "d")),
    ]


def test_a_quotation_mark_that_is_never_closed_is_told(tmp_path):
    path = written(tmp_path, b'a,b\n"' + b"x,y\n" * 20_000)
    with pytest.raises(FileFault, match=r"quotation mark|cannot be read on"):
        list(reading.rows(path, reading.describe(path)))


def test_a_file_with_too_many_rows_is_refused(tmp_path):
    path = written(tmp_path, b"a,b\n" * (reading.MOST_ROWS + 1))
    with pytest.raises(FileFault, match="more than 50,000 rows"):
        list(reading.rows(path, reading.describe(path)))


def test_a_workbooks_values_come_as_plain_texts(tmp_path):
    import datetime as dt

    sent = workbook(
        (dt.date(2026, 3, 14), 12.0, 12.5),
        (True, dt.datetime.fromisoformat("2026-03-01T09:30"), " x "),
    )
    assert cells(written(tmp_path, sent.read()))[1:] == [
        ("2026-03-14", "12", "12.5"),
        ("TRUE", "2026-03-01 09:30:00", "x"),
    ]


def packed(parts):
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return into.getvalue()


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading.workbook, "MOST_UNPACKED", 1024)
    path = written(tmp_path, packed({"xl/workbook.xml": "<x/>", "xl/a.xml": " " * 5000}))
    with pytest.raises(FileFault, match="far too much"):
        reading.describe(path)


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path):
    content = packed({"xl/workbook.xml": "<x/>", "xl/a.xml": " " * 5000})
    lying = content.replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != content
    with pytest.raises(FileFault, match="broken"):
        reading.describe(written(tmp_path, lying))


def test_a_cell_at_the_far_end_of_a_sheet_is_refused_before_it_is_laid_out(tmp_path):
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = "x"
    into = io.BytesIO()
    book.save(into)
    with pytest.raises(FileFault, match="reaches to row 1,048,576 and column 16,384"):
        reading.describe(written(tmp_path, into.getvalue()))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed({"word/document.xml": "<x/>"}), "no Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "older or a locked workbook"),
        (b"<html><table>", "HTML"),
        (b"\x81\x8d\x8f", "no usual encoding"),
    ],
)
def test_what_is_no_table_says_what_to_send(tmp_path, content, says):
    with pytest.raises(FileFault, match=says):
        reading.describe(written(tmp_path, content))

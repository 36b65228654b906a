import csv
import io

import pytest

from tembusu.foundation.ui import downloads


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("plain", "plain"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+65 6123", "'+65 6123"),
        ("-1+2", "'-1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        (-5, "-5"),
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (["a", "b"], "a; b"),
        (["=a"], "'=a"),
    ],
)
def test_a_cell_is_never_run_as_a_formula(value, cell):
    assert downloads.cell(value) == cell


def test_the_file_reads_back_as_it_was_and_has_one_byte_order_mark():
    rows = [["a", 'quote " and, comma'], ["b\nc", "ü 中"]]
    text = "".join(downloads.csv_lines(["one", "two"], rows))
    assert text.count(downloads.BOM) == 1
    assert list(csv.reader(io.StringIO(text.removeprefix(downloads.BOM)))) == [
        ["one", "two"],
        *rows,
    ]


def test_rows_are_taken_as_they_are_sent():
    taken = []

    def rows():
        for n in range(3):
            taken.append(n)
            yield [n]

    answer = downloads.csv_response("a.csv", ["n"], rows())
    lines = iter(answer.streaming_content)
    next(lines), next(lines)
    assert taken == [0]
    assert answer["Content-Disposition"] == 'attachment; filename="a.csv"'

"""Reading event logs: every row is in the log or told with its line."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.support.shared import shared_path

from trialtime.process import Columns, EventLog, LogRefused, Reading, make_report, read_log, reading
from trialtime.process.logs import microseconds
from trialtime.process.timestamps import read_stamps

HEAD = "case_id,activity,timestamp,note\n"


def read(folder: Path, text: str | bytes, columns: Columns = Columns()) -> Reading:  # noqa: B008
    path = folder / "log.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_log(path, columns)


def events(log: EventLog) -> list[tuple[str, str]]:
    return [
        (log.cases[case], log.activities[activity])
        for case, activity in zip(log.case, log.activity, strict=True)
    ]


def lines(found: Reading) -> list[int]:
    return [fault.line for fault in found.faults]


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        (
            "hospital_billing",
            Columns(),
            (10_000, 49_951, 16, 288, 150.451649, 165.484235),
        ),
        ("traffic_fines", Columns(), (10_000, 34_724, 11, 44, 125.0, 296.1351)),
        (
            "patients",
            Columns("patient", "handling", "time"),
            (500, 5_442, 7, 13, 6.085509, 6.676308),
        ),
    ],
)
def test_the_real_logs_give_the_figures_that_pandas_and_pm4py_give(
    name: str, columns: Columns, expected: tuple[float, ...]
) -> None:
    """`bench/process.py --logs` computes them with pm4py, and with pandas, independently."""
    found = read_log(shared_path(f"data/event_logs/{name}.csv.gz"), columns)
    assert tuple(make_report(found.log).summary().values()) == expected
    assert found.n_refused == 0


def test_a_case_called_na_or_null_or_nothing_is_a_case(tmp_path: Path) -> None:
    text = HEAD + "NA,A,2024-01-01,\nnull,A,2024-01-01,\n,A,2024-01-01,\nNaN,A,2024-01-01,\n"
    found = read(tmp_path, text)
    assert found.log.cases == ["NA", "null", "", "NaN"]
    assert found.notices == ("1 row names no case: counted as one case without a name.",)


def test_an_activity_without_a_name_is_one_activity_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "1,,2024-01-01,\n1,,2024-01-02,\n1,B,2024-01-02,\n")
    assert found.log.activities == ["", "B"]
    assert found.notices == ("2 rows name no activity: counted as one activity without a name.",)


def test_rows_of_another_width_and_times_that_are_none_are_told_with_their_lines(
    tmp_path: Path,
) -> None:
    text = (
        HEAD
        + '1,"a\nname on two lines",2024-01-01,\n'  # lines 2 and 3
        + "\n"  # an empty line is no row
        + "1,B,21/03/2024,\n"  # line 5
        + "1,C\n"  # line 6
        + '"1","D, too",2024-02-30,"x\ny"\n'  # lines 7 and 8
        + "1,E,2024-01-05,\n"
        + "1,F,2024-01-06,,,\n"  # line 10
        + "1,G,,\n"  # line 11
    )
    found = read(tmp_path, text)
    assert events(found.log) == [("1", "a\nname on two lines"), ("1", "E")]
    assert found.n_refused == 5
    assert lines(found) == [5, 6, 7, 10, 11]
    assert found.faults[0].reason.startswith("'21/03/2024' is no time: write it as 2024-03-21")
    assert found.faults[1].reason == "2 fields, and the header names 4: see to its commas."
    assert str(found.faults[2]).startswith("Line 7: '2024-02-30' is no time")


def test_a_name_that_only_refused_rows_hold_is_not_in_the_log(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "1,A,never,\n2,B,2024-01-01,\n3,A,2024-01-01,\n4,C,-,\n")
    assert found.log.cases == ["2", "3"]
    assert found.log.activities == ["A", "B"]
    assert events(found.log) == [("2", "B"), ("3", "A")]


def test_a_log_in_many_pieces_is_the_log_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        f"c{no % 37},a{no % 11},{'x' if no % 101 == 7 else f'2024-01-{1 + no % 28:02}'},\n"
        for no in range(3000)
    ]
    whole = read(tmp_path, HEAD + "".join(rows))
    monkeypatch.setattr(reading, "BLOCK", 1000)
    pieces = read(tmp_path, HEAD + "".join(rows))
    assert events(pieces.log) == events(whole.log)
    assert pieces.log.time.tolist() == whole.log.time.tolist()
    assert lines(pieces) == lines(whole) == [2 + no for no in range(3000) if no % 101 == 7]


def test_events_of_one_time_stay_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = HEAD + "1,C,2024-01-02,\n2,A,2024-01-01,\n1,B,2024-01-01,\n1,A,2024-01-01,\n"
    found = read(tmp_path, text)
    assert events(found.log) == [("1", "B"), ("1", "A"), ("1", "C"), ("2", "A")]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + HEAD.encode() + "é,A,2024-01-01,\n".encode(),
        (HEAD + "é,A,2024-01-01,\n").encode("utf-16"),
        (HEAD.replace(",", ";") + "é;A;2024-01-01;\n").encode(),
        (HEAD.replace(",", "\t") + "é\tA\t2024-01-01\t\n").encode(),
        ("\r\n\n" + HEAD.replace("\n", "\r\n") + "é,A,2024-01-01,\r\n").encode(),
        (HEAD + "é,A,2024-01-01,").encode(),
        gzip.compress((HEAD + "é,A,2024-01-01,\n").encode()),
        gzip.compress(HEAD.encode()) + gzip.compress("é,A,2024-01-01,\n".encode()),
        '"timestamp","a ""note""","two\nlines","activity","case_id"\n2024-01-01,,,A,é\n'.encode(),
    ],
)
def test_files_are_read_however_they_are_written(tmp_path: Path, text: bytes) -> None:
    found = read(tmp_path, text)
    assert events(found.log) == [("é", "A")]
    assert found.log.time.tolist() == [microseconds(datetime(2024, 1, 1, tzinfo=UTC))]
    assert found.notices == ()


def test_what_is_not_unicode_is_read_as_windows_1252_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, (HEAD + "Müller,A,2024-01-01,\nx,B,no,\n").encode("windows-1252"))
    assert found.log.cases == ["Müller"]
    assert lines(found) == [3]
    assert found.notices == ("The file is not UTF-8: it was read as Windows-1252.",)


def test_a_log_without_rows_is_an_empty_log(tmp_path: Path) -> None:
    report = make_report(read(tmp_path, HEAD).log)
    assert list(report.summary().values()) == [0, 0, 0, 0, None, None]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (
            "case_id,what,timestamp\n",
            r"no column 'activity'. It has: 'case_id', 'what', 'timestamp'",
        ),
        ("case_id,activity,timestamp,activity\n", "two columns 'activity'"),
        (HEAD + "1,A,soon,\n", "none of its 1 rows can be read. Line 2: 'soon' is no time"),
        (gzip.compress((HEAD + "1,A,2024-01-01,\n" * 5000).encode())[:90], "cut off or damaged"),
        (b"\x1f\x8b no gzip at all", "cut off or damaged"),
        (HEAD + '1,"A,2024-01-01,\n' + "1,A,2024-01-01,\n" * 90, "goes on to line 92; look for"),
    ],
)
def test_what_is_no_event_log_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(LogRefused, match=says):
        read(tmp_path, text)


def test_three_columns_have_to_be_three(tmp_path: Path) -> None:
    with pytest.raises(LogRefused, match="name three different ones"):
        read(tmp_path, HEAD, Columns("case_id", "case_id", "timestamp"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", "2024-02-29T00:00:00"),
        ("2023-02-29", None),
        ("2024-03-21 14:30", "2024-03-21T14:30:00"),
        ("2024-03-21T14:30:00", "2024-03-21T14:30:00"),
        (" 2024-03-21T14:30:00 ", "2024-03-21T14:30:00"),
        ("2024-03-21T14:30:00.5", "2024-03-21T14:30:00.500000"),
        ("2024-03-21T14:30:00.123456789", "2024-03-21T14:30:00.123456"),
        ("2024-03-21T14:30:00Z", "2024-03-21T14:30:00+00:00"),
        ("2024-03-21T14:30:00+08:00", "2024-03-21T06:30:00+00:00"),
        ("2024-03-21 14:30:00.25-0330", "2024-03-21T18:00:00.250000+00:00"),
        ("2024-03-21T14:30:00+08", "2024-03-21T06:30:00+00:00"),
        ("1899-12-31", "1899-12-31T00:00:00"),
        ("20240321", "2024-03-21T00:00:00"),
        ("2024-03-21T25:00:00", None),
        ("21.03.2024", None),
        ("1710991800", None),
        ("", None),
        ("NA", None),
    ],
)
def test_a_time_is_read_alone_and_among_others_alike(text: str, expected: str | None) -> None:
    among = ["2024-01-01", "2024-01-01T00:00:00Z", "no time", text]
    for texts in ([text], among):
        stamps = read_stamps(pa.array(texts))
        assert bool(stamps.is_read[-1]) == (expected is not None)
        if expected is not None:
            when = datetime.fromisoformat(expected)
            assert int(stamps.time[-1]) == microseconds(when)
            assert bool(stamps.is_zoned[-1]) == (when.tzinfo is not None)


def test_times_with_and_without_a_zone_in_one_log_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "1,B,2024-01-01T08:30:00+08:00,\n1,A,2024-01-01,\n")
    assert events(found.log) == [("1", "A"), ("1", "B")]
    assert found.notices == ("1 times have a zone and 1 have none: those without count as UTC.",)


def test_a_quotation_mark_that_is_not_closed_is_told(tmp_path: Path) -> None:
    """It makes the rest of the file one value, here of a column that nobody asks for."""
    text = HEAD + '1,A,2024-01-01,\n1,B,2024-01-02,"open\n1,C,2024-01-03,\n1,D,2024-01-04,\n'
    found = read(tmp_path, text)
    assert events(found.log) == [("1", "A"), ("1", "B")]
    (notice,) = found.notices
    assert (
        notice == "Line 3: the row goes on to line 5; look for a quotation mark that is not closed."
    )


def test_a_stray_quotation_mark_inside_a_value_is_a_sign_as_any_other(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + '1,5" pipe,2024-01-01,\n1,B,2024-01-02,\n')
    assert events(found.log) == [("1", '5" pipe'), ("1", "B")]
    assert found.notices == ()

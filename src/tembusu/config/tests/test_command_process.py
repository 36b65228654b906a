"""`tembusu process-report`: figures on the last line, faults with their lines, files beside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from tembusu.config.commands.process import process_report

LOG = """case_id,activity,timestamp
S1,Selected,2024-01-01
S1,Ethics approved,2024-02-01
S1,Site open,2024-03-01
NA,Selected,2024-01-01
NA,Site open,2024-01-11
"""
FIGURES = {
    "cases": 2,
    "events": 5,
    "activities": 3,
    "variants": 2,
    "median_days": 35.0,
    "mean_days": 35.0,
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(process_report, [str(word) for word in words])


def test_the_last_line_is_the_figures_without_spaces(log: Path) -> None:
    done = run(log)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == json.dumps(FIGURES, separators=(",", ":"))
    assert "Selected" in done.stdout
    assert done.stderr == ""


def test_with_json_the_figures_are_all_that_is_printed(log: Path) -> None:
    assert json.loads(run(log, "--json").stdout) == FIGURES


def test_other_names_of_columns_are_said(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("Who,What,When\n1,A,2024-01-01T08:00:00+08:00\n", encoding="utf-8")
    done = run(path, "--case", "Who", "--activity", "What", "--timestamp", "When", "--json")
    assert json.loads(done.stdout)["cases"] == 1


def test_missing_columns_are_refused_with_those_there_are(log: Path) -> None:
    done = run(log, "--case", "site")
    assert done.exit_code == 1
    assert "no column 'site'. It has: 'case_id', 'activity', 'timestamp'" in done.stderr
    assert done.stdout == ""


def test_refused_rows_are_told_with_their_lines_and_the_others_count(log: Path) -> None:
    log.write_text(LOG + "S2,Selected,soon\nS2,Selected\n", encoding="utf-8")
    done = run(log, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == FIGURES
    assert "2 rows were refused" in done.stderr
    assert "Line 7: 'soon' is no time" in done.stderr
    assert "Line 8: 2 fields, and the header names 3" in done.stderr


def test_of_many_refused_rows_the_first_are_shown(log: Path) -> None:
    log.write_text(LOG + "S2,Selected,soon\n" * 50, encoding="utf-8")
    done = run(log, "--json")
    assert "50 rows were refused" in done.stderr
    assert done.stderr.count("is no time") == 20
    assert "--report lists the first thousand" in done.stderr


def test_everything_goes_to_files_on_request(log: Path, tmp_path: Path) -> None:
    report, xes, ocel = (tmp_path / name for name in ("all.json", "log.xes", "log.json"))
    assert run(log, "--json", "--report", report, "--xes", xes, "--ocel", ocel).exit_code == 0
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["summary"] == FIGURES
    assert told["edges"][0]["source"] == "Ethics approved"
    assert told["variants"][0] == {
        "activities": ["Selected", "Ethics approved", "Site open"],
        "n_cases": 1,
    }
    assert len(etree.parse(xes).findall(".//{*}event")) == 5
    assert len(json.loads(ocel.read_text(encoding="utf-8"))["events"]) == 5


def test_a_file_that_cannot_be_written_is_refused(log: Path, tmp_path: Path) -> None:
    done = run(log, "--xes", tmp_path / "nowhere" / "log.xes")
    assert done.exit_code == 1
    assert "can't be written: No such file or directory" in done.stderr


def test_a_pathway_tells_which_needs_are_broken(log: Path, tmp_path: Path) -> None:
    pathway, report = tmp_path / "pathway.toml", tmp_path / "all.json"
    pathway.write_text(
        '[needs]\n"Selected" = []\n"Ethics approved" = ["Selected"]\n'
        '"Site open" = ["Ethics approved"]\n',
        encoding="utf-8",
    )
    done = run(log, "--pathway", pathway, "--report", report)
    assert "1 of 2 cases (50.0%) keep the pathway" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == FIGURES
    (breach,) = json.loads(report.read_text(encoding="utf-8"))["conformance"]["breaches"]
    assert breach == {
        "activity": "Site open",
        "needs": "Ethics approved",
        "cases": ["NA"],
        "n_never": 1,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("needs = 3", "needs a table [needs]"),
        ("[needs]\nA = 'B'", "needs a table [needs]"),
        ("[needs\n", "is no TOML file"),
        ('[needs]\nA = ["B"]\nB = ["A"]', "runs in a circle"),
        ('[needs]\nA = ["B"]', "'A' needs 'B', which the pathway does not name"),
    ],
)
def test_a_pathway_that_cannot_be_is_refused(
    log: Path, tmp_path: Path, text: str, says: str
) -> None:
    pathway = tmp_path / "pathway.toml"
    pathway.write_text(text, encoding="utf-8")
    done = run(log, "--pathway", pathway)
    assert done.exit_code == 1
    assert says in done.stderr


def test_a_log_without_events_has_no_median(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("case_id,activity,timestamp\n", encoding="utf-8")
    assert json.loads(run(path).stdout.splitlines()[-1])["median_days"] is None


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "case_id,activity,timestamp\n1,\x1b[31m[bold]red,2024-01-01\n", encoding="utf-8"
    )
    said = run(path).stdout
    assert "\x1b[31m" not in said
    assert "�[31m[bold]red" in said

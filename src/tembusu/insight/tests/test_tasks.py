"""Committee papers as jobs: made from the figures, marked, kept, and never made twice."""

import csv
import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.foundation.core import files, jobs
from tembusu.foundation.core.jobs import JobRun
from tembusu.foundation.core.models import Job
from tembusu.insight import tasks
from tembusu.insight.actions import ask_for_paper
from tembusu.insight.rules.papers import PaperRefused, quarters_up_to
from tembusu.insight.selectors import papers, tables
from tembusu.insight.tests.conftest import AT

QUARTER = date(2026, 1, 1)


@pytest.fixture
def paper(cast):
    asked = ask_for_paper(quarter=QUARTER, is_synthetic=True, by=cast.analyst, at=AT)
    jobs.run(asked.job_id)
    asked.refresh_from_db()
    return asked


def content(sha256):
    return files.path_of(sha256).read_bytes()


def test_a_paper_has_its_pdf_picture_and_table_which_reconcile_with_the_figures(paper, enter, cast):
    assert paper.state == "made", Job.objects.get(pk=paper.job_id).error
    pdf = content(paper.pdf)
    assert pdf.startswith(b"%PDF")
    assert b"pdfuaid" in pdf
    assert content(paper.png).startswith(b"\x89PNG")
    told = list(csv.reader(io.StringIO(content(paper.csv).decode("utf-8-sig"))))
    view = papers.view_of(QUARTER, date.fromisoformat(paper.facts["rows"][0][-1]))
    shown = [
        ["" if cell is None else str(cell) for cell in row] for row in tables.figure_rows(view)
    ]
    assert told[0] == list(tables.HEADING)
    assert told[1:-1] == shown
    assert told[-1][0] == "Synthetic data"
    answer = enter(cast.analyst).get("/insight/papers/")
    assert "2026 Q1" in answer.content.decode()
    for kind in ("pdf", "png", "csv"):
        sent = enter(cast.analyst).get(f"/insight/papers/{paper.pk}/{kind}/")
        assert b"".join(sent.streaming_content) == content(getattr(paper, kind))
    assert enter(cast.analyst).get(f"/insight/papers/{paper.pk}/exe/").status_code == 404
    assert enter(cast.representative).get(f"/insight/papers/{paper.pk}/pdf/").status_code == 404
    assert enter(cast.representative).get("/insight/papers/").status_code == 403


def test_a_paper_that_is_made_stays_when_its_job_runs_again(paper):
    before = (paper.pdf, paper.made_at)
    job = Job.objects.get(pk=paper.job_id)
    tasks.make_paper(JobRun(job=job, arguments=job.arguments, by=job.requested_by))
    paper.refresh_from_db()
    assert (paper.pdf, paper.made_at) == before


def test_only_the_coordinating_body_makes_papers(cast):
    with pytest.raises(PermissionDenied):
        ask_for_paper(quarter=QUARTER, is_synthetic=True, by=cast.representative, at=AT)


@pytest.mark.parametrize("quarter", [date(2027, 1, 1), date(2026, 2, 1)])
def test_a_quarter_that_there_is_not_is_refused(cast, quarter):
    with pytest.raises(PaperRefused):
        ask_for_paper(quarter=quarter, is_synthetic=True, by=cast.analyst, at=AT)


def test_quarters_are_offered_newest_first():
    assert quarters_up_to(date(2026, 11, 21), 3) == [
        date(2026, 10, 1),
        date(2026, 7, 1),
        date(2026, 4, 1),
    ]

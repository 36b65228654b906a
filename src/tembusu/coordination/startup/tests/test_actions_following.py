"""Milestones follow submissions and studies, as often as one likes."""

from datetime import date

import pytest

from tembusu.coordination.registry.terms import STUDIES_CHANGED
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.startup import actions
from tembusu.coordination.startup.actions import following
from tembusu.coordination.startup.models import Hold, SiteMilestone
from tembusu.coordination.startup.tests.conftest import AT
from tembusu.coordination.submissions.terms import BodyTurn, Stop, SubmissionKind, SubmissionState
from tembusu.foundation.core import audit, outbox
from tembusu.foundation.core.models import AuditEvent

JAN10, FEB1, FEB9, MAR1, APR1 = (
    date(2026, 1, 10), date(2026, 2, 1), date(2026, 2, 9), date(2026, 3, 1), date(2026, 4, 1),
)  # fmt: skip


def turn(study, **more):
    given = {
        "submission_id": 7, "study_id": study.pk, "body_id": 1, "body_kind": "ethics_board",
        "kind": SubmissionKind.INITIAL, "obligation": "ethics", "site_ids": (),
        "submitted_date": FEB1, "received_date": FEB1, "queries": (), "decided_date": None,
        "outcome": "", "valid_to": None, "state": SubmissionState.UNDER_REVIEW,
    }  # fmt: skip
    return BodyTurn(**(given | more))


@pytest.fixture
def follow(study, monkeypatch):
    """Follow submissions as that room would tell them: ``follow(queries=…)``."""

    def go(**more):
        told = [turn(study, **more)]
        monkeypatch.setattr(following.submissions, "board_and_regulator_turns", lambda ids: told)
        return actions.follow_submissions(study_ids=[study.pk], by=None, at=AT)

    return go


def row(path, key):
    return SiteMilestone.objects.get(site_pathway=path, key=key)


def test_sending_querying_and_deciding_move_the_milestones(path, go_on, follow):
    go_on(confirmed=JAN10)
    assert follow() == 1
    sent = row(path, "submitted")
    assert (sent.state, sent.completed_date) == ("completed", FEB1)
    assert sent.evidence_ref == "submissions.Submission:7"
    assert follow() == 0
    assert follow(queries=(Stop(FEB9, None),)) == 1
    path.refresh_from_db()
    assert row(path, "approved").state == "on_hold"
    assert "site" in path.holders
    answered = {"queries": (Stop(FEB9, MAR1),)}
    assert follow(**answered) == 1
    assert follow(**answered, decided_date=APR1, outcome="approved") == 1
    assert row(path, "approved").completed_date == APR1
    hold = Hold.objects.get()
    assert (hold.waiting_on, hold.start_date, hold.end_date) == ("site", FEB9, MAR1)
    assert follow(**answered, decided_date=APR1, outcome="approved") == 0


@pytest.mark.parametrize(
    "more",
    [
        {"outcome": "refused", "decided_date": APR1},
        {"kind": SubmissionKind.AMENDMENT, "outcome": "approved", "decided_date": APR1},
        {"site_ids": (0,), "outcome": "approved", "decided_date": APR1},
    ],
)
def test_what_does_not_approve_this_site_completes_nothing(path, go_on, follow, more):
    go_on(confirmed=JAN10, submitted=FEB1)
    assert follow(**more) == 0
    assert row(path, "approved").state == "not_started"


def test_what_contradicts_the_sites_dates_is_left_and_told_once(path, follow):
    for _ in range(2):
        assert follow() == 0
    assert row(path, "submitted").state == "not_started"
    (event,) = AuditEvent.objects.filter(event="startup.milestone.not_followed")
    assert event.reason == "Submitted needs first: Confirmed."
    assert audit.ref(path) in event.records


def test_a_site_is_counted_under_what_its_study_says_now(path, study, bring):
    assert path.therapeutic_area == "oncology"
    bring(trial(1, "Dengue", conditions=["Dengue"], phase="PHASE2", updated="2026-03-01"))
    assert STUDIES_CHANGED.name in {kind.name for kind in outbox.kinds()}
    outbox.deliver(at=AT)
    path.refresh_from_db()
    assert (path.therapeutic_area, path.phase) == ("infectious_disease", "PHASE2")
    assert actions.follow_studies(study_ids=[study.pk], by=None, at=AT) == 0

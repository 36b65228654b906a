"""Milestones move: who may, what is refused with both dates named, what follows, what is told."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import Hold, SiteMilestone
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.terms import MILESTONES_CHANGED, PathState, StartupRefused
from tembusu.coordination.startup.tests.conftest import AT, SELECTED
from tembusu.foundation.core import audit
from tembusu.foundation.core.models import OutboxEvent
from tembusu.foundation.core.states import IllegalMove, Refusal

JAN10, FEB1, MAR1, APR1 = date(2026, 1, 10), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
LATER = AT + timedelta(hours=3)


def row(path, key):
    return SiteMilestone.objects.get(site_pathway=path, key=key)


def test_a_selected_site_waits_on_the_first_party(path):
    assert (path.state, path.stage, path.holders) == ("under_way", "feasibility", ["sponsor"])
    assert path.waiting_since == SELECTED
    assert path.milestones.count() == 8


def test_branches_run_side_by_side(path, go_on):
    go_on(confirmed=JAN10)
    assert path.holders == ["institution", "site", "regulator"]
    assert path.waiting_since == JAN10
    # 20 working days from 10 January: New Year is past, Chinese New Year is 17 and 18 February.
    assert row(path, "signed").due_date == date(2026, 2, 6)


def test_a_completion_keeps_when_it_happened_and_when_it_was_told(path, cast):
    actions.start_milestone(path=path, key="confirmed", day=SELECTED, by=cast.sponsor, at=AT)
    actions.complete_milestone(path=path, key="confirmed", day=JAN10, by=cast.sponsor, at=LATER)
    done = row(path, "confirmed")
    assert (done.started_date, done.completed_date) == (SELECTED, JAN10)
    assert (done.started_recorded_at, done.completed_recorded_at) == (AT, LATER)
    assert done.completed_by == cast.sponsor
    event = audit.last_event(audit.ref(path))
    assert event.event == "startup.milestone.completed"
    assert event.change == {"milestone": "Confirmed", "on": "2026-01-10", "evidence": ""}
    assert audit.ref(path.study_site.study) in event.records


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("investigator", True),
        ("coordinator", True),
        ("representative", True),
        ("cluster", True),
        ("sponsor", True),
        ("analyst", True),
        ("lead", True),
        ("monitor", False),
        ("neighbour", False),
        ("rival", False),
        ("administrator", False),
        ("nobody", False),
    ],
)
def test_milestones_are_recorded_by_those_of_the_site_study_and_institution(path, cast, who, may):
    by = getattr(cast, who)
    if may:
        actions.complete_milestone(path=path, key="confirmed", day=JAN10, by=by, at=AT)
    else:
        with pytest.raises(PermissionDenied, match="needs the role"):
            actions.complete_milestone(path=path, key="confirmed", day=JAN10, by=by, at=AT)
        assert row(path, "confirmed").state == "not_started"


@pytest.mark.parametrize(
    ("key", "day", "says"),
    [
        ("confirmed", date(2026, 6, 2), "2 Jun 2026, but today is 1 Jun 2026"),
        ("confirmed", date(2026, 1, 4), "4 Jan 2026, but the site was selected on 5 Jan 2026"),
        ("signed", JAN10, "Signed needs first: Confirmed"),
        ("ready", MAR1, "Still to be settled: Confirmed, Signed"),
        ("lunch", MAR1, "has no milestone lunch"),
    ],
)
def test_what_can_not_be_is_refused_and_changes_nothing(path, key, day, says):
    before = list(SiteMilestone.objects.values_list("state", "completed_date"))
    with pytest.raises(Refusal, match=says):
        actions.complete_milestone(path=path, key=key, day=day, evidence="x", by=None, at=AT)
    assert list(SiteMilestone.objects.values_list("state", "completed_date")) == before


def test_completed_before_what_it_needs_is_refused_unless_the_pathway_lets_it(path, go_on):
    go_on(confirmed=FEB1)
    with pytest.raises(dates.ContradictoryDates, match=r"10 Jan 2026, but Confirmed.*1 Feb 2026"):
        actions.complete_milestone(path=path, key="signed", day=JAN10, evidence="x", by=None, at=AT)
    go_on(trained=JAN10)
    assert row(path, "trained").completed_date == JAN10


def test_evidence_is_asked_for_where_the_pathway_does(path, go_on):
    go_on(confirmed=JAN10)
    with pytest.raises(StartupRefused, match="asks for evidence: Number of the agreement"):
        actions.complete_milestone(path=path, key="signed", day=FEB1, by=None, at=AT)


def test_the_second_to_complete_is_told_who_was_first(path, cast):
    given = {"path": path, "key": "confirmed", "by": cast.coordinator, "at": AT}
    actions.complete_milestone(day=JAN10, **given)
    with pytest.raises(dates.CompletedAlready, match=r"Siti recorded today at 09:00.*10 Jan 2026"):
        actions.complete_milestone(path=path, key="confirmed", day=FEB1, by=cast.sponsor, at=LATER)
    assert row(path, "confirmed").completed_date == JAN10


def test_a_hold_passes_the_turn_and_stops_the_clock(path, go_on):
    go_on(confirmed=JAN10)
    held = {"path": path, "key": "signed", "by": None, "at": AT}
    actions.hold_milestone(
        waiting_on="sponsor", reason_code="answer", start_date=FEB1, note="Clause 4", **held
    )
    path.refresh_from_db()
    assert path.holders == ["sponsor", "site", "regulator"]
    assert row(path, "signed").due_date is None
    actions.resume_milestone(path=path, key="signed", day=MAR1, by=None, at=AT)
    assert row(path, "signed").state == "not_started"
    # 28 days that did not count, Chinese New Year among them.
    assert row(path, "signed").due_date == date(2026, 3, 6)
    with pytest.raises(dates.OverlappingHolds, match="from 1 Feb 2026 to 1 Mar 2026"):
        actions.hold_milestone(
            waiting_on="sponsor", reason_code="legal", start_date=date(2026, 2, 20), **held
        )


def test_completing_ends_the_hold(path, go_on):
    go_on(confirmed=JAN10)
    actions.hold_milestone(
        path=path, key="submitted", waiting_on="pharmacy", reason_code="legal", start_date=FEB1,
        by=None, at=AT,
    )  # fmt: skip
    go_on(submitted=MAR1)
    assert Hold.objects.get().end_date == MAR1
    with pytest.raises(IllegalMove, match="not on hold"):
        actions.resume_milestone(path=path, key="submitted", day=APR1, by=None, at=AT)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"waiting_on": "tailor"}, "tailor is no party"),
        ({"reason_code": "rain"}, "rain is no delay reason. Reasons are legal, answer"),
        ({"end_date": JAN10}, r"begins on 1 Feb 2026, but ends on 10 Jan 2026"),
        ({"start_date": date(2026, 7, 1)}, "1 Jul 2026, but today"),
    ],
)
def test_a_hold_that_can_not_be_is_refused(path, go_on, more, says):
    go_on(confirmed=JAN10)
    given = {"waiting_on": "sponsor", "reason_code": "legal", "start_date": FEB1} | more
    with pytest.raises(StartupRefused, match=says):
        actions.hold_milestone(path=path, key="signed", by=None, at=AT, **given)


def test_a_past_hold_is_recorded_within_the_milestone(path, go_on):
    go_on(confirmed=JAN10, submitted=FEB1)
    given = {"path": path, "key": "submitted", "waiting_on": "sponsor", "reason_code": "legal"}
    actions.hold_milestone(start_date=JAN10, end_date=date(2026, 1, 20), by=None, at=AT, **given)
    assert row(path, "submitted").state == "completed"
    with pytest.raises(dates.ContradictoryDates, match=r"ends on 1 Mar 2026.*completed on 1 Feb"):
        actions.hold_milestone(start_date=FEB1, end_date=MAR1, by=None, at=AT, **given)


def test_the_gate_opens_the_site_only_when_all_is_settled(path, go_on):
    go_on(confirmed=JAN10, signed=FEB1, submitted=FEB1, approved=MAR1)
    with pytest.raises(dates.NeedsOpen, match="Still to be settled: Authorised, Trained"):
        go_on(ready=APR1)
    actions.drop_milestone(
        path=path, key="authorised", reason="Observational in this arm", by=None, at=AT
    )
    go_on(trained=MAR1, ready=APR1)
    assert (path.state, path.opened_date, path.holders) == (PathState.OPEN, APR1, ["site"])
    with pytest.raises(StartupRefused, match="Reopen Ready to open first"):
        actions.reopen_milestone(path=path, key="signed", reason="Wrong date", by=None, at=AT)
    actions.reopen_milestone(path=path, key="ready", reason="Pharmacy closed", by=None, at=AT)
    path.refresh_from_db()
    assert (path.state, path.opened_date) == (PathState.UNDER_WAY, None)


def test_dropping_and_reopening_need_reasons(path, go_on):
    with pytest.raises(StartupRefused, match="Say why it does not apply"):
        actions.drop_milestone(path=path, key="signed", reason=" ", by=None, at=AT)
    with pytest.raises(StartupRefused, match="so it always applies"):
        actions.drop_milestone(path=path, key="ready", reason="No", by=None, at=AT)
    go_on(confirmed=JAN10)
    with pytest.raises(StartupRefused, match="Say why it is open again"):
        actions.reopen_milestone(path=path, key="confirmed", reason="", by=None, at=AT)
    actions.reopen_milestone(path=path, key="confirmed", reason="Wrong site", by=None, at=AT)
    again = row(path, "confirmed")
    assert (again.state, again.completed_date, again.reason) == ("not_started", None, "Wrong site")


def test_correcting_a_date_does_not_pass_what_needed_it(path, go_on):
    go_on(confirmed=JAN10, signed=FEB1)
    actions.reopen_milestone(path=path, key="confirmed", reason="Typo", by=None, at=AT)
    with pytest.raises(dates.ContradictoryDates, match=r"1 Mar 2026, but Signed, which needs it"):
        go_on(confirmed=MAR1)
    go_on(confirmed=date(2026, 1, 12))


def test_every_move_is_announced(path, go_on):
    go_on(confirmed=JAN10)
    events = OutboxEvent.objects.filter(name=MILESTONES_CHANGED.name)
    assert [one.payload for one in events] == [{"site_pathway_ids": [path.pk]}] * 2

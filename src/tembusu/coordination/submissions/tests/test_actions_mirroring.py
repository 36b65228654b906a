"""Bodies with their own system: their record is put over ours, and saying it twice changes nothing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.submissions import actions
from tembusu.coordination.submissions.rules import dates, moves
from tembusu.coordination.submissions.rules.mirror import Mirrored
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import Outcome, Source, Stop, SubmissionState
from tembusu.coordination.submissions.tests.conftest import later, on
from tembusu.foundation.core.models import OutboxEvent

pytestmark = pytest.mark.django_db

SAYS = Mirrored(
    "MDA-2026-117",
    received=on(1),
    stops=(Stop(on(5), on(9)),),
    outcome=Outcome.APPROVED_WITH_CONDITIONS,
    decided=on(20),
    conditions=("Report the first ten participants",),
    valid_from=on(20),
)


@pytest.fixture
def at_regulator(sent, bodies):
    return sent(bodies.regulator)


def record(submission, says, by, **more):
    return actions.record_outcome(submission=submission, says=says, by=by, at=later(30), **more)


def test_an_outcome_is_mirrored_and_the_same_again_changes_nothing(at_regulator, cast):
    differs = record(at_regulator, SAYS, cast.sponsor)
    assert {one.field for one in differs} >= {"Reference number", "Received", "Queries", "Decision"}
    at_regulator.refresh_from_db()
    assert at_regulator.state == SubmissionState.DECIDED
    assert at_regulator.mirrored_at == later(30)
    assert packages.decision_of(at_regulator).source == Source.BY_HAND
    assert record(at_regulator, SAYS, cast.sponsor) == []
    assert at_regulator.decision.conditions.count() == 1
    assert OutboxEvent.objects.filter(name="submissions.decided").count() == 1


def test_a_correction_of_the_body_is_told_field_by_field(at_regulator, cast):
    record(at_regulator, SAYS, cast.sponsor)
    differs = record(at_regulator, Mirrored("MDA-2026-117", decided=on(21)), cast.sponsor)
    assert [(one.field, one.here, one.there) for one in differs] == [
        ("Decided", on(20).isoformat(), on(21).isoformat())
    ]
    assert OutboxEvent.objects.filter(name="submissions.decided").count() == 2


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        (Mirrored("R", decided=on(-3), outcome=Outcome.APPROVED), dates.DatesRefused),
        (Mirrored("R", stops=(Stop(on(3), on(9)), Stop(on(8), None))), dates.OverlapRefused),
        (Mirrored("R", received=date(2026, 12, 1)), dates.DatesRefused),
        (Mirrored("R", decided=on(3)), moves.SubmissionRefused),
    ],
)
def test_a_record_that_cannot_be_true_changes_nothing(at_regulator, cast, says, fault):
    with pytest.raises(fault):
        record(at_regulator, says, cast.sponsor)
    at_regulator.refresh_from_db()
    assert at_regulator.state == SubmissionState.SUBMITTED


def test_who_may_mirror(at_regulator, cast):
    for who in ("reviewer", "rival", "secretary", "coordinator", "nobody"):
        with pytest.raises(PermissionDenied):
            record(at_regulator, SAYS, getattr(cast, who))
    for who in ("secretary", "rival", "sponsor"):
        if who != "sponsor":
            with pytest.raises(PermissionDenied):
                record(at_regulator, SAYS, getattr(cast, who), source=Source.EXTRACT)
    record(at_regulator, SAYS, cast.reviewer, source=Source.EXTRACT)
    record(at_regulator, Mirrored("MDA-2026-118"), cast.analyst)


def test_a_board_that_works_here_is_not_mirrored(received, cast):
    with pytest.raises(moves.SubmissionRefused, match="works here"):
        record(received(), SAYS, cast.sponsor)


def test_a_reference_number_belongs_to_one_submission(sent, bodies, cast):
    first, second = sent(bodies.regulator), sent(bodies.regulator, days=1)
    record(first, SAYS, cast.sponsor)
    with pytest.raises(moves.SubmissionRefused, match="another submission"):
        record(second, SAYS, cast.sponsor)

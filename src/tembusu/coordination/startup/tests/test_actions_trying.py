"""What rows of an extract tell beside days: evidence, waiting that is over, what does not apply."""

from datetime import date

import pytest

from tembusu.coordination.startup.actions import arriving
from tembusu.coordination.startup.models import Hold, SiteMilestone
from tembusu.coordination.startup.tests.conftest import AT
from tembusu.foundation.exchange.terms import Row

JAN10, JAN20, FEB1, FEB9 = (
    date(2026, 1, 10), date(2026, 1, 20), date(2026, 2, 1), date(2026, 2, 9),
)  # fmt: skip


@pytest.fixture
def take(study, bodies, path, cast):
    """Take one row about a milestone at Rain Tree: ``take('signed', completed=day)``."""

    def go(milestone, **more):
        values = {"study": study, "site": bodies.raintree, "milestone": milestone, **more}
        row = Row(2, values, frozenset(values))
        (seen,) = arriving.check_rows([row], by=cast.sponsor, at=AT)
        (found,) = arriving.take_rows([row], by=cast.sponsor, at=AT, run=1)
        assert seen.kind == found.kind, (seen, found)
        return found.kind.value, found.reason, seen.differences

    return go


def milestone(path, key):
    return SiteMilestone.objects.get(site_pathway=path, key=key)


def test_other_evidence_alone_is_a_change(take, path):
    assert take("signed", completed=FEB1, evidence="No. 7")[0] == "new"
    kind, _, differences = take("signed", completed=FEB1, evidence="No. 8")
    assert (kind, [(one.label, one.before, one.after) for one in differences]) == (
        "changed", [("Evidence", "No. 7", "No. 8")],
    )  # fmt: skip
    assert milestone(path, "signed").evidence == "No. 8"
    assert take("signed", completed=FEB1)[0] == "same"


def test_waiting_that_is_over_is_kept_with_its_days(take, path):
    told = {
        "completed": FEB9, "evidence": "No. 7", "waiting_on": "Institution",
        "reason": "Legal review", "waited_from": JAN20, "waited_until": FEB1,
    }  # fmt: skip
    assert take("signed", **told)[0] == "new"
    hold = Hold.objects.get()
    assert (hold.waiting_on, hold.start_date, hold.end_date) == ("institution", JAN20, FEB1)
    assert take("signed", **told)[0] == "same"
    assert Hold.objects.count() == 1


def test_without_days_of_its_own_it_waited_from_start_to_end(take):
    told = {"started": JAN20, "completed": FEB1, "evidence": "7", "reason": "Legal review"}
    assert take("signed", **told)[0] == "new"
    hold = Hold.objects.get()
    assert (hold.waiting_on, hold.start_date, hold.end_date) == ("institution", JAN20, FEB1)
    assert take("signed", **told)[0] == "same"


def test_a_wait_that_goes_on_ends_by_a_later_file(take, path):
    waits = {"started": JAN10, "waiting_on": "sponsor", "reason": "answer", "waited_from": JAN20}
    assert take("approved", **waits)[0] == "new"
    assert milestone(path, "approved").state == "on_hold"
    assert take("approved", **waits)[0] == "same"
    assert take("approved", **waits, waited_until=FEB1)[0] == "new"
    assert milestone(path, "approved").state == "started"
    assert Hold.objects.get().end_date == FEB1
    assert take("approved", **waits, waited_until=FEB1)[0] == "same"
    assert take("approved", **waits)[0] == "same"


def test_what_does_not_apply_is_told_with_its_reason(take, path):
    assert take("trained", not_applicable="Trained for another study")[0] == "new"
    assert milestone(path, "trained").state == "not_applicable"
    assert take("trained", not_applicable="Trained for another study")[0] == "same"
    assert take("ready", not_applicable="No need")[0] == "refused"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"not_applicable": "No", "completed": FEB1}, "Take one of the two out"),
        ({"waited_from": JAN20, "waiting_on": "sponsor"}, "does not say why"),
        ({"waited_from": JAN20, "waiting_on": "the moon", "reason": "legal"}, "no party"),
        ({"waited_from": JAN20, "reason": "lunch"}, "no delay reason"),
        ({"waiting_on": "sponsor", "reason": "legal"}, "from when it waited on Sponsor"),
        (
            {"started": FEB1, "waiting_on": "sponsor", "reason": "legal", "waited_until": JAN20},
            "20 Jan 2026",
        ),
        (
            {
                "started": JAN10, "completed": JAN20, "evidence": "7", "reason": "legal",
                "waited_until": FEB1,
            },
            "completed on 20 Jan 2026",
        ),
    ],
)  # fmt: skip
def test_a_refused_row_says_why_and_leaves_nothing_half_done(take, path, told, says):
    kind, reason, _ = take("signed", **told)
    assert (kind, says in reason) == ("refused", True), reason
    row = milestone(path, "signed")
    assert (row.state, row.started_date, row.evidence) == ("not_started", None, "")
    assert not Hold.objects.exists()

"""Which past start-ups could have happened: one that could, and what each change makes of it."""

from dataclasses import replace
from datetime import date

import pytest

from tembusu.coordination.startup.rules import dates, past, plans
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestoneState,
    PastCase,
    PastMilestone,
    PathState,
)

PLAN = plans.read_plan(
    {
        "key": "short",
        "title": "Short",
        "milestones": [
            {"key": "signed", "label": "Signed", "stage": "contract", "party": "institution"},
            {"key": "gate", "label": "Ready to open", "stage": "open", "party": "sponsor",
             "needs": ["signed"], "is_gate": True},
        ],
    }
)  # fmt: skip
TODAY = date(2026, 6, 1)
DONE = MilestoneState.COMPLETED


def on(day, month=1):
    return date(2026, month, day)


SIGNED = PastMilestone("signed", DONE, on(8), on(20), holds=(CaseTurn("sponsor", on(9), on(12)),))
GATE = PastMilestone("gate", DONE, None, on(25))
OPEN = PastCase(1, 1, "short", on(5), (SIGNED, GATE), PathState.OPEN, opened_date=on(25))


def with_signed(**change):
    return replace(OPEN, milestones=(replace(SIGNED, **change), GATE))


def test_one_that_could_have_happened_is_taken():
    past.check_past(OPEN, PLAN, today=TODAY)
    gone = replace(
        OPEN, state=PathState.WITHDRAWN, left_date=on(3, 2), left_reason="Investigator left"
    )
    past.check_past(gone, PLAN, today=TODAY)
    held = replace(
        SIGNED, state=MilestoneState.ON_HOLD, completed_date=None,
        holds=(CaseTurn("sponsor", on(9), None),),
    )  # fmt: skip
    nothing = PastMilestone("gate", MilestoneState.NOT_STARTED)
    past.check_past(
        replace(OPEN, state=PathState.UNDER_WAY, opened_date=None, milestones=(held, nothing)),
        PLAN,
        today=TODAY,
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (replace(OPEN, milestones=(SIGNED,)), "not those of Short"),
        (replace(OPEN, milestones=(GATE, SIGNED)), "not those of Short"),
        (replace(OPEN, selected_date=date(2026, 6, 2)), "2 Jun 2026.*today is 1 Jun 2026"),
        (replace(OPEN, selected_date=on(9)), "8 Jan 2026.*selected on 9 Jan 2026"),
        (with_signed(started_date=on(21)), "completed on 20 Jan 2026.*started on 21 Jan 2026"),
        (with_signed(completed_date=on(26)), "25 Jan 2026.*Signed.*26 Jan 2026"),
        (with_signed(completed_date=None), "told as completed"),
        (with_signed(state=MilestoneState.NOT_APPLICABLE, completed_date=None), "not applicable"),
        (with_signed(state=MilestoneState.NOT_STARTED, completed_date=None), "told as not started"),
        (with_signed(holds=(CaseTurn("sponsor", on(9), None),)), "told as completed"),
        (with_signed(holds=(CaseTurn("sponsor", on(9), on(8)),)), "begins on 9 Jan.*ends on 8 Jan"),
        (with_signed(holds=(CaseTurn("sponsor", on(9), on(12)), CaseTurn("site", on(11), on(13)))),
         "already on hold from 9 Jan 2026 to 12 Jan 2026"),
        (with_signed(holds=(CaseTurn("sponsor", on(9), on(21)),)), "21 Jan.*completed on 20 Jan"),
        (with_signed(state=MilestoneState.STARTED, completed_date=None), "needs first: Signed"),
        (replace(OPEN, opened_date=on(24)), "day of opening"),
        (replace(OPEN, opened_date=None), "day of opening"),
        (replace(OPEN, state=PathState.STOPPED), "told as study stopped"),
        (replace(OPEN, left_date=on(28)), "told as open"),
        (replace(OPEN, state=PathState.STOPPED, left_date=on(24), left_reason="Ended"),
         "left on 24 Jan 2026.*opened on 25 Jan 2026"),
        (replace(OPEN, state=PathState.STOPPED, left_date=date(2026, 7, 1), left_reason="Ended"),
         "1 Jul 2026.*today"),
    ],
)  # fmt: skip
def test_one_that_contradicts_itself_is_refused_with_what_contradicts(case, said):
    with pytest.raises((past.PastRefused, dates.ContradictoryDates, dates.NeedsOpen), match=said):
        past.check_past(case, PLAN, today=TODAY)

"""The demonstration's figures: targets that say they are none, and a first count."""

from dataclasses import replace
from datetime import datetime

# Nobody has laid these down: they are there so that shares and funnels can be looked at.
TARGETS = (("SU-01", 120), ("SU-02", 180), ("SU-06", 60), ("SU-08", 45))
SOURCE = "Demonstration value, laid down nowhere"
REASON = "So that shares within a target can be looked at"


def load(at: datetime) -> int:
    """Set targets as the lead does, then count all; return how many study-sites were counted."""
    from tembusu.foundation.people import demo as people
    from tembusu.foundation.people.terms import Role
    from tembusu.insight import actions
    from tembusu.insight.actions import counting
    from tembusu.insight.selectors import definitions

    lead = people.person_as(Role.COORDINATING_LEAD)
    actions.seed_definitions(by=None, at=at)
    for key, days in TARGETS:
        present = definitions.get_in_force(key)
        if present.text.target_days is None:
            actions.define_measure(
                key=key,
                text=replace(present.text, target_days=days, target_source=SOURCE),
                seen_version=present.version_no,
                by=lead,
                at=at,
                reason=REASON,
            )
    return counting.recount(counting.months(), at=at).n_cases

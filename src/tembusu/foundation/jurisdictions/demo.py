"""Ties the bodies that the supplied pack names to the fictitious ones of the demonstration.

A number that no source gives, the quorum, is filled in with a value for demonstrations that says so.
"""

from datetime import datetime, timedelta

from tembusu.foundation.jurisdictions import actions, selectors
from tembusu.foundation.jurisdictions.actions.items import Wanted
from tembusu.foundation.jurisdictions.rules import records
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import Theme
from tembusu.foundation.people import demo as people
from tembusu.foundation.people import selectors as bodies
from tembusu.foundation.people.terms import Role

TIES = {
    "HSA": "Medicines and Devices Authority",
    "CIRB": "Meranti Ethics Board",
    "SingHealth": "Meranti Health",
    "NHG": "Pulai Health",
    "NUHS": "Angsana Health",
    "NMRC": "Gelam Research Fund",
    "NCB": "Banyan Clinical Trials Office",
}
REASON = "For the demonstration"
QUORUM = 3
SINCE = timedelta(days=3650)  # so that the history of past years finds it


def load(at: datetime) -> None:
    """Seed the reference data and tie its bodies, each where that is not done yet."""
    actions.follow_file(by=None, at=at)
    named = {one.key for one in selectors.authorities(at.date())}
    done = selectors.organisations_of_authorities()
    for authority, name in TIES.items():
        found = bodies.find_by_name(None, name)
        if authority in named and authority not in done and found:
            actions.tie_body(
                authority=authority, organisation=found[0], reason=REASON, by=None, at=at
            )
    _fill_quorum(at)


def _fill_quorum(at: datetime) -> None:
    periods = [
        one for one in held.all_periods().items if (one.theme, one.key) == (Theme.BOARDS, "quorum")
    ]
    if any(not one.is_empty for one in periods) or not periods:
        return
    actions.change_item(
        theme=Theme.BOARDS,
        key="quorum",
        wanted=Wanted(
            value=QUORUM,
            unit=periods[0].unit,
            source=periods[0].source,
            is_verified=False,
            note="A value for demonstrations; no source was found.",
            starts=(at - SINCE).date(),
        ),
        mark=records.mark(periods),
        reason=REASON,
        by=people.person_as(Role.COORDINATING_LEAD),
        at=at,
    )

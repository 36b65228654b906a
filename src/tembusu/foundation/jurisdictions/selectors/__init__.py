"""Reads of the reference data: the door for other rooms. It holds no personal data.

Each takes the day ``on`` which the rule is asked for: the first day of a clock, say, so that a clock
keeps the rule that it started under.
"""

from tembusu.foundation.jurisdictions.selectors.asking import (
    amendment_rules,
    applications,
    asks_for_products,
    authorities,
    authority,
    board_rules,
    calendar,
    checklist,
    clock,
    clocks,
    explain,
    item,
    obligations,
    open_questions,
    questions,
    renewal,
    reviewing_board,
    shapes,
    trainings,
)
from tembusu.foundation.jurisdictions.selectors.bodies import (
    authority_of,
    organisation_of,
    organisations_of_authorities,
)
from tembusu.foundation.jurisdictions.selectors.held import pack

__all__ = [
    "amendment_rules",
    "applications",
    "asks_for_products",
    "authorities",
    "authority",
    "authority_of",
    "board_rules",
    "calendar",
    "checklist",
    "clock",
    "clocks",
    "explain",
    "item",
    "obligations",
    "open_questions",
    "organisation_of",
    "organisations_of_authorities",
    "pack",
    "questions",
    "renewal",
    "reviewing_board",
    "shapes",
    "trainings",
]

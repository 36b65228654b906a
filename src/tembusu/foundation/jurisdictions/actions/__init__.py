"""Writes to the reference data: the door for other rooms."""

from tembusu.foundation.jurisdictions.actions.bodies import tie_body, untie_body
from tembusu.foundation.jurisdictions.actions.items import change_item
from tembusu.foundation.jurisdictions.actions.proposals import (
    accept_proposals,
    decline_proposals,
    follow_file,
)

__all__ = [
    "accept_proposals",
    "change_item",
    "decline_proposals",
    "follow_file",
    "tie_body",
    "untie_body",
]

"""This room's part of the API: organisations, and what every operation of any room needs."""

from tembusu.foundation.people.api.calls import (
    LARGEST_ID,
    REFUSALS,
    Problem,
    TokenAuth,
    TokenThrottle,
)
from tembusu.foundation.people.api.organisations import router

__all__ = ["LARGEST_ID", "REFUSALS", "Problem", "TokenAuth", "TokenThrottle", "router"]

"""One key for a country however a source writes it: 'Korea, Republic of', 'South Korea' and 'KR'.

Registries write a country's English name, ROR a name beside an ISO 3166-1 alpha-2 code, and a
deployment may hold either. Matching blocks on the country, so the three must meet or nothing would.
The table is that of ``ui.countries``; no rule names a country.
"""

from functools import lru_cache

from tembusu.coordination.registry.rules.matching_text import fold
from tembusu.foundation.ui import countries


def _table() -> dict[str, str]:
    """Return folded name or code -> alpha-2 code."""
    found: dict[str, str] = {}
    for line in countries.NAMES.strip().splitlines():
        code, names = line.split(" = ")
        found[code.casefold()] = code
        found.update({fold(name): code for name in names.split(" | ")})
    return found


_CODES = _table()


@lru_cache(maxsize=4096)
def country_key(country: str) -> str:
    """Return the alpha-2 code of `country`, its folded text when unknown, '' when not given.

    An unknown country keeps its own text, so that it agrees with itself and with nothing else.
    """
    folded = fold(country)
    return _CODES.get(folded, folded)


def is_country(name: str) -> bool:
    """Say whether a text is the name of a country, or its alpha-2 code."""
    return fold(name) in _CODES

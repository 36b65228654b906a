"""Which column of a file is meant by its header: said before, of the same name, or written alike."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from tembusu.foundation.exchange.terms import WHY_REFUSED, Column, MappedBy

LOOKED_AT = 20  # rows at the top of a file among which its header is sought
ALIKE = 86.0  # of 100: 'Decision dat' for 'Decision date', not 'Receipt date'
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The place of a column in the file, from 0, None where it seems to be missing."""

    place: int | None
    by: MappedBy


def plain(header: str) -> str:
    """Return a header without capitals, signs and accents: 'Decided_Date' is 'decided date'."""
    text = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header))
    text = "".join(one for one in text if not unicodedata.combining(one))
    return " ".join(WORD.findall(text.casefold()))


def names_of(column: Column) -> set[str]:
    return {plain(name) for name in (column.label, column.key, *column.aliases)} - {""}


def find_header(rows: Sequence[tuple[int, Sequence[str]]], columns: Sequence[Column]) -> int:
    """Return the line of the header: of the first rows the one that names most columns.

    :param rows: (line, cells) of the first rows that hold something
    """
    known = set().union(*(names_of(column) for column in columns))
    best = max(rows, key=lambda row: (_n_named(row[1], known), -row[0]))
    return best[0] if _n_named(best[1], known) else rows[0][0]


def _n_named(cells: Sequence[str], known: set[str]) -> int:
    return len({plain(cell) for cell in cells} & known)


def propose(
    headers: Sequence[str], columns: Sequence[Column], saved: Mapping[str, str] | None = None
) -> dict[str, Proposal]:
    """Return where each column probably stands; no header is given to two columns.

    :param saved: header by column key, as somebody settled it for such files before; '' for 'not there'
    """
    found: dict[str, Proposal] = {}
    taken: set[int] = set()
    plains = [plain(header) for header in headers]
    for column in columns:
        if saved is not None and column.key in saved:
            place = _place_of(saved[column.key], plains, taken)
            if place is not None or not saved[column.key]:
                _give(found, taken, column.key, Proposal(place, MappedBy.SAVED))
    for column in columns:
        if column.key not in found:
            places = [_place_of(name, plains, taken) for name in _names_in_order(column)]
            if hits := [place for place in places if place is not None]:
                _give(found, taken, column.key, Proposal(hits[0], MappedBy.NAME))
    for column in columns:
        if column.key not in found:
            _give(found, taken, column.key, _alike(column, plains, taken))
    return found


def _give(found: dict[str, Proposal], taken: set[int], key: str, proposal: Proposal) -> None:
    found[key] = proposal
    if proposal.place is not None:
        taken.add(proposal.place)


def _names_in_order(column: Column) -> list[str]:
    return [column.label, column.key, *column.aliases]


def _place_of(name: str, plains: Sequence[str], taken: set[int]) -> int | None:
    wanted = plain(name)
    for place, header in enumerate(plains):
        if wanted and header == wanted and place not in taken:
            return place
    return None


def _alike(column: Column, plains: Sequence[str], taken: set[int]) -> Proposal:
    """Return the one header written nearly so; none where two are alike."""
    skipped = {plain(WHY_REFUSED), ""}
    scores = [
        (max(fuzz.token_sort_ratio(name, header) for name in names_of(column)), place)
        for place, header in enumerate(plains)
        if place not in taken and header not in skipped
    ]
    near = [(score, place) for score, place in scores if score >= ALIKE]
    if len(near) != 1:
        return Proposal(None, MappedBy.NOTHING)
    return Proposal(near[0][1], MappedBy.LIKENESS)

"""Which state of a location's name may follow which, and through which act."""

import pytest

from tembusu.coordination.registry.rules import moves
from tembusu.coordination.registry.terms import PlaceState
from tembusu.foundation.core.states import IllegalMove, check_move

STATES = ["settled", "proposed", "unresolved", "placeholder", "rejected"]

# One row for each present state: to settled, proposed, unresolved, placeholder, rejected.
DECIDING = {
    "settled": "yes no no no yes",
    "proposed": "yes no no no yes",
    "unresolved": "yes no no no yes",
    "placeholder": "yes no no no yes",
    "rejected": "yes no no no yes",
}
MATCHING = {
    "settled": "yes yes yes yes no",
    "proposed": "yes yes yes yes no",
    "unresolved": "yes yes yes yes no",
    "placeholder": "yes yes yes yes no",
    "rejected": "no no no no no",
}
UNDOING = {
    "settled": "yes yes yes yes yes",
    "proposed": "no no no no no",
    "unresolved": "no no no no no",
    "placeholder": "no no no no no",
    "rejected": "yes yes yes yes yes",
}
CELLS = [
    (name, present, to, said == "yes")
    for name, rows in (("DECIDING", DECIDING), ("MATCHING", MATCHING), ("UNDOING", UNDOING))
    for present, row in rows.items()
    for to, said in zip(STATES, row.split(), strict=True)
]


@pytest.mark.parametrize(("name", "present", "to", "may"), CELLS)
def test_each_move_is_as_the_table_says(name, present, to, may):
    table = getattr(moves, name)
    if may:
        check_move(table, present=PlaceState(present), to=PlaceState(to))
        assert PlaceState(to) in moves.PLACE_MOVES[PlaceState(present)]
        return
    with pytest.raises(IllegalMove, match="Cannot move"):
        check_move(table, present=PlaceState(present), to=PlaceState(to))


def test_the_whole_table_holds_what_some_act_may_do():
    for state in PlaceState:
        parts = (table[state] for table in (moves.DECIDING, moves.MATCHING, moves.UNDOING))
        assert moves.PLACE_MOVES[state] == frozenset().union(*parts)

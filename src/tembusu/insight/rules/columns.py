"""One month's facts as columns of integers, and any months of them laid together.

A figure over thousands of study-sites needs hundreds of thousands of facts. So each month of
selection keeps its facts as columns: a few hundred cases, each measure's days, ending and start. Reading
years of them takes milliseconds, every filter is a comparison of integers, and since nothing but
integers is kept, facts brought in step one event at a time equal facts made anew, to the last digit.

Words (measures, parties, phases, …) are kept once for each block, in the order of the alphabet; columns
hold their places there.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tembusu.insight.terms import ENDING_CODES, CaseFacts, PartyDays, StageFact, Step

Integers = NDArray[np.int32]
Columns = dict[str, NDArray[Any]]

ENDINGS = {code: ending for ending, code in ENDING_CODES.items()}
NOT_BEGUN = 0  # ending of a measure that has not begun for a case
NO_DAYS = -1  # days of what has not ended
WORDS = ("number", "sponsor", "phase", "area", "party", "measure", "stage", "holder", "milestone")


@dataclass(frozen=True, slots=True)
class Block:
    """Cases with their facts as columns.

    :ivar words: kind → its words; a column of that kind holds places in them
    :ivar cases: one entry a case, by id: ids, dimensions, selection as a day's ordinal
    :ivar begun: cases × measures, the ordinal of the day it began; 0 where it has not
    :ivar days: cases × measures, days to the ending; -1 while unfinished
    :ivar ending: cases × measures, codes of `ENDING_CODES`; 0 where it has not begun
    :ivar parts: place of the case, stage, party, days
    :ivar steps: place of the case, milestone before, milestone after, days
    """

    words: Mapping[str, tuple[str, ...]]
    cases: Columns
    begun: Integers
    days: Integers
    ending: NDArray[np.int8]
    parts: Integers
    steps: Integers

    @property
    def n(self) -> int:
        return len(self.cases["case"])

    def measure(self, key: str) -> int | None:
        """Return the place of a measure, or None where no case has it."""
        return self.words["measure"].index(key) if key in self.words["measure"] else None


CASE_COLUMNS: Mapping[str, str] = {
    "case": "<i8",
    "study": "<i8",
    "site": "<i8",
    "institution": "<i8",
    "cluster": "<i8",
    "start": "<i4",
    "since": "<i4",
    "number": "<i4",
    "sponsor": "<i4",
    "phase": "<i4",
    "area": "<i4",
    "party": "<i4",
}
# Columns of cases that hold a place among words.
WORDED = ("number", "sponsor", "phase", "area", "party")


# -- making ----------------------------------------------------------------------------------------


def block_of(facts: Iterable[CaseFacts]) -> Block:
    """Return the facts of some cases as columns, by case."""
    held = sorted(facts, key=lambda one: one.case_id)
    words = _words(held)
    place = {kind: {word: at for at, word in enumerate(words[kind])} for kind in words}
    cases = {
        name: np.array([_case_value(one, name, place) for one in held], dtype=kind)
        for name, kind in CASE_COLUMNS.items()
    }
    shape = (len(held), len(words["measure"]))
    begun, days = np.zeros(shape, np.int32), np.full(shape, NO_DAYS, np.int32)
    ending = np.zeros(shape, np.int8)
    for row, one in enumerate(held):
        for fact in one.stages:
            column = place["measure"][fact.measure]
            begun[row, column] = fact.start_date.toordinal()
            days[row, column] = NO_DAYS if fact.days is None else fact.days
            ending[row, column] = ENDING_CODES[fact.ending]
    return Block(words, cases, begun, days, ending, *_long(held, place))


def _words(held: Sequence[CaseFacts]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {kind: set() for kind in WORDS}
    for one in held:
        for kind, word in (
            ("number", one.number),
            ("sponsor", one.sponsor),
            ("phase", one.phase),
            ("area", one.area),
            ("party", one.waiting_on),
        ):
            found[kind].add(word)
        found["measure"].update(fact.measure for fact in one.stages)
        found["stage"].update(part.stage for part in one.parts)
        found["holder"].update(part.party for part in one.parts)
        for step in one.steps:
            found["milestone"].update((step.before, step.after))
    return {kind: tuple(sorted(words)) for kind, words in found.items()}


def _case_value(one: CaseFacts, name: str, place: Mapping[str, Mapping[str, int]]) -> int:
    if name in WORDED:
        word = one.waiting_on if name == "party" else getattr(one, name)
        return place[name][word]
    if name == "start":
        return one.start_date.toordinal()
    if name == "since":
        return one.waiting_since.toordinal() if one.waiting_since else 0
    ids = {
        "case": one.case_id,
        "study": one.study_id,
        "site": one.study_site_id,
        "institution": one.institution_id,
        "cluster": one.cluster_id,
    }
    return ids[name]


def _long(
    held: Sequence[CaseFacts], place: Mapping[str, Mapping[str, int]]
) -> tuple[Integers, Integers]:
    stage, holder, milestone = place["stage"], place["holder"], place["milestone"]
    parts = [
        (row, stage[part.stage], holder[part.party], part.days)
        for row, one in enumerate(held)
        for part in one.parts
    ]
    steps = [
        (row, milestone[step.before], milestone[step.after], step.days)
        for row, one in enumerate(held)
        for step in one.steps
    ]
    return _four(parts), _four(steps)


def _four(rows: Sequence[tuple[int, int, int, int]]) -> Integers:
    return np.array(rows, dtype=np.int32).reshape(len(rows), 4)


# -- reading back ----------------------------------------------------------------------------------


def facts_in(block: Block) -> list[CaseFacts]:
    """Return a block's facts case by case: what `block_of` was made from."""
    parts: dict[int, list[PartyDays]] = {}
    for row, stage, party, days in block.parts.tolist():
        words = block.words
        part = PartyDays(words["stage"][stage], words["holder"][party], days)
        parts.setdefault(row, []).append(part)
    steps: dict[int, list[Step]] = {}
    names = block.words["milestone"]
    for row, before, after, days in block.steps.tolist():
        steps.setdefault(row, []).append(Step(names[before], names[after], days))
    return [
        _facts(block, row, tuple(parts.get(row, ())), tuple(steps.get(row, ())))
        for row in range(block.n)
    ]


def _facts(
    block: Block, row: int, parts: tuple[PartyDays, ...], steps: tuple[Step, ...]
) -> CaseFacts:
    value = {name: int(column[row]) for name, column in block.cases.items()}
    word = {name: block.words[name][value[name]] for name in WORDED}
    return CaseFacts(
        case_id=value["case"],
        study_id=value["study"],
        study_site_id=value["site"],
        number=word["number"],
        institution_id=value["institution"],
        cluster_id=value["cluster"],
        sponsor=word["sponsor"],
        phase=word["phase"],
        area=word["area"],
        start_date=date.fromordinal(value["start"]),
        stages=tuple(_stages(block, row)),
        parts=parts,
        steps=steps,
        waiting_on=word["party"],
        waiting_since=date.fromordinal(value["since"]) if value["since"] else None,
    )


def _stages(block: Block, row: int) -> Iterable[StageFact]:
    for column, measure in enumerate(block.words["measure"]):
        code = int(block.ending[row, column])
        if code == NOT_BEGUN:
            continue
        begun, days = int(block.begun[row, column]), int(block.days[row, column])
        end = None if days == NO_DAYS else date.fromordinal(begun + days)
        yield StageFact(measure, date.fromordinal(begun), ENDINGS[code], end)


# -- as bytes --------------------------------------------------------------------------------------


def write(block: Block) -> bytes:
    """Return a block as bytes: equal facts give equal bytes on every machine."""
    columns: Columns = {
        **block.cases,
        "begun": block.begun,
        "days": block.days,
        "ending": block.ending,
        "parts": block.parts,
        "steps": block.steps,
    }
    held = [
        (name, np.ascontiguousarray(column, column.dtype.newbyteorder("<")))
        for name, column in columns.items()
    ]
    head = {
        "words": {kind: list(words) for kind, words in sorted(block.words.items())},
        "columns": [[name, column.dtype.str, list(column.shape)] for name, column in held],
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, *(c.tobytes() for _, c in held)])


def read(content: bytes | memoryview) -> Block:
    """Return the block that `write` made bytes of."""
    view = memoryview(content)
    end = 4 + int.from_bytes(view[:4], "little")
    head = json.loads(bytes(view[4:end]))
    columns: Columns = {}
    for name, kind, shape in head["columns"]:
        n_values = int(np.prod(shape))
        column = np.frombuffer(view, dtype=kind, count=n_values, offset=end)
        columns[name] = column.reshape(shape)
        end += column.nbytes
    words = {kind: tuple(held) for kind, held in head["words"].items()}
    long = {name: columns.pop(name) for name in ("begun", "days", "ending", "parts", "steps")}
    return Block(words, columns, **long)


# -- laying together -------------------------------------------------------------------------------


def joined(blocks: Sequence[Block]) -> Block:
    """Return several blocks as one, their words made one list for each kind."""
    if len(blocks) == 1:
        return blocks[0]
    words = {
        kind: tuple(sorted({word for block in blocks for word in block.words[kind]}))
        for kind in WORDS
    }
    place = {kind: {word: at for at, word in enumerate(held)} for kind, held in words.items()}
    maps = [{kind: _map(block.words[kind], place[kind]) for kind in WORDS} for block in blocks]
    cases = {
        name: _stacked(
            [_mapped(b.cases[name], m.get(name)) for b, m in zip(blocks, maps, strict=True)], kind
        )
        for name, kind in CASE_COLUMNS.items()
    }
    n_measures = len(words["measure"])
    begun = _wide(blocks, maps, "begun", n_measures, 0)
    days = _wide(blocks, maps, "days", n_measures, NO_DAYS)
    ending = _wide(blocks, maps, "ending", n_measures, NOT_BEGUN).astype(np.int8)
    firsts = np.concatenate([[0], np.cumsum([block.n for block in blocks])])[:-1]
    parts = _shifted([b.parts for b in blocks], firsts, maps, ("stage", "holder"))
    steps = _shifted([b.steps for b in blocks], firsts, maps, ("milestone", "milestone"))
    return Block(words, cases, begun, days, ending, parts, steps)


def _map(words: Sequence[str], place: Mapping[str, int]) -> Integers:
    return np.array([place[word] for word in words], dtype=np.int32)


def _mapped(column: NDArray[Any], places: Integers | None) -> NDArray[Any]:
    return column if places is None else places[column]


def _stacked(columns: Sequence[NDArray[Any]], kind: str) -> NDArray[Any]:
    return np.concatenate(columns).astype(kind) if columns else np.zeros(0, kind)


def _wide(
    blocks: Sequence[Block],
    maps: Sequence[Mapping[str, Integers]],
    name: str,
    n_measures: int,
    empty: int,
) -> Integers:
    out = np.full((sum(block.n for block in blocks), n_measures), empty, np.int32)
    first = 0
    for block, places in zip(blocks, maps, strict=True):
        if block.n and len(places["measure"]):
            out[first : first + block.n, places["measure"]] = getattr(block, name)
        first += block.n
    return out


def _shifted(
    tables: Sequence[Integers],
    firsts: NDArray[np.int64],
    maps: Sequence[Mapping[str, Integers]],
    kinds: tuple[str, str],
) -> Integers:
    out = []
    for table, first, places in zip(tables, firsts, maps, strict=True):
        if not len(table):
            continue
        moved = table.copy()
        moved[:, 0] += int(first)
        moved[:, 1], moved[:, 2] = places[kinds[0]][table[:, 1]], places[kinds[1]][table[:, 2]]
        out.append(moved)
    return np.concatenate(out) if out else np.zeros((0, 4), np.int32)


# -- changing --------------------------------------------------------------------------------------


def changed(block: Block, gone: Collection[int], come: Iterable[CaseFacts]) -> Block:
    """Return a block without some cases and with some others: as if made anew, to the last byte.

    :param gone: ids of cases; those of ``come`` go by themselves
    """
    new = block_of(come)
    away = np.array(sorted({*gone, *new.cases["case"].tolist()}), dtype=np.int64)
    kept = np.flatnonzero(~np.isin(block.cases["case"], away))
    both = joined([picked(block, kept), new])
    return picked(both, np.argsort(both.cases["case"], kind="stable"))


def picked(block: Block, rows: NDArray[np.intp]) -> Block:
    """Return some cases of a block, in the order of ``rows``, with the words that they use."""
    cases = {name: column[rows] for name, column in block.cases.items()}
    held = np.flatnonzero((block.ending[rows] > 0).any(axis=0))
    parts, steps = (
        _picked_long(block.parts, rows, block.n),
        _picked_long(block.steps, rows, block.n),
    )
    used = {name: np.unique(cases[name]) for name in WORDED}
    used["measure"] = held
    used["stage"], used["holder"] = np.unique(parts[:, 1]), np.unique(parts[:, 2])
    used["milestone"] = np.unique(steps[:, 1:3])
    words = {
        kind: tuple(block.words[kind][at] for at in places.tolist())
        for kind, places in used.items()
    }
    for name in WORDED:
        cases[name] = np.searchsorted(used[name], cases[name]).astype(CASE_COLUMNS[name])
    parts[:, 1] = np.searchsorted(used["stage"], parts[:, 1])
    parts[:, 2] = np.searchsorted(used["holder"], parts[:, 2])
    steps[:, 1:3] = np.searchsorted(used["milestone"], steps[:, 1:3])
    wide = np.ix_(rows, held)
    return Block(
        words, cases, block.begun[wide], block.days[wide], block.ending[wide], parts, steps
    )


def _picked_long(table: Integers, rows: NDArray[np.intp], n: int) -> Integers:
    """Return the lines of some cases, those of one case in the order in which they were."""
    place = np.full(n, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    moved = place[table[:, 0]] if len(table) else np.zeros(0, np.int64)
    kept = np.flatnonzero(moved >= 0)
    order = kept[np.argsort(moved[kept], kind="stable")]
    out = table[order].copy()
    out[:, 0] = moved[order]
    return out

"""The small structures of a pack: questions, routes, contradictions and cut-offs, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tembusu.foundation.jurisdictions.terms import Check, Choice, Item, Level, Question
from trialtime.cutoffs import CutOff, CutOffRefused, read_cut_off

Condition = Mapping[str, frozenset[str]]


class TableFault(ValueError):
    """A structure that is not made as it must be; the message says where and how."""


@dataclass(frozen=True, slots=True)
class TimedBy:
    """Which clock runs for a route, under which answers (none: in every other case)."""

    clock: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Route:
    """Answers and where they lead. ``when`` holds alternatives; '' in ``obligation`` is none."""

    level: Level
    when: tuple[Condition, ...]
    obligation: str
    clocks: tuple[TimedBy, ...]
    label: str
    reason: str
    checks: tuple[Check, ...]
    item: Item


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two answers that exclude each other, and why."""

    answers: Mapping[str, str]
    reason: str
    item: Item


def _only(
    table: Any, where: str, needs: set[str], takes: frozenset[str] = frozenset()
) -> Mapping[str, Any]:
    if not isinstance(table, Mapping):
        raise TableFault(f"{where} must be a table, not {table!r}.")
    if lacking := sorted(needs - set(table)):
        raise TableFault(f"{where} lacks '{lacking[0]}'.")
    if unknown := sorted(set(table) - needs - takes):
        known = ", ".join(sorted(needs | takes))
        raise TableFault(f"{where} has an unknown entry '{unknown[0]}'. Known: {known}.")
    return table


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise TableFault(f"{where} must be a text, not {value!r}.")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise TableFault(f"{where} must be a list, not {value!r}.")
    return value


def _level(value: Any, where: str) -> Level:
    if value not in list(Level):
        raise TableFault(f"{where} must be 'study' or 'product', not {value!r}.")
    return Level(value)


def _condition(value: Any, where: str) -> Condition:
    if not isinstance(value, Mapping) or not value:
        raise TableFault(f"{where} must map questions to answers, such as {{ design = ['x'] }}.")
    return {
        name: frozenset(
            _text(one, f"{where}, '{name}'") for one in _list(answers, f"{where}, '{name}'")
        )
        for name, answers in value.items()
    }


def _conditions(value: Any, where: str) -> tuple[Condition, ...]:
    return tuple(
        _condition(one, f"{where}, alternative {no}")
        for no, one in enumerate(_list(value, where), start=1)
    )


def question(item: Item) -> Question:
    """Return the question that an item holds.

    :raises TableFault: naming the entry
    """
    optional = frozenset({"hint", "asked_when"})
    data = _only(item.value, "the value", {"text", "level", "choices"}, optional)
    choices = []
    for no, one in enumerate(_list(data["choices"], "'choices'"), start=1):
        where = f"choice {no}"
        pair = _only(one, where, {"value", "label"})
        choices.append(Choice(_text(pair["value"], where), _text(pair["label"], where)))
    if len({one.value for one in choices}) != len(choices) or len(choices) < 2:
        raise TableFault("'choices' must hold at least two answers, each once.")
    return Question(
        key=item.key,
        text=_text(data["text"], "'text'"),
        hint=_text(data.get("hint", ""), "'hint'"),
        level=_level(data["level"], "'level'"),
        choices=tuple(choices),
        asked_when=_conditions(data.get("asked_when", []), "'asked_when'"),
        item=item,
    )


def route(item: Item) -> Route:
    """Return the route that an item holds.

    :raises TableFault: naming the entry
    """
    optional = frozenset({"clocks", "checks", "label"})
    data = _only(item.value, "the value", {"level", "when", "obligation", "reason"}, optional)
    reason = _text(data["reason"], "'reason'")
    if not reason.strip():
        raise TableFault("'reason' must say why.")
    return Route(
        level=_level(data["level"], "'level'"),
        when=_conditions(data["when"], "'when'"),
        obligation=_text(data["obligation"], "'obligation'"),
        clocks=tuple(
            _timed_by(one, f"clock {no}")
            for no, one in enumerate(_list(data.get("clocks", []), "'clocks'"), start=1)
        ),
        label=_text(data.get("label", ""), "'label'"),
        reason=reason,
        checks=tuple(
            _check(one, f"check {no}")
            for no, one in enumerate(_list(data.get("checks", []), "'checks'"), start=1)
        ),
        item=item,
    )


def _timed_by(value: Any, where: str) -> TimedBy:
    data = _only(value, where, {"clock"}, frozenset({"when"}))
    when = _condition(data["when"], f"{where}, 'when'") if "when" in data else {}
    return TimedBy(_text(data["clock"], where), when)


def _check(value: Any, where: str) -> Check:
    data = _only(value, where, {"text"}, frozenset({"source"}))
    return Check(_text(data["text"], where), _text(data.get("source", ""), where))


def contradiction(item: Item) -> Contradiction:
    """Return the pair of answers that an item says exclude each other.

    :raises TableFault: naming the entry
    """
    data = _only(item.value, "the value", {"answers", "reason"})
    answers = _only(data["answers"], "'answers'", set(), frozenset(data["answers"]))
    if len(answers) != 2:
        raise TableFault("'answers' must name two questions with one answer each.")
    checked = {name: _text(one, f"'answers', '{name}'") for name, one in answers.items()}
    return Contradiction(checked, _text(data["reason"], "'reason'"), item)


def cut_off(item: Item) -> CutOff:
    """Return the cut-off rule that an item holds.

    :raises TableFault: naming the entry
    """
    try:
        return read_cut_off(item.value)
    except CutOffRefused as fault:
        raise TableFault(str(fault)) from fault

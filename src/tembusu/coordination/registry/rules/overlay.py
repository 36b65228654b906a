"""How a record of a poorer format is laid over a fuller one of the same entry.

A row of a CSV has only the columns that somebody chose, and names an outcome, a site, an intervention
or a sponsor without what a full record says of it. What it says holds; what its format has no place
for stays as it was, as long as it speaks of the same thing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Values = Mapping[str, Any]

OUTCOME = ("measure", "description", "time_frame")
LOCATION = ("facility", "city", "state", "zip_code", "country")
# The parts that a CSV writes of an item, in its order and parted by commas; all else is detail.
WRITTEN: Mapping[str, tuple[str, ...]] = {
    "primary_outcomes": OUTCOME,
    "secondary_outcomes": OUTCOME,
    "other_outcomes": OUTCOME,
    "locations": LOCATION,
    "interventions": ("kind", "name"),
    "collaborators": ("name",),
    "secondary_ids": ("id_text",),
    "documents": ("label",),
}
# By which an item whose text changed is still known for the same.
NAMED: Mapping[str, tuple[str, ...]] = {
    "locations": ("facility", "city", "country"),
    "interventions": ("name",),
}
# A format that tells several of these in one cell leaves the boundaries open.
RUN_TOGETHER = frozenset({"primary_outcomes", "secondary_outcomes", "other_outcomes", "locations"})


def lay_over(held: Values, incoming: Values, answered: frozenset[str]) -> dict[str, Any]:
    """Lay an incoming record over the one held, where its source can't answer every field.

    :param answered: the fields the source can answer; empty means all. A field outside them is not
        known to be empty, so what is held stays.
    """
    if not answered:
        return dict(incoming)
    kept = {name: value for name, value in held.items() if name not in answered}
    said = {name: _with_detail(name, held.get(name), value) for name, value in incoming.items()}
    gone = set(_outdated(held, incoming))
    return {name: value for name, value in {**kept, **said}.items() if name not in gone}


def _outdated(held: Values, incoming: Values) -> Iterator[str]:
    """Yield what was said of a value that has changed, and is not said of the new one."""
    for name in held:
        about = "enrolment_count" if name == "enrolment_kind" else _dated(name)
        about = "masking" if name == "who_masked" else about
        is_said = name in incoming or about not in incoming
        if about and not is_said and incoming[about] != held.get(about):
            yield name


def _dated(name: str) -> str:
    return f"{name.removesuffix('_kind')}_dtc" if name.endswith("_kind") else ""


def _with_detail(name: str, held: Any, value: Any) -> Any:
    if not held:
        return value
    if name == "lead_sponsor":
        is_same = value.get("name", "") in ("", held.get("name"))
        return {**held, **value} if is_same else value
    return _items(name, held, value) if name in WRITTEN else value


def _items(name: str, held: Sequence[Values], value: Sequence[Values]) -> list[Values]:
    """Return the items that a source names, each with what is held of the same one."""
    text = _text_of(WRITTEN[name])
    # A bar within a text cuts its cell in two.
    if name in RUN_TOGETHER and _even(" ".join(map(text, held))) == _even(
        " ".join(map(text, value))
    ):
        return list(held)
    found: list[Values | None] = [None] * len(value)
    left = _paired(held, value, found, text, whole=name in RUN_TOGETHER)
    if name in NAMED:
        left = _paired(left, value, found, _text_of(NAMED[name]), whole=False)
    if WRITTEN[name] == OUTCOME:
        _same_measure(left, value, found)
    return [one or item for one, item in zip(found, value, strict=True)]


def _paired(
    held: Sequence[Values],
    value: Sequence[Values],
    found: list[Values | None],
    text: Callable[[Values], str],
    *,
    whole: bool,
) -> list[Values]:
    """Give items that are not found yet what is held under the same text; return what is left.

    :param whole: whether what is held says it better than the source, which ran its parts together
    """
    waiting: dict[str, list[Values]] = defaultdict(list)
    for one in held:
        waiting[text(one)].append(one)
    for place, item in enumerate(value):
        same = waiting[text(item)] if found[place] is None and text(item) else []
        if same:
            one = same.pop(0)
            found[place] = one if whole else {**one, **item}
    return [one for ones in waiting.values() for one in ones]


def _same_measure(
    held: Sequence[Values], value: Sequence[Values], found: list[Values | None]
) -> None:
    """Part a cell that begins with a measure known before: what follows is said anew."""
    measures = sorted(((_even(one.get("measure")), one) for one in held), key=lambda p: -len(p[0]))
    for place, item in enumerate(value):
        if found[place] is not None:
            continue
        cell = _even(item.get("measure"))
        same = next((m for m in measures if m[0] and f"{cell}, ".startswith(f"{m[0]}, ")), None)
        if same:
            measures.remove(same)
            found[place] = _parted(same[1], cell[len(same[0]) :].removeprefix(", "))


def _parted(held: Values, rest: str) -> Values:
    frame = _even(held.get("time_frame"))
    is_framed = bool(frame) and f", {rest}".endswith(f", {frame}")
    description = rest.removesuffix(frame).removesuffix(", ") if is_framed else rest
    said = {
        "measure": held["measure"],
        "description": description,
        "time_frame": held["time_frame"] if is_framed else "",
    }
    return {name: text for name, text in said.items() if text}


def _text_of(parts: Sequence[str]) -> Callable[[Values], str]:
    return lambda item: _even(", ".join(str(item[part]) for part in parts if item.get(part)))


def _even(text: object) -> str:
    return " ".join(str(text or "").replace("|", " ").split())

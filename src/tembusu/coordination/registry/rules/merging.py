"""Whether two studies can be one, and which of their numbers is the known one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tembusu.coordination.registry.rules.matching_text import fold

Values = Mapping[str, Any]

LEAST_LETTERS = 4
LEAST_SIGNS = 3  # of a product's code, such as the 118 of VN-118
LEAST_ASPECTS = 2  # with fewer answered by both, nothing can be told

# Words that many studies, bodies and treatments share, and that make no two of them one.
COMMON = """
adult adults cancer care center centre chronic clinic clinical control disease diseases disorder
disorders foundation general group hospital infection institute international limited medical medicine
ministry national patient patients placebo research school standard study syndrome system treatment
therapy trial university usual with
"""


def unlike(one: Values, other: Values) -> tuple[str, ...]:
    """Return what two studies that have nothing in common differ in; () where they may be one.

    Judged by sponsor, conditions and interventions, as far as both say them: where not a single
    word of any is shared, and neither study names the number of the other.
    """
    if _names(one, other) or _names(other, one):
        return ()
    pairs = {name: (_words(one, name), _words(other, name)) for name in ASPECTS}
    judged = {name: pair for name, pair in pairs.items() if all(pair)}
    if len(judged) < LEAST_ASPECTS or any(left & right for left, right in judged.values()):
        return ()
    return tuple(judged)


def _names(one: Values, other: Values) -> bool:
    """Say whether a study names a number under which the other stands."""
    numbers = {other.get("registry_no"), other.get("org_study_no")} - {None, ""}
    named = {row.get("id_text") for row in one.get("secondary_ids") or []}
    return bool(numbers & (named | {one.get("org_study_no")}))


def _words(values: Values, aspect: str) -> frozenset[str]:
    texts = ASPECTS[aspect](values)
    words = {word for text in texts for word in fold(text).split()}
    telling = {word for word in words if _tells(word)}
    return frozenset(telling or words)


def _tells(word: str) -> bool:
    is_code = len(word) >= LEAST_SIGNS and any(sign.isdigit() for sign in word)
    return is_code or (len(word) >= LEAST_LETTERS and word not in COMMON.split())


def _sponsors(values: Values) -> Sequence[str]:
    return [(values.get("lead_sponsor") or {}).get("name") or ""]


def _conditions(values: Values) -> Sequence[str]:
    return [*(values.get("conditions") or []), *(values.get("keywords") or [])]


def _interventions(values: Values) -> Sequence[str]:
    rows = values.get("interventions") or []
    return [
        text for row in rows for text in (row.get("name"), *(row.get("other_names") or ())) if text
    ]


ASPECTS = {"sponsor": _sponsors, "conditions": _conditions, "interventions": _interventions}


def listed(names: Sequence[str]) -> str:
    """Return 'sponsor, conditions and interventions'; '' for none."""
    return " and ".join(one for one in (", ".join(names[:-1]), *names[-1:]) if one)


def known_side(one: Collection[str], other: Collection[str], *, own_registry: str) -> int | None:
    """Return which of two studies alone stands in another registry, 0 or 1; None where none does.

    :param one: the registries in which a study stands
    """
    sides = [bool(set(registries) - {own_registry}) for registries in (one, other)]
    return sides.index(True) if sum(sides) == 1 else None

"""What a portfolio address asks for: text, filters and order, and how they are shown and taken off.

An address is read once into ``Asked``. A value that makes no sense is refused with a sentence
(400), so that a list never shows something else than its address says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from tembusu.coordination.registry.selectors.search import DEFAULT_SORT, Filters, Mode
from tembusu.coordination.registry.terms import SortKey
from tembusu.coordination.registry.views import labels
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui import links, wording
from tembusu.foundation.ui.terms import Chip, Choice

BEST = "best"
MOST_VALUES = 40
MOST_SHOWN = 14
LONGEST_VALUE = 80
LONGEST_SEARCH = 1_000
LARGEST = 2_147_483_647
WHOSE, MINE, EVERYBODYS = "whose", "mine", "all"


class AddressRefused(Refusal):
    """The address of a list holds something that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter of named values: its name in the address, its label, how a value is said."""

    name: str
    label: str
    say: Callable[[str], str]
    in_menu: bool = True


def _status(code: str) -> str:
    return labels.status(code).word


def _phase(code: str) -> str:
    return labels.phase([code]) or "Phases do not apply"


def _flag(code: str) -> str:
    return labels.FLAGS.get(code, labels.word(code.upper()))


FACETS = (
    Facet("status", "Status", _status),
    Facet("phase", "Phase", _phase),
    Facet("type", "Type", labels.word),
    Facet("country", "Country", str),
    Facet("organisation", "Site", str),
    Facet("sponsor_kind", "Sponsor", labels.word),
    Facet("registry", "Registry", labels.registry),
    Facet("flag", "Marks", _flag),
    Facet("started", "Start year", str, in_menu=False),
    Facet("intervention", "Intervention", labels.word, in_menu=False),
    Facet("sex", "Sex", labels.word, in_menu=False),
    Facet("age", "Age group", labels.word, in_menu=False),
)
# Name in the address, label of the chip, attribute of Filters.
WHOLE = (
    ("n_from", "Participants from", "enrolment_from"),
    ("n_to", "Participants to", "enrolment_to"),
    ("year_from", "Started from", "started_from"),
    ("year_to", "Started to", "started_to"),
    ("items_from", "WHO items from", "answered_from"),
    ("items_to", "WHO items to", "answered_to"),
)
SORTS = (
    (BEST, "Best match"),
    ("-updated", "Updated, newest first"),
    ("updated", "Updated, oldest first"),
    ("title", "Title, A to Z"),
    ("-title", "Title, Z to A"),
    ("-number", "Number, highest first"),
    ("number", "Number, lowest first"),
    ("-started", "Start, latest first"),
    ("started", "Start, earliest first"),
    ("-enrolment", "Participants, most first"),
    ("enrolment", "Participants, fewest first"),
    ("completeness", "Record, least complete first"),
    ("-completeness", "Record, most complete first"),
)
REPEATABLE = frozenset(one.name for one in FACETS)
KNOWN = (
    frozenset({"q", "mode", "as_typed", "updated_since", WHOSE, links.SORT, links.CURSOR})
    | REPEATABLE
    | {name for name, _, _ in WHOLE}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An address, read."""

    text: str = ""
    mode: Mode = "all"
    sort: str = DEFAULT_SORT
    mends: bool = True
    filters: Filters = field(default_factory=Filters)
    cursor: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether text or filters narrow the list; whose studies it shows does not."""
        return bool(self.text) or self.filters != Filters(is_mine=self.filters.is_mine)


def read(params: QueryDict) -> Asked:
    """Read an address.

    :raises AddressRefused: naming the part that cannot be meant
    """
    text = " ".join(params.get("q", "").replace("\0", " ").split())
    if len(text) > LONGEST_SEARCH:
        raise AddressRefused(f"A search takes at most {LONGEST_SEARCH:,} characters.")
    return Asked(
        text=text,
        mode="any" if params.get("mode") == "any" else "all",
        sort=_sort(params.get(links.SORT, ""), has_text=bool(text)),
        mends=params.get("as_typed") != "1",
        filters=Filters(
            facets=_facets(params),
            is_mine=params.get(WHOSE) == MINE,
            updated_since=_day(params.get("updated_since", "")),
            **{attribute: _whole(params, name, label) for name, label, attribute in WHOLE},
        ),
        cursor=params.get(links.CURSOR, ""),
    )


def _sort(given: str, *, has_text: bool) -> str:
    if not given:
        return BEST if has_text else DEFAULT_SORT
    if given == BEST:
        return BEST if has_text else DEFAULT_SORT
    if given.removeprefix("-") not in set(SortKey):
        raise AddressRefused(f"There is no order called “{given[:40]}”.")
    return given


def _facets(params: QueryDict) -> Mapping[str, Sequence[str]]:
    found = {}
    for facet in FACETS:
        values = [value.strip() for value in params.getlist(facet.name) if value.strip()]
        if len(values) > MOST_VALUES:
            raise AddressRefused(f"At most {MOST_VALUES} values of “{facet.label}” fit one list.")
        if any("\0" in value or len(value) > LONGEST_VALUE for value in values):
            raise AddressRefused(f"“{facet.label}” holds a value that no study has.")
        if values:
            found[facet.name] = tuple(dict.fromkeys(values))
    return found


def _whole(params: QueryDict, name: str, label: str) -> int | None:
    given = params.get(name, "").strip().replace(",", "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > 10 or int(given) > LARGEST:
        raise AddressRefused(f"“{label}” takes a whole number, such as 100.")
    return int(given)


def _day(given: str) -> date | None:
    if not given.strip():
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise AddressRefused("“Updated since” takes a date, such as 2026-11-21.") from None


# -- shown --------------------------------------------------------------------------------------


def chips(params: QueryDict, asked: Asked, names: Mapping[str, str]) -> list[Chip]:
    """Return the filters that hold, each with the address that takes it off.

    :param names: organisation id to name
    """
    found = []
    for facet in FACETS:
        for value in asked.filters.facets.get(facet.name, ()):
            said = names.get(value, value) if facet.name == "organisation" else facet.say(value)
            url = links.without_value(params, facet.name, value)
            found.append(Chip(facet.label, said, remove_url=url))
    if asked.filters.updated_since:
        said = wording.day(asked.filters.updated_since)
        found.append(
            Chip("Updated since", said, remove_url=links.with_values(params, updated_since=""))
        )
    for name, label, attribute in WHOLE:
        value = getattr(asked.filters, attribute)
        if value is not None:
            said = str(value) if "year" in name else wording.thousands(value)
            found.append(Chip(label, said, remove_url=links.with_values(params, **{name: ""})))
    return found


def menus(
    asked: Asked,
    counts: Mapping[str, Sequence[tuple[str, int]]],
    names: Mapping[str, str],
) -> list[tuple[Facet, list[Choice]]]:
    """Return the filters to tick: facet and choices, those that hold first, then the commonest."""
    made = []
    for facet in FACETS:
        if not facet.in_menu:
            continue
        choices = _choices(asked, facet, counts.get(facet.name, ()), names)
        if choices:
            made.append((facet, choices))
    return made


def _choices(
    asked: Asked,
    facet: Facet,
    counted: Sequence[tuple[str, int]],
    names: Mapping[str, str],
) -> list[Choice]:
    held = asked.filters.facets.get(facet.name, ())
    known = dict(counted)
    others = [value for value, _ in counted if value not in held][: MOST_SHOWN - len(held)]
    return [
        Choice(
            value,
            names.get(value, value) if facet.name == "organisation" else facet.say(value),
            known.get(value),
            value in held,
        )
        for value in [*held, *others]
    ]


def sorts(params: QueryDict, asked: Asked) -> list[tuple[str, str, bool]]:
    """Return (label, address, is held) of each order that makes sense here."""
    return [
        (label, links.with_values(params, **{links.SORT: name}), name == asked.sort)
        for name, label in SORTS
        if name != BEST or asked.text
    ]


def sort_label(asked: Asked) -> str:
    return dict(SORTS).get(asked.sort, "Best match")


def sort_said(asked: Asked) -> str:
    """Return the order as the line that counts the list says it: 'by title, A to Z'."""
    if asked.sort == BEST:
        return "best match first"
    label = sort_label(asked).replace("Updated", "Last update")
    return f"by {label[0].lower()}{label[1:]}"


def kept(params: QueryDict) -> QueryDict:
    """Return an address without what says nothing: unknown names, empty and repeated values."""
    found = QueryDict(mutable=True)
    for name in params:
        values = [value for value in params.getlist(name) if value.strip()]
        if name in KNOWN and values:
            found.setlist(name, list(dict.fromkeys(values)) if name in REPEATABLE else values[-1:])
    return found


def canonical(params: QueryDict) -> str:
    """Return the part of an address that says which studies in which order, in a fixed order.

    It is what a saved view keeps: known names only, no page.
    """
    found = kept(params)
    found.pop(links.CURSOR, None)
    if len(found) > 1 and found.get(WHOSE) == EVERYBODYS:
        del found[WHOSE]
    for name in sorted(found):
        found.setlist(name, found.pop(name))
    return found.urlencode()


def hidden(params: QueryDict) -> list[tuple[str, Any]]:
    """Return what the form of the filters does not ask for but keeps, as hidden fields."""
    asked_for = {one.name for one in FACETS if one.in_menu} | {name for name, _, _ in WHOLE}
    dropped = asked_for | {"updated_since", links.CURSOR}
    return [
        (name, value)
        for name, values in params.lists()
        for value in values
        if name in KNOWN and name not in dropped
    ]

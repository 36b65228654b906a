"""Names, places and identifiers of bodies. A person's name keeps to the same rule."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people.terms import OrganisationKind
from tembusu.foundation.ui import countries

NAME_MAX = 300
_O = OrganisationKind


class NameRefused(Refusal):
    """A name that a body can't have."""


class ParentRefused(Refusal):
    """A parent that a body can't have."""


class RorRefused(Refusal):
    """A text that is no ROR id."""


class BodyInUse(Refusal):
    """A body that can't be withdrawn, since something stands on it."""


_CARE = frozenset({_O.CLUSTER, _O.UNIVERSITY, _O.INSTITUTION, _O.AGENCY})
PARENTS: Mapping[OrganisationKind, frozenset[OrganisationKind]] = {
    _O.SPONSOR: frozenset({_O.SPONSOR, _O.AGENCY}),
    _O.CRO: frozenset({_O.CRO, _O.AGENCY}),
    _O.INSTITUTION: _CARE,
    _O.CLUSTER: frozenset({_O.AGENCY}),
    _O.REGULATOR: frozenset({_O.AGENCY}),
    _O.ETHICS_BOARD: _CARE,
    _O.FUNDER: frozenset({_O.AGENCY}),
    _O.UNIVERSITY: frozenset({_O.AGENCY, _O.UNIVERSITY}),
    _O.AGENCY: frozenset({_O.AGENCY}),
    _O.RESEARCH_NETWORK: _CARE | {_O.COORDINATING_BODY},
    _O.COORDINATING_BODY: frozenset({_O.AGENCY}),
}


def check_parent(
    kind: OrganisationKind, *, parent: OrganisationKind, ancestors: Collection[int], own: int | None
) -> None:
    """Refuse a parent of the wrong kind, or one that stands below the body itself.

    :param ancestors: ids of the parent and all above it
    :param own: the body's own id; None when it is being registered
    :raises ParentRefused: saying what would be right
    """
    if parent not in PARENTS[kind]:
        right = ", ".join(sorted(one.label for one in PARENTS[kind]))
        raise ParentRefused(f"A body of kind {kind.label} belongs below: {right}.")
    if own is not None and own in ancestors:
        raise ParentRefused("A body can't belong to itself, nor to one below it.")


def check_name(text: str) -> str:
    """Return a body's or a person's name with blanks made single.

    :raises NameRefused: if nothing is left, it is too long, or holds unprintable characters
    """
    name = " ".join(text.split())
    if not name:
        raise NameRefused("Give a name.")
    if len(name) > NAME_MAX:
        raise NameRefused(f"The name has {len(name)} characters; at most {NAME_MAX} are kept.")
    if not name.isprintable():
        raise NameRefused("The name holds characters that can't be printed. Type it again.")
    return name


def check_rename(*, present: str, new: str, since: date | None, on: date, today: date) -> None:
    """Refuse a new name that changes nothing, or a date that can't be.

    :param since: when the present name began, if known
    :param on: the first day of the new name
    :raises NameRefused: saying what is wrong
    """
    if new == present:
        raise NameRefused("This is its name already.")
    if on > today:
        raise NameRefused("A new name is recorded from the day it holds, not before.")
    if since is not None and on <= since:
        raise NameRefused(
            f"The present name holds since {since:%d %b %Y}; the new one must begin later."
        )


def check_withdraw(
    name: str, *, has_other_names: bool, needed_by: Sequence[tuple[str, str]]
) -> None:
    """Refuse to take back a body that somebody worked on or that other records need.

    :param needed_by: what each of those is, as one and as several: ('place', 'places')
    :raises BodyInUse: saying which
    """
    if has_other_names:
        raise BodyInUse(f"{name} stays registered: it was given other names since.")
    if needed_by:
        found = sorted(Counter(needed_by).items())
        parts = [f"{n} {many if n > 1 else one}" for (one, many), n in found]
        raise BodyInUse(f"{name} stays registered: it is needed by {' and '.join(parts)}.")


def check_country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country given by its code or its name.

    :raises NameRefused: if no country is called so
    """
    code = countries.country_code(text)
    if not code:
        raise NameRefused(f"“{text.strip()}” is no country. {countries.HOW_A_COUNTRY}")
    return code


_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"  # pragma: allowlist secret
_ROR = re.compile(r"(?:https?://)?(?:ror\.org/)?(0[0-9a-hjkmnp-tv-z]{6}\d{2})")


def ror_id(text: str) -> str | None:
    """Return the nine characters of a ROR id given bare or as an address; None for nothing.

    The last two digits are a checksum, ISO/IEC 7064 mod 97-10 over the six base-32 characters
    (ROR documentation, "ROR identifier pattern").

    :raises RorRefused: if it is another text, or was mistyped
    """
    given = text.strip().lower().rstrip("/")
    if not given:
        return None
    found = _ROR.fullmatch(given)
    if not found:
        raise RorRefused(
            "A ROR id has nine characters and begins with 0, as in https://ror.org/036j6sg82."
        )
    short = found[1]
    number = 0
    for character in short[1:7]:
        number = number * 32 + _CROCKFORD.index(character)
    if 98 - (number * 100) % 97 != int(short[7:]):
        raise RorRefused("This ROR id has a wrong checksum: a character was mistyped.")
    return short

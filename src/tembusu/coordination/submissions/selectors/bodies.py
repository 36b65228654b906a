"""The bodies to which one submits, and how each of them works."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from tembusu.coordination.submissions.models import BodyDesk
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind

KINDS = (OrganisationKind.REGULATOR, OrganisationKind.ETHICS_BOARD, OrganisationKind.AGENCY)
OWN_SYSTEM = "its own system"


class UnknownBody(SubmissionRefused):
    """A body that is not registered, or is none that takes submissions."""


def list_bodies() -> Sequence[Any]:
    """Return the bodies that take submissions, by kind and name. Reference data, no secret."""
    return list(people.bodies_of_kinds(KINDS))


def known_body(pk: int) -> Any:
    """Return the body with this id.

    :raises UnknownBody: saying which bodies there are
    """
    found = people.bodies_of_kinds(KINDS).filter(pk=pk).first()
    if found is None:
        names = ", ".join(str(one) for one in list_bodies()[:6])
        raise UnknownBody(
            f"No board or regulator is registered under this number. Those that take submissions "
            f"are: {names or 'none yet'}. A missing one is registered under Organisations."
        )
    return found


def body_called(name: str) -> Any:
    """Return the board or regulator that has exactly this name or acronym, for extracts.

    :raises UnknownBody: naming what was written
    """
    found = [one for one in people.find_by_name(None, name) if one.kind in KINDS]
    if len(found) != 1:
        how = "no" if not found else "more than one"
        raise UnknownBody(
            f"{how.capitalize()} board or regulator is called “{name}”. Write its registered name."
        )
    return found[0]


def check_known(ids: Collection[int]) -> None:
    """Refuse ids that are no organisations'.

    :raises SubmissionRefused: saying what to do
    """
    if set(ids) - people.names_of_bodies(ids).keys():
        raise SubmissionRefused("A sponsor is not registered. Choose among the organisations.")


def system_of(body: Any, *, on: date) -> str:
    """Return the name of the body's own system of record on a day; '' where it works here.

    What nobody said here is taken from the jurisdiction pack.
    """
    desk = BodyDesk.objects.filter(body=body).first()
    if desk is not None and (desk.works_here or desk.system):
        return "" if desk.works_here else desk.system
    key = jurisdictions.authority_of(body.pk)
    named = jurisdictions.authority(key, on) if key else None
    return (named.system if named else "") or OWN_SYSTEM


def desk_of(body: Any) -> BodyDesk | None:
    return BodyDesk.objects.filter(body=body).first()


def boards_of(user: Any) -> list[Any]:
    """Return the boards that work here on which the user sits, or for which the user writes."""
    rows = BodyDesk.objects.visible_to(user).filter(works_here=True).select_related("body")
    return [one.body for one in rows.order_by("body__name")]

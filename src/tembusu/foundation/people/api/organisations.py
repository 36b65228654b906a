"""Organisations for programs: find them, read one.

The search takes the same words as the address of the list, and sees what the token's person may.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, P, PathEx, Query, Router, Schema
from ninja.errors import HttpError

from tembusu.foundation.people import selectors
from tembusu.foundation.people.api.calls import (
    LARGEST_ID,
    REFUSALS,
    Problem,
    TokenAuth,
    TokenThrottle,
)
from tembusu.foundation.people.models import Organisation
from tembusu.foundation.people.terms import NameKind, OrganisationKind, TokenScope
from tembusu.foundation.ui import paging

router = Router(tags=["organisations"])
READS = TokenThrottle("300/m", "organisations-read")
MOST_ROWS = 200
SORTS = {name: paging.Sort(name, name) for name in ("name", "city", "country")}


# -- what is said ---------------------------------------------------------------------------------


class OrganisationQuery(Schema):
    """The filters of the list. Those that may be repeated take any of their values."""

    q: str = Field("", description="Words of any of its names; slips are forgiven")
    kind: list[OrganisationKind] = Field(default_factory=list, description="What it is")
    country: list[str] = Field(default_factory=list, description="ISO 3166-1 alpha-2")
    sort: Literal["name", "-name", "city", "-city", "country", "-country"] = Field(
        "name", description="Downwards with a minus before it"
    )
    cursor: str = Field("", description="`next` of the page before")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="How many to a page")


class OrganisationRow(Schema):
    """An organisation in a list. ``parent`` is the id of what it belongs to."""

    id: int
    name: str
    kind: OrganisationKind
    country: str
    city: str
    parent: int | None
    ror_id: str | None
    is_active: bool


class OrganisationPage(Schema):
    """A page. ``count`` is exact unless ``is_count_capped``: then there are more.

    ``is_guess`` says that no name has the words of ``q``: these are written most alike.
    """

    organisations: list[OrganisationRow]
    count: int
    is_count_capped: bool
    is_guess: bool
    next: str
    previous: str


class NameShown(Schema):
    name: str
    kind: NameKind
    valid_from: date | None
    valid_to: date | None


class OrganisationShown(OrganisationRow):
    """An organisation with every name that it has or had."""

    names: list[NameShown]


# -- calls ----------------------------------------------------------------------------------------


@router.get(
    "/organisations",
    response={200: OrganisationPage, 400: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.ORGANISATIONS_READ),
    throttle=READS,
    operation_id="list_organisations",
    summary="Find organisations",
)
def list_organisations(request: HttpRequest, query: Query[OrganisationQuery]) -> Any:
    check_words(request)
    text = query.q.replace("\0", "")
    rows = selectors.list_organisations(
        request.user,
        text=text,
        kinds=query.kind,
        countries=[code.upper() for code in query.country],
    )
    sort = SORTS[query.sort.removeprefix("-")]
    if query.sort.startswith("-"):
        sort = sort.reversed()
    try:
        page = paging.fetch(
            rows, sort, after=query.cursor, size=query.limit, count=paging.count_capped(rows)
        )
    except paging.CursorError as fault:
        raise HttpError(400, str(fault)) from fault
    count = page.count or paging.Count(0)
    return {
        "organisations": [row_of(body) for body in page.rows],
        "count": count.n,
        "is_count_capped": count.is_capped,
        "is_guess": not selectors.is_called(request.user, text),
        "next": page.next,
        "previous": page.previous,
    }


def check_words(request: HttpRequest) -> None:
    """Refuse what no filter knows: an empty answer to a slip would be taken for 'none'."""
    known: Sequence[str] = list(OrganisationQuery.model_fields)
    if unknown := sorted(set(request.GET) - set(known)):
        raise HttpError(422, f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.")


def row_of(body: Organisation) -> dict[str, Any]:
    return {
        "id": body.pk,
        "name": body.name,
        "kind": body.kind,
        "country": body.country,
        "city": body.city,
        "parent": body.parent_id,
        "ror_id": body.ror_id,
        "is_active": body.is_active,
    }


@router.get(
    "/organisations/{organisation_id}",
    response={200: OrganisationShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.ORGANISATIONS_READ),
    throttle=READS,
    operation_id="get_organisation",
    summary="Read one organisation",
)
def get_organisation(
    request: HttpRequest,
    organisation_id: PathEx[
        int, P(ge=1, le=LARGEST_ID, description="`id` of an organisation, as the list gives it")
    ],
) -> Any:
    body = selectors.get_organisation(request.user, organisation_id)
    names = [
        {
            "name": one.name,
            "kind": one.kind,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
        }
        for one in selectors.list_names(body)
    ]
    return {**row_of(body), "names": names}

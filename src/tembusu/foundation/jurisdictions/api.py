"""The reference data for programs: read only."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from tembusu.foundation.jurisdictions.selectors import browse
from tembusu.foundation.jurisdictions.terms import ItemKind, Theme
from tembusu.foundation.people.api import REFUSALS, Problem, TokenAuth, TokenThrottle
from tembusu.foundation.people.terms import TokenScope

router = Router(tags=["reference data"])
READS = TokenThrottle("300/m", "reference-data-read")


class ItemQuery(Schema):
    """The filters of the list."""

    on: date | None = Field(None, description="As the rules hold on this day; today if not given")
    theme: Theme | None = Field(None, description="What the items are about")
    standing: Literal["", "unverified", "empty", "planned"] = Field(
        "", description="Items that are not verified, not known, or planned to change"
    )
    q: str = Field("", description="Words of its label, key, value, note or source")


class ItemShown(Schema):
    """An item as it holds on the day; else as it will hold next, or held last.

    ``effective_to`` is the first day on which it holds no longer. ``value`` is null where it is not
    known.
    """

    theme: Theme
    key: str
    label: str
    kind: ItemKind
    value: Any
    unit: str
    source: str
    effective_from: date | None
    effective_to: date | None
    is_held: bool
    is_verified: bool
    note: str
    details: dict[str, Any]


class ItemsShown(Schema):
    jurisdiction: str
    country: str
    on: date
    items: list[ItemShown]


@router.get(
    "/jurisdiction/items",
    response={200: ItemsShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.STUDIES_READ),
    throttle=READS,
    operation_id="list_jurisdiction_items",
    summary="Read the rules of the country",
)
def list_items(request: HttpRequest, query: Query[ItemQuery]) -> Any:
    on = query.on or timezone.localdate()
    lines = browse.list_items(
        request.user, on, theme=query.theme, standing=query.standing, text=query.q
    )
    pack = browse.present_pack(request.user)
    return {
        "jurisdiction": pack.key,
        "country": pack.country,
        "on": on,
        "items": [
            {
                **{
                    name: getattr(line.item, name)
                    for name in ItemShown.model_fields
                    if name != "is_held"
                },
                "is_held": line.is_held,
                "details": dict(line.item.details),
            }
            for line in lines
        ],
    }

"""Study-sites for programs: find those on their way, read one with its milestones and holds."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Field, P, PathEx, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import AfterValidator

from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors import feeds, paths, sheets
from tembusu.coordination.startup.selectors.paths import Asked
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import MilestonePlan, MilestoneState, PathState, Stage
from tembusu.foundation.people.api import (
    LARGEST_ID,
    REFUSALS,
    Problem,
    TokenAuth,
    TokenThrottle,
)
from tembusu.foundation.people.terms import TokenScope
from tembusu.foundation.ui import paging

router = Router()
READS = TokenThrottle("300/m", "startup-read")
MOST_ROWS = 200
SORTS = {
    "changed": paths.CHANGED.reversed(),
    "-changed": paths.CHANGED,
    "selected": paths.SELECTED.reversed(),
    "-selected": paths.SELECTED,
}
SiteId = PathEx[
    int, P(ge=1, le=LARGEST_ID, description="`id` of the study-site, as a list of them gives it")
]


def without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds the character NUL, which no text here has. Take it out.")
    return text


Text = Annotated[str, AfterValidator(without_nul)]


# -- what is said ---------------------------------------------------------------------------------


class SiteQuery(Schema):
    """Which study-sites are asked for."""

    study: Text = Field("", max_length=60, description="Number of a study: ours or any registry's")
    organisation: int | None = Field(
        None, ge=1, le=LARGEST_ID, description="`id` of the institution"
    )
    state: PathState | None = Field(None, description="How the study-site stands as a whole")
    stage: Stage | None = Field(None, description="The stretch in which it is")
    waits_on: Text = Field("", max_length=40, description="Key of a party whose turn it is")
    changed_since: datetime | None = Field(
        None, description="Changed at or after; with its offset, such as `2026-03-14T09:00:00Z`"
    )
    sort: Literal["changed", "-changed", "selected", "-selected"] = Field(
        "changed", description="Upwards by when it changed, for a program that keeps in step"
    )
    cursor: Text = Field("", description="`next` of the page before")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Study-sites on a page")


class StudyNamed(Schema):
    id: int
    number: str


class BodyNamed(Schema):
    id: int
    name: str


class SiteRow(Schema):
    """A study-site. ``waits_on`` are the keys of the parties whose turn it is, ``since`` since when."""

    id: int
    study: StudyNamed
    organisation: BodyNamed
    state: PathState
    stage: str
    waits_on: list[str]
    since: date | None
    due: date | None
    selected: date
    opened: date | None
    left: date | None
    left_reason: str
    changed_at: datetime
    page: str


class SitePage(Schema):
    """A page. ``count`` is exact unless ``is_count_capped``: then there are more."""

    sites: list[SiteRow]
    count: int
    is_count_capped: bool
    next: str
    previous: str


class HoldShown(Schema):
    """``until`` is the first day on which the milestone was held no more; null while it is."""

    waits_on: str
    reason: str
    start: date
    until: date | None
    note: str


class MilestoneShown(Schema):
    """A milestone: when things happened, and when they were told here."""

    key: str
    label: str
    stage: Stage
    party: str
    needs: list[str]
    is_gate: bool = Field(description="Completing it opens the site")
    state: MilestoneState
    started: date | None
    started_told_at: datetime | None
    completed: date | None
    completed_told_at: datetime | None
    due: date | None
    evidence: str
    reason: str = Field(description="Why it does not apply, or was reopened")
    holds: list[HoldShown]


class PathwayNamed(Schema):
    key: str
    title: str
    version: int


class SiteShown(SiteRow):
    """A study-site with its milestones, and the words that its pathway knows."""

    pathway: PathwayNamed
    milestones: list[MilestoneShown]
    parties: dict[str, str] = Field(description="Label by key, for `waits_on`")
    reasons: dict[str, str] = Field(description="Label by key, for the reason of a hold")


# -- calls ----------------------------------------------------------------------------------------


@router.get(
    "/startup/sites",
    response={200: SitePage, 400: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.STARTUP_READ),
    throttle=READS,
    operation_id="list_study_sites",
    summary="Find study-sites on their way",
)
def list_sites(request: HttpRequest, query: Query[SiteQuery]) -> Any:
    check_words(request)
    rows = feeds.list_for_program(
        request.user,
        Asked(state=query.state or "", stage=query.stage or "", party=query.waits_on),
        study=query.study,
        organisation_id=query.organisation,
        changed_since=aware(query.changed_since),
        today=timezone.localdate(),
    )
    try:
        page = paging.fetch(
            rows,
            SORTS[query.sort],
            after=query.cursor,
            size=query.limit,
            count=paging.count_capped(rows),
        )
    except paging.CursorError as fault:
        raise HttpError(400, str(fault)) from fault
    count = page.count or paging.Count(0)
    return {
        "sites": [row_of(path) for path in page.rows],
        "count": count.n,
        "is_count_capped": count.is_capped,
        "next": page.next,
        "previous": page.previous,
    }


def check_words(request: HttpRequest) -> None:
    """Refuse what no filter knows: an empty answer to a slip would be taken for 'none'."""
    known = list(SiteQuery.model_fields)
    if unknown := sorted(set(request.GET) - set(known)):
        raise HttpError(422, f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.")


def aware(moment: datetime | None) -> datetime | None:
    """Return the moment; one without an offset could mean any of two dozen, so it is refused."""
    if moment is not None and timezone.is_naive(moment):
        raise HttpError(422, "changed_since: give the offset too, such as 2026-03-14T09:00:00Z.")
    return moment


@router.get(
    "/startup/sites/{site_id}",
    response={200: SiteShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.STARTUP_READ),
    throttle=READS,
    operation_id="get_study_site",
    summary="Read one study-site with its milestones",
)
def get_site(request: HttpRequest, site_id: SiteId) -> Any:
    return site_of(paths.get_path(request.user, site_id))


def row_of(path: SitePathway) -> dict[str, Any]:
    site = path.study_site
    return {
        "id": path.pk,
        "study": {"id": site.study_id, "number": site.study.number},
        "organisation": {"id": site.organisation_id, "name": site.organisation.name},
        "state": path.state,
        "stage": path.stage,
        "waits_on": path.holders,
        "since": path.waiting_since,
        "due": path.due_date,
        "selected": path.selected_date,
        "opened": path.opened_date,
        "left": path.left_date,
        "left_reason": path.left_reason,
        "changed_at": path.changed_at,
        "page": reverse("startup:site", args=[path.pk]),
    }


def site_of(path: SitePathway) -> dict[str, Any]:
    sheet = sheets.read_sheet(path)
    version, plan = path.version, sheet.plan
    return {
        **row_of(path),
        "pathway": {"key": plan.key, "title": plan.title, "version": version.number},
        "milestones": [milestone_of(sheet, one) for one in plan.milestones],
        "parties": dict(plan.parties),
        "reasons": {one.key: one.label for one in plan.reasons},
    }


def milestone_of(sheet: Sheet, plan: MilestonePlan) -> dict[str, Any]:
    row = sheet.rows[plan.key]
    return {
        "key": plan.key,
        "label": plan.label,
        "stage": plan.stage,
        "party": plan.party,
        "needs": plan.needs,
        "is_gate": plan.is_gate,
        "state": row.state,
        "started": row.started_date,
        "started_told_at": row.started_recorded_at,
        "completed": row.completed_date,
        "completed_told_at": row.completed_recorded_at,
        "due": row.due_date,
        "evidence": row.evidence,
        "reason": row.reason,
        "holds": [
            {
                "waits_on": one.waiting_on,
                "reason": one.reason_code,
                "start": one.start_date,
                "until": one.end_date,
                "note": one.note,
            }
            for one in sheet.holds.get(plan.key, ())
        ],
    }

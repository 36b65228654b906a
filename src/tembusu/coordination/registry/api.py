"""The registry's part of the API: find studies, read one, send records, see what became of them.

Every call acts as the token's person: what they may not see is 404, and writes go through the same
actions as the screens. The search takes the same words as the address of the portfolio.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, BinaryIO, Literal

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.throttling import SimpleRateThrottle

from tembusu.coordination.registry.actions import uploads
from tembusu.coordination.registry.models import ImportRun, StudyIndex
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import runs, search, studies
from tembusu.coordination.registry.terms import PlaceState, RunState
from tembusu.coordination.registry.views import filters, labels
from tembusu.foundation.people.api import TokenAuth
from tembusu.foundation.people.terms import TokenScope
from tembusu.foundation.ui import links, paging

router = Router(tags=["registry"])
MOST_ROWS = 200
REFUSED_SHOWN = 100
CLOSED: Mapping[str, tuple[str, ...]] = {
    "status": tuple(labels.STATUSES),
    "phase": labels.PHASES,
    "type": ("INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS"),
    "flag": tuple(labels.FLAGS),
}
LARGEST_ID = 2**63 - 1
StudyId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class TokenThrottle(SimpleRateThrottle):
    """So many calls for each token, whatever its person's other tokens do."""

    def __init__(self, rate: str, scope: str) -> None:
        self.scope = scope
        super().__init__(rate)

    def get_cache_key(self, request: HttpRequest) -> str | None:
        token = getattr(request, "auth", None)
        if token is None:
            return None
        return str(self.cache_format % {"scope": self.scope, "ident": token.pk})


READS = TokenThrottle("300/m", "registry-read")
IMPORTS = TokenThrottle("20/m", "registry-import")


# -- what is said -------------------------------------------------------------------------------


class Problem(Schema):
    """Why a call was refused (RFC 9457, ``application/problem+json``)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


class StudyQuery(Schema):
    """The filters of the portfolio. Those that may be repeated take any of their values."""

    q: str = Field(
        "", description="Words, “quoted phrases”, -words to leave out, or a trial number"
    )
    mode: Literal["all", "any"] = Field("all", description="Whether all words are needed")
    sort: str = Field("", description="Such as `-updated`, `title`, `best`; see the portfolio")
    cursor: str = Field("", description="`next` of the page before")
    limit: int = Field(50, ge=1, le=MOST_ROWS)
    status: list[str] = Field(default_factory=list)
    phase: list[str] = Field(default_factory=list)
    type: list[str] = Field(default_factory=list)
    country: list[str] = Field(default_factory=list)
    organisation: list[str] = Field(default_factory=list, description="Ids of institutions")
    sponsor_kind: list[str] = Field(default_factory=list)
    registry: list[str] = Field(default_factory=list)
    flag: list[str] = Field(default_factory=list, description="`results`, `needs_review`, …")
    updated_since: date | None = None
    n_from: int | None = Field(None, ge=0, le=filters.LARGEST)
    n_to: int | None = Field(None, ge=0, le=filters.LARGEST)
    year_from: int | None = Field(None, ge=0, le=9999)
    year_to: int | None = Field(None, ge=0, le=9999)


class StudyRow(Schema):
    """A study in a list."""

    id: int
    number: str
    registry_numbers: list[str]
    title: str
    acronym: str
    status: str
    phase: str
    study_type: str
    sponsor: str
    conditions: list[str]
    countries: list[str]
    n_locations: int
    enrolment: int | None
    start_date: date | None
    updated_date: date | None
    has_results: bool
    needs_review: bool
    who_items_answered: int


class StudyPage(Schema):
    """A page of studies. ``count`` is exact unless ``is_count_capped``: then there are more."""

    studies: list[StudyRow]
    count: int
    is_count_capped: bool
    next: str
    previous: str
    mode: str
    understood_as: str


class RegistrationShown(Schema):
    registry: str
    registry_no: str
    version: int
    first_seen_at: datetime
    changed_at: datetime


class OrganisationShown(Schema):
    id: int
    name: str


class LocationShown(Schema):
    """A location as the registry writes it, and the institution it stands for where known."""

    name: str
    city: str
    country: str
    status: str
    state: PlaceState
    explanation: str
    organisation: OrganisationShown | None


class CompletenessShown(Schema):
    answered: int
    of: int
    missing: list[str]


class StudyShown(Schema):
    """A study: what it says now, and for each field which registry, or curation, says so."""

    id: int
    number: str
    state: str
    merged_into: int | None
    record: dict[str, Any]
    sources: dict[str, str]
    completeness: CompletenessShown
    registrations: list[RegistrationShown]
    locations: list[LocationShown]


class RefusedShown(Schema):
    source: str
    position: int
    registry_no: str
    reason: str


class ImportShown(Schema):
    """An import and what became of its records. ``refused`` holds the first of them."""

    id: int
    job: int | None
    state: RunState
    job_state: str
    label: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    refused: list[RefusedShown]
    page: str


REFUSALS: dict[int, Any] = {401: Problem, 403: Problem, 422: Problem, 429: Problem}


# -- studies ------------------------------------------------------------------------------------


@router.get(
    "/studies",
    response={200: StudyPage, 400: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.STUDIES_READ),
    throttle=READS,
    operation_id="list_studies",
    summary="Find studies",
)
def list_studies(request: HttpRequest, query: Query[StudyQuery]) -> Any:
    check_words(request, query)
    try:
        asked = filters.read(as_address(query))
        found = search.search(
            request.user,
            asked.text,
            asked.filters,
            asked.mode,
            asked.sort,
            asked.cursor,
            query.limit,
        )
    except (filters.AddressRefused, paging.CursorError) as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {
        "studies": [row_of(row) for row in found.rows],
        "count": found.count.n,
        "is_count_capped": found.count.is_capped,
        "next": found.next,
        "previous": found.previous,
        "mode": found.mode,
        "understood_as": found.understanding.mended or found.understanding.typed,
    }


def check_words(request: HttpRequest, query: StudyQuery) -> None:
    """Refuse what no filter knows: an empty answer to a slip would be taken for 'no studies'."""
    if unknown := sorted(set(request.GET) - set(StudyQuery.model_fields)):
        known = ", ".join(StudyQuery.model_fields)
        raise HttpError(422, f"Unknown: {', '.join(unknown)}. Known: {known}.")
    for name, words in CLOSED.items():
        for value in getattr(query, name):
            if value not in words:
                raise HttpError(422, f"{name} has no value {value!r}. Known: {', '.join(words)}.")


def as_address(query: StudyQuery) -> QueryDict:
    """Return a query as the portfolio's address, so that both are read by the same rules."""
    params = QueryDict(mutable=True)
    said = query.dict(exclude={"limit", "cursor", "sort"}, exclude_none=True)
    for name, value in said.items():
        params.setlist(name, [str(one) for one in (value if isinstance(value, list) else [value])])
    params[links.CURSOR], params[links.SORT] = query.cursor, query.sort
    return params


def row_of(row: StudyIndex) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "registry_numbers": row.registry_nos,
        "title": row.title,
        "acronym": row.acronym,
        "status": row.status,
        "phase": row.phase,
        "study_type": row.study_type,
        "sponsor": row.sponsor_name,
        "conditions": row.conditions,
        "countries": row.countries,
        "n_locations": row.n_locations,
        "enrolment": row.enrolment,
        "start_date": row.start_date,
        "updated_date": row.updated_date,
        "has_results": row.has_results,
        "needs_review": row.needs_review,
        "who_items_answered": row.n_answered,
    }


@router.get(
    "/studies/{study_id}",
    response={200: StudyShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.STUDIES_READ),
    throttle=READS,
    operation_id="get_study",
    summary="Read one study",
)
def get_study(request: HttpRequest, study_id: StudyId) -> Any:
    study = studies.get_study(request.user, study_id)
    record = studies.effective_record(study)
    complete = records.completeness(record.values)
    return {
        "id": study.pk,
        "number": study.number,
        "state": study.state,
        "merged_into": study.merged_into_id,
        "record": record.values,
        "sources": record.sources,
        "completeness": {
            "answered": complete.n_answered,
            "of": complete.n_items,
            "missing": complete.missing,
        },
        "registrations": [
            {
                "registry": one.registry,
                "registry_no": one.registry_no,
                "version": one.version_no,
                "first_seen_at": one.first_seen_at,
                "changed_at": one.changed_at,
            }
            for one in studies.list_registrations(study)
        ],
        "locations": [location_of(one) for one in studies.list_locations(study)],
    }


def location_of(row: Any) -> dict[str, Any]:
    body = row.place.organisation
    return {
        "name": row.place.name,
        "city": row.city,
        "country": row.country,
        "status": row.status,
        "state": row.place.state,
        "explanation": row.place.explanation,
        "organisation": {"id": body.pk, "name": body.name} if body else None,
    }


# -- imports ------------------------------------------------------------------------------------

SENT: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Files as `files` of a form, or JSON records as the body itself.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
            "application/json": {
                "schema": {
                    "description": "A ClinicalTrials.gov API v2 study, a list of them, or a page",
                    "oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}],
                }
            },
        },
    }
}


@router.post(
    "/imports",
    response={202: ImportShown, 400: Problem, 413: Problem, 415: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.IMPORTS_WRITE),
    throttle=IMPORTS,
    operation_id="start_import",
    summary="Send records",
    openapi_extra=dict(SENT),
)
def start_import(request: HttpRequest) -> Any:
    person: Any = request.user
    run = uploads.start_import(sent=list(sent_by(request)), by=person, at=timezone.now())
    return Status(202, import_of(run))


def sent_by(request: HttpRequest) -> Iterable[tuple[BinaryIO, str]]:
    """Yield the files of a request, as (open file, name).

    :raises HttpError: 415 where it is neither a form nor JSON
    """
    if request.content_type == "multipart/form-data":
        for one in request.FILES.getlist("files"):
            yield one.file, one.name or "records"  # type: ignore[misc]
    elif request.content_type == "application/json":
        # Read as it comes: a large body is stored piece by piece, not held in memory.
        body: Any = request
        yield body, "records.json"
    else:
        raise HttpError(415, "Send a form with files, or JSON.")


@router.get(
    "/imports/{import_id}",
    response={200: ImportShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.IMPORTS_READ),
    throttle=READS,
    operation_id="get_import",
    summary="See what became of an import",
)
def get_import(request: HttpRequest, import_id: StudyId) -> Any:
    return import_of(runs.get_run(request.user, import_id))


def import_of(run: ImportRun) -> dict[str, Any]:
    job = runs.job_of(run)
    refused = runs.list_refused(run).order_by("pk")[:REFUSED_SHOWN]
    return {
        "id": run.pk,
        "job": run.job_id,
        "state": run.state,
        "job_state": job.state if job else "",
        "label": run.label,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "counts": run.counts,
        "refused": [
            {
                "source": one.source,
                "position": one.position,
                "registry_no": one.registry_no,
                "reason": one.reason,
            }
            for one in refused
        ],
        "page": reverse("registry:import", args=[run.pk]),
    }

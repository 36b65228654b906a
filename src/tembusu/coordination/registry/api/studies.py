"""Studies for programs: find them, read one.

The search takes the same words as the address of the portfolio, and is read by the same rules.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest, QueryDict
from ninja import Field, P, PathEx, Query, Router, Schema
from ninja.errors import HttpError

from tembusu.coordination.registry.api.calls import READS
from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import search, studies
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import filters, labels
from tembusu.foundation.people.api import LARGEST_ID, REFUSALS, Problem, TokenAuth
from tembusu.foundation.people.terms import TokenScope
from tembusu.foundation.ui import links, paging

router = Router()
MOST_ROWS = 200
CLOSED: Mapping[str, tuple[str, ...]] = {
    "status": tuple(labels.STATUSES),
    "phase": labels.PHASES,
    "type": ("INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS"),
    "flag": tuple(labels.FLAGS),
}
StudyId = PathEx[
    int, P(ge=1, le=LARGEST_ID, description="`id` of the study, as a list of studies gives it")
]


# -- what is said -------------------------------------------------------------------------------


def _any_of(says: str) -> Any:
    return Field(default_factory=list, description=f"{says}. May be repeated: any of them")


def _whole(says: str, most: int = filters.LARGEST) -> Any:
    return Field(None, ge=0, le=most, description=says)


def _dtc(says: str) -> Any:
    return Field(
        description=f"{says}, as precisely as the registry says: `2026`, `2026-09` or `2026-09-14`"
    )


class StudyQuery(Schema):
    """The filters of the portfolio. Those that may be repeated take any of their values."""

    q: str = Field("", description="Words, “quoted phrases”, -words to leave out, or trial numbers")
    mode: Literal["all", "any"] = Field("all", description="Whether all words are needed")
    as_typed: bool = Field(False, description="Search every word as typed, mending nothing")
    whose: Literal["all", "mine"] = Field(
        "all", description="`mine` for the studies in which the token's person has a part"
    )
    sort: str = Field(
        "",
        description="`best` (with `q`), `updated`, `title`, `number`, `started`, `enrolment` or "
        "`completeness`; with `-` in front the other way round",
    )
    cursor: str = Field("", description="`next` or `previous` of a page of the same list")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Studies on a page")
    status: list[str] = _any_of("Recruitment status, such as `RECRUITING`")
    phase: list[str] = _any_of("`EARLY_PHASE1`, `PHASE1` to `PHASE4`, `NA`")
    type: list[str] = _any_of("`INTERVENTIONAL`, `OBSERVATIONAL`, `EXPANDED_ACCESS`")
    country: list[str] = _any_of("Country of a site, as the registry writes it")
    organisation: list[str] = _any_of("`id` of an institution that is a site")
    sponsor_kind: list[str] = _any_of("Kind of the sponsor, such as `INDUSTRY`")
    registry: list[str] = _any_of("Registry that holds the study, such as `ctgov`")
    flag: list[str] = _any_of(f"Marks: {', '.join(f'`{name}`' for name in labels.FLAGS)}")
    started: list[str] = _any_of("Year in which the study started")
    intervention: list[str] = _any_of("Kind of intervention, such as `DRUG`")
    sex: list[str] = _any_of("`ALL`, `FEMALE`, `MALE`")
    age: list[str] = _any_of("`CHILD`, `ADULT`, `OLDER_ADULT`")
    updated_since: date | None = Field(None, description="Updated at the registry on or after")
    n_from: int | None = _whole("Participants, at least")
    n_to: int | None = _whole("Participants, at most")
    year_from: int | None = _whole("Started in or after this year", most=9999)
    year_to: int | None = _whole("Started in or before this year", most=9999)
    items_from: int | None = _whole("Items of the WHO data set answered, at least", most=24)
    items_to: int | None = _whole("Items of the WHO data set answered, at most", most=24)


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
    enrolment_kind: str = Field(description="`ACTUAL`, `ESTIMATED` or empty")
    start_date: str | None = _dtc("Start")
    updated_date: str | None = _dtc("Last update at the registry")
    has_results: bool
    needs_review: bool
    who_items_answered: int


class SearchShown(Schema):
    """How the words of ``q`` were taken, as the portfolio tells its readers."""

    searched: str = Field(description="What was searched for, typing errors mended")
    is_mended: bool = Field(description="Whether that differs from `q`; `as_typed` prevents it")
    suggestion: str = Field(description="What may have been meant and finds more; not searched for")
    suggestion_count: int = Field(description="How many studies the suggestion would find")
    explained: list[str] = Field(description="Words taken for more than they say: `word → heading`")
    notes: list[str] = Field(description="What could not be used, and why")
    mode: Literal["all", "any"] = Field(description="`any` also where nothing had all the words")
    is_ranking_bounded: bool = Field(
        description="More studies match than are ranked by fit; another order goes through all"
    )


class StudyPage(Schema):
    """A page of studies. ``count`` is exact unless ``is_count_capped``: then there are more."""

    studies: list[StudyRow]
    count: int
    is_count_capped: bool
    next: str
    previous: str
    search: SearchShown | None = Field(description="Null where no words were given")


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
            mends=asked.mends,
        )
    except (filters.AddressRefused, paging.CursorError) as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {
        "studies": [row_of(row) for row in found.rows],
        "count": found.count.n,
        "is_count_capped": found.count.is_capped,
        "next": found.next,
        "previous": found.previous,
        "search": search_of(found) if found.understanding.typed else None,
    }


def search_of(found: search.SearchPage) -> dict[str, Any]:
    text = found.understanding
    return {
        "searched": text.mended or text.typed,
        "is_mended": bool(text.mended),
        "suggestion": found.suggestion,
        "suggestion_count": found.suggested.n,
        "explained": [*text.explained, *text.left_out],
        "notes": text.notes,
        "mode": found.mode,
        "is_ranking_bounded": found.is_bounded,
    }


def check_words(request: HttpRequest, query: StudyQuery) -> None:
    """Refuse what no filter knows: an empty answer to a slip would be taken for 'no studies'."""
    if unknown := sorted(set(request.GET) - set(StudyQuery.model_fields)):
        known = ", ".join(StudyQuery.model_fields)
        raise HttpError(422, f"Unknown: {', '.join(unknown)}. Known: {known}.")
    if any("\0" in value for values in request.GET.lists() for value in values[1]):
        raise HttpError(
            400, "A value holds the character NUL, which no text here has. Take it out."
        )
    for name, words in CLOSED.items():
        for value in getattr(query, name):
            if value not in words:
                raise HttpError(422, f"{name} has no value {value!r}. Known: {', '.join(words)}.")


def as_address(query: StudyQuery) -> QueryDict:
    """Return a query as the portfolio's address, so that both are read by the same rules."""
    params = QueryDict("as_typed=1" if query.as_typed else "", mutable=True)
    said = query.dict(exclude={"limit", "cursor", "sort", "as_typed"}, exclude_none=True)
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
        "enrolment_kind": row.enrolment_kind,
        "start_date": row.start_dtc or None,
        "updated_date": row.updated_dtc or None,
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
        "name": row.name,
        "city": row.city,
        "country": row.country,
        "status": row.status,
        "state": row.place.state,
        "explanation": row.place.explanation,
        "organisation": {"id": body.pk, "name": body.name} if body else None,
    }

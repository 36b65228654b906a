"""One study: what it is, where it stands, what every registry says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import Registration, Study, StudyLocation
from tembusu.coordination.registry.rules import eligibility, records
from tembusu.coordination.registry.rules.answers import is_web_address
from tembusu.coordination.registry.rules.doubts import doubts
from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.terms import EffectiveRecord, PlaceState, StudyState, Timeliness
from tembusu.coordination.registry.views import labels, sources, study_acts, values
from tembusu.coordination.registry.views.sources import SourcedFact
from tembusu.foundation.core import trail
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links, paging, wording
from tembusu.foundation.ui.terms import (
    Badge,
    Change,
    Chip,
    Crumb,
    Meter,
    Shape,
    Tab,
    Tone,
    TrailEntry,
    Turn,
)

SITES_ON_A_PAGE = 100
TRAIL_ON_THE_TAB = 40
LIST = Crumb("Studies", "/studies/")

TIMELINESS = {
    Timeliness.PROSPECTIVE: Badge("Registered before it began", Tone.OK, Shape.TICK),
    Timeliness.RETROSPECTIVE: Badge("Registered after it began", Tone.WARN, Shape.DIAMOND),
    Timeliness.UNKNOWN: None,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A study as its pages need it: the row, what it says now, and where that comes from."""

    study: Study
    record: EffectiveRecord
    registrations: Sequence[Registration]
    is_inside: bool = False  # the reader works with the study, and may read who did what

    @property
    def values(self) -> Mapping[str, Any]:
        return self.record.values


def load(request: HttpRequest, pk: int) -> Shown:
    """Return the study with its record, or 404 where this user may not see it."""
    study = selectors.get_study(request.user, pk)
    return Shown(
        study=study,
        record=selectors.effective_record(study),
        registrations=list(selectors.list_registrations(study)),
        is_inside=selectors.works_with(request.user, study),
    )


def frame(request: HttpRequest, shown: Shown, current: str) -> dict[str, Any]:
    """Return what every tab of a study shows: heading, marks, tabs, acts."""
    study, said = shown.study, shown.values
    name = values.title(said, study.number)
    allowed, refused = study_acts.of(request.user, study)
    return {
        "study": study,
        "values": values.unmarked(said),
        "crumbs": [LIST, Crumb(study.number, reverse("registry:study", args=[study.pk]))],
        "heading": name,
        "acronym": acronym(said),
        "lead": summary_line(said),
        "marks": marks(shown),
        "numbers": [r.registry_no for r in shown.registrations if r.registry_no != study.number],
        "tabs": tabs(shown, current),
        "acts": allowed,
        "blocked": refused,
    }


def acronym(said: Mapping[str, Any]) -> str:
    """Return the acronym to say before the title; '' where the title says it itself."""
    found = str(said.get("acronym") or "")
    return "" if found.casefold() in values.title(said, "").casefold() else found


def summary_line(said: Mapping[str, Any]) -> str:
    """Return one sentence: 'Phase 3 interventional study in lung cancer, by Damar Therapeutics.'"""
    kind = labels.word(said.get("study_type") or "").lower()
    parts = [labels.phase(said.get("phases") or []), kind, "study"]
    line = " ".join(part for part in parts if part)
    conditions = said.get("conditions") or []
    if conditions:
        more = f" and {len(conditions) - 2} more" if len(conditions) > 2 else ""
        line += f" in {', '.join(conditions[:2])}{more}"
    if by := values.sponsor(said):
        line += f", by {by}"
    return line[:1].upper() + line[1:] + "."


def marks(shown: Shown) -> list[Badge]:
    said = shown.values
    found: list[Badge | None] = []
    if shown.study.state == StudyState.DRAFT:
        found.append(Badge("Draft, not published", Tone.WARN, Shape.RING))
    if said.get("overall_status"):
        found.append(labels.status(said["overall_status"]))
    timeliness = records.timeliness(said.get("registered_dtc") or "", said.get("start_dtc") or "")
    found.append(TIMELINESS[timeliness])
    if doubts(said):
        found.append(Badge("Doubtful status or dates", Tone.WARN))
    if said.get("has_results"):
        found.append(Badge("Results posted", Tone.INFO, Shape.TICK))
    return [one for one in found if one]


def tabs(shown: Shown, current: str) -> list[Tab]:
    pk, said = shown.study.pk, shown.values
    n_outcomes = sum(len(said.get(kind) or []) for kind in OUTCOMES)
    n_versions = sum(r.version_no for r in shown.registrations)
    parts = (
        ("overview", "Overview", "registry:study", None),
        ("sites", "Sites", "registry:study_sites", len(said.get("locations") or [])),
        ("eligibility", "Eligibility", "registry:study_eligibility", None),
        ("outcomes", "Outcomes", "registry:study_outcomes", n_outcomes),
        ("versions", "Versions", "registry:study_versions", n_versions),
        ("trail", "Trail", "registry:study_trail", None),
    )
    return [
        Tab(label, reverse(name, args=[pk]), count, key == current)
        for key, label, name, count in parts
        if shown.is_inside or key != "trail"
    ]


# -- overview -----------------------------------------------------------------------------------


@login_required
@require_safe
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    if shown.study.merged_into_id is not None:
        return redirect("registry:study", pk=shown.study.merged_into_id)
    said = shown.values
    curated = list(selectors.list_curated(shown.study))
    differing = [one for one in curated if one.differs_since and shown.is_inside]
    source = sources.Sources(shown.record, shown.registrations, curated)
    complete = records.completeness(said)
    context = {
        **frame(request, shown, "overview"),
        "doubts": doubts(said),
        "turn": standing(shown, n_differing=len(differing), user=request.user),
        "differing": [(one, difference(one)) for one in differing],
        "source": source,
        "design": design_facts(said, source),
        "people": people_facts(said, source),
        "ethics": ethics_facts(said, source),
        "dates": date_facts(said, source),
        "arms": with_kinds(said.get("arms")),
        "interventions": with_kinds(said.get("interventions")),
        "meter": Meter("WHO data set", complete.n_answered, complete.n_items, complete.missing),
        "registrations": registration_lines(shown),
        "references": said.get("references") or [],
    }
    return render(request, "registry/study/overview.html", context)


def with_kinds(found: Any) -> list[dict[str, Any]]:
    """Return arms or interventions with their kinds in words."""
    return [
        {**values.unmarked(one), "kind_word": labels.word(one.get("kind"))} for one in found or []
    ]


def difference(one: Any) -> Change:
    """Return a curated value against the imported one, for the comparison."""
    return Change(
        labels.field(one.field),
        values.text(one.field, one.value),
        values.text(one.field, one.imported_value),
    )


def standing(shown: Shown, *, n_differing: int, user: Any) -> Turn | None:
    """Return where the study stands, in one sentence with its times."""
    said = shown.values
    if not said:
        return None
    times = [
        ("Start", values.dated(said, "start")),
        ("Primary completion", values.dated(said, "primary_completion")),
        ("Participants", values.participants(said)),
        ("Updated at the registry", wording.day(last_update(said)) if last_update(said) else ""),
    ]
    review = study_acts.review_act(user, shown.study) if n_differing else None
    verb = "differs" if n_differing == 1 else "differ"
    note = f"{labels.plural(n_differing, 'value')} {verb} from the registry" if n_differing else ""
    return Turn(
        label="Where it stands",
        headline=headline(said),
        times=[(label, words) for label, words in times if words],
        act=review,
        note=note,
    )


def last_update(said: Mapping[str, Any]) -> str:
    return said.get("last_update_posted_dtc") or said.get("last_update_submitted_dtc") or ""


def headline(said: Mapping[str, Any]) -> str:
    """Return 'Recruiting at 14 of 22 sites in 3 countries', as far as the record knows."""
    places = said.get("locations") or []
    status = labels.status(said.get("overall_status") or "").word
    if reason := said.get("why_stopped"):
        return f"{status}: {reason}"
    if not places:
        return f"{status}; no site is listed"
    n_open = sum(one.get("status") == "RECRUITING" for one in places)
    lands = records.countries(said)
    where = (
        f" in {lands[0]}"
        if len(lands) == 1
        else f" in {labels.plural(len(lands), 'country', 'countries')}"
    )
    if not lands:
        where = ""
    if n_open and said.get("overall_status") == "RECRUITING":
        return f"{status} at {n_open:,} of {labels.plural(len(places), 'site')}{where}"
    return f"{status}, {labels.plural(len(places), 'site')}{where}"


def design_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    masked = said.get("who_masked") or []
    masking = values.text("masking", said.get("masking"))
    who = values.text("who_masked", masked).lower().replace("\n", ", ")
    shown = [
        ("Type", "study_type", ""),
        ("Phase", "phases", labels.phase(said.get("phases") or [])),
        ("Purpose", "primary_purpose", ""),
        ("Allocation", "allocation", ""),
        ("Design", "intervention_model", ""),
        ("Design", "observational_model", ""),
        ("Time", "time_perspective", ""),
        ("Masking", "masking", f"{masking}: {who}" if masking and who else masking),
        ("Participants", "enrolment_count", values.participants(said)),
        ("Monitoring committee", "has_dmc", ""),
    ]
    return source.facts(shown, keep_empty={"study_type", "enrolment_count"})


def people_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    sponsor = said.get("lead_sponsor") or {}
    kind = (
        f"{sponsor.get('name', '')} ({labels.word(sponsor['kind']).lower()})"
        if sponsor.get("kind")
        else ""
    )
    reached = ("name", "affiliation", "phone", "email")
    shown = [
        ("Sponsor", "lead_sponsor", kind or sponsor.get("name") or ""),
        ("Collaborators", "collaborators", listed(said, "collaborators", "name")),
        ("Sources of support", "support_sources", ""),
        ("Responsible", "officials", listed(said, "officials", "name", "affiliation")),
        ("Public contact", "public_contacts", listed(said, "public_contacts", *reached)),
        (
            "Scientific contact",
            "scientific_contacts",
            listed(said, "scientific_contacts", *reached),
        ),
    ]
    shown += [
        ("Protocol number", "org_study_no", ""),
        ("Other numbers", "secondary_ids", listed(said, "secondary_ids", "id_text", "domain")),
    ]
    return source.facts(shown, keep_empty={"lead_sponsor"})


def ethics_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    """Return what boards said, and what comes of the data: shared how, and where results are."""
    reviews = "\n".join(ethics_line(one) for one in said.get("ethics_reviews") or [])
    shown = [
        ("Ethics review", "ethics_reviews", reviews),
        ("Sharing of data", "ipd_sharing", ""),
        ("What is shared, and how", "ipd_description", ""),
        ("Page on sharing", "ipd_url", ""),
        ("Summary results posted", "has_results", ""),
        ("Address of the results", "results_url", ""),
    ]
    return source.facts(shown, keep_empty={"ethics_reviews", "ipd_sharing"})


def ethics_line(review: Mapping[str, Any]) -> str:
    """Return 'Meranti Ethics Board: Approved, 3 Apr 2026', as far as it is given."""
    approved = review.get("approval_dtc")
    stands = [review.get("status") or "", wording.day(approved) if approved else ""]
    words = ", ".join(one for one in stands if one)
    return ": ".join(one for one in (review.get("committee") or "", words) if one)


def listed(said: Mapping[str, Any], field: str, *parts: str) -> str:
    """Return a list of persons or bodies, a line for each, of those parts that are given."""
    lines = (
        ", ".join(str(one[part]) for part in parts if one.get(part))
        for one in said.get(field) or []
    )
    return "\n".join(line for line in lines if line)


def date_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    shown = [
        ("Registered", "registered_dtc", values.dated(said, "registered")),
        ("Start", "start_dtc", values.dated(said, "start")),
        ("Primary completion", "primary_completion_dtc", values.dated(said, "primary_completion")),
        ("Completion", "completion_dtc", values.dated(said, "completion")),
        ("Results posted", "results_first_posted_dtc", values.dated(said, "results_first_posted")),
        ("Last update", "last_update_posted_dtc", values.dated(said, "last_update_posted")),
        ("Verified", "verified_dtc", values.dated(said, "verified")),
    ]
    keep = {"registered_dtc", "start_dtc", "completion_dtc"}
    return source.facts(shown, keep_empty=keep)


def registration_lines(shown: Shown) -> list[dict[str, Any]]:
    own = {r.registry_no for r in shown.registrations}
    lines = []
    for registration in shown.registrations:
        record = selectors.current_record(registration)
        crossed = [
            one.get("id_text")
            for one in record.get("secondary_ids") or []
            if one.get("id_text") not in own
        ]
        url = str(record.get("record_url") or "")
        lines.append(
            {
                "row": registration,
                "registry": labels.registry(registration.registry),
                "url": url if is_web_address(url) else labels.record_url(registration),
                "crossed": crossed[:6],
                "n_more": max(len(crossed) - 6, 0),
            }
        )
    return lines


# -- sites --------------------------------------------------------------------------------------


def home_first(rows: QuerySet[StudyLocation]) -> QuerySet[StudyLocation]:
    """Number a study's locations so that those of the home country come first."""
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    away = Case(
        When(country=home, then=Value(0)), default=Value(10_000_000), output_field=IntegerField()
    )
    return rows.annotate(rank=away + F("ordinal"))


@login_required
@require_safe
def sites(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    everything = selectors.list_locations(shown.study)
    lands = list(
        everything.order_by()
        .values_list("country")
        .annotate(n=Count("id"))
        .order_by("-n", "country")
    )
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    lands.sort(key=lambda pair: pair[0] != home)
    rows = everything
    country = request.GET.get("country", "")
    if country:
        rows = rows.filter(country=country.replace("\0", ""))
    page = fetch(
        request, home_first(rows), paging.Sort("place", "rank", paging.Kind.WHOLE), SITES_ON_A_PAGE
    )
    keeps = people.may(request.user, permissions.SETTLE_PLACES)
    context = {
        **frame(request, shown, "sites"),
        "page": page,
        "lines": [site_line(row, home=home) for row in page.rows],
        "lands": [land_chip(request, name, n, chosen=country) for name, n in lands[:24]],
        "n_resolved": everything.filter(place__state=PlaceState.SETTLED).count(),
        "n_all": sum(n for _, n in lands),
        "keeps": keeps,
    }
    return render(request, "registry/study/sites.html", context)


def fetch(request: HttpRequest, rows: Any, sort: paging.Sort, size: int) -> paging.Page[Any]:
    """Return the page that the address asks for; a cursor that cannot be used is 404."""
    try:
        return paging.fetch(
            rows,
            sort,
            after=request.GET.get(links.CURSOR, ""),
            size=size,
            count=paging.count_capped(rows),
        )
    except paging.CursorError as fault:
        raise Http404(str(fault)) from fault


def land_chip(request: HttpRequest, name: str, n: int, *, chosen: str) -> Chip:
    label = name or "No country given"
    if name == chosen and name:
        return Chip(label, remove_url=links.with_values(request.GET, country=""), count=n)
    return Chip(label, url=links.with_values(request.GET, country=name), count=n)


def site_line(row: StudyLocation, *, home: str) -> dict[str, Any]:
    place = row.place
    is_settled = place.state == PlaceState.SETTLED
    return {
        "row": row,
        "name": place.name,
        "organisation": place.organisation if is_settled else None,
        "unresolved": "" if is_settled else unresolved_reason(place),
        "status": labels.status(row.status) if row.status else None,
        "is_home": row.country == home,
        "where": ", ".join(part for part in (row.city, row.country) if part),
        "contacts": [one for one in row.contacts if one.get("name") or one.get("email")][:4],
    }


def unresolved_reason(place: Any) -> str:
    reasons = {
        PlaceState.PROPOSED: "a proposal waits for review",
        PlaceState.PLACEHOLDER: "the name stands for no particular place",
        PlaceState.REJECTED: "it was decided that no institution can be told",
    }
    return reasons.get(place.state) or place.explanation or "no organisation is near enough"


# -- eligibility, outcomes, trail ---------------------------------------------------------------


@login_required
@require_safe
def eligibility_page(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    said = shown.values
    source = sources.Sources(shown.record, shown.registrations, selectors.list_curated(shown.study))
    facts = source.facts(
        [
            ("Sex", "sex", ""),
            ("Ages", "minimum_age", values.ages(said)),
            ("Healthy volunteers", "healthy_volunteers", ""),
            ("Gender", "gender_description", ""),
            ("Population", "study_population", ""),
            ("Sampling", "sampling_method", ""),
        ],
        keep_empty={"sex", "minimum_age", "healthy_volunteers"},
    )
    context = {
        **frame(request, shown, "eligibility"),
        "criteria": eligibility.part(said.get("eligibility_text") or ""),
        "facts": facts,
        "source": source,
    }
    return render(request, "registry/study/eligibility.html", context)


OUTCOMES = {
    "primary_outcomes": "Primary outcomes",
    "secondary_outcomes": "Secondary outcomes",
    "other_outcomes": "Other outcomes",
}


@login_required
@require_safe
def outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    groups = [
        (label, [values.unmarked(one) for one in shown.values.get(kind) or []])
        for kind, label in OUTCOMES.items()
    ]
    context = {
        **frame(request, shown, "outcomes"),
        "groups": [(label, found) for label, found in groups if found],
    }
    return render(request, "registry/study/outcomes.html", context)


@login_required
@require_safe
def trail_tab(request: HttpRequest, pk: int) -> HttpResponse:
    selectors.get_study_within(request.user, pk)
    shown = load(request, pk)
    story = trail.story("study")
    told = trail.tell(story, shown.study) if story else []
    context = {
        **frame(request, shown, "trail"),
        "entries": [entry_shown(one) for one in told[:TRAIL_ON_THE_TAB]],
        "n_entries": len(told),
        "n_shown": min(len(told), TRAIL_ON_THE_TAB),
        "trail_url": reverse("core:trail", args=["study", pk]),
        "export_url": reverse("core:trail_export", args=["study", pk]),
    }
    return render(request, "registry/study/trail.html", context)


def entry_shown(entry: Any) -> TrailEntry:
    """Return a line of the core's trail as the component draws it."""
    return TrailEntry(
        at=entry.at,
        title=entry.title,
        who=entry.by,
        reason=entry.reason,
        changes=[Change(c.field, c.before, c.after) for c in entry.changes[:12]],
        is_turning=entry.kind in ("act", "import"),
    )

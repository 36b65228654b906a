"""What every tab of a study shows: its heading, its marks, its tabs, what may be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tembusu.coordination.registry.models import CuratedField, Registration, Study
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.rules.doubts import doubts
from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.selectors import turns
from tembusu.coordination.registry.terms import (
    EffectiveRecord,
    StudyState,
    Timeliness,
    study_tabs,
)
from tembusu.coordination.registry.views import labels, study_acts, values
from tembusu.coordination.registry.views.sources import Sources
from tembusu.foundation.ui.terms import (
    Badge,
    Crumb,
    Shape,
    Tab,
    Tone,
)

LIST = Crumb("Studies", "/studies/")
OUTCOMES = {
    "primary_outcomes": "Primary outcomes",
    "secondary_outcomes": "Secondary outcomes",
    "other_outcomes": "Other outcomes",
}

TIMELINESS = {
    Timeliness.PROSPECTIVE: Badge("Registered at or before enrolment", Tone.OK, Shape.TICK),
    Timeliness.RETROSPECTIVE: Badge("Registered after enrolment began", Tone.WARN, Shape.DIAMOND),
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

    def sources(self, curated: Iterable[CuratedField]) -> Sources:
        """Return where each value comes from, as far as the reader may know."""
        return Sources(self.record, self.registrations, curated, names_curators=self.is_inside)


def load(request: HttpRequest, pk: int) -> Shown:
    """Return the study with its record, or 404 where this user may not see it."""
    return load_for(request.user, pk)


def load_for(user: Any, pk: int) -> Shown:
    """Return the study with its record, or 404 where this user may not see it."""
    study = selectors.get_study(user, pk)
    return Shown(
        study=study,
        record=selectors.effective_record(study),
        registrations=list(selectors.list_registrations(study)),
        is_inside=selectors.works_with(user, study),
    )


def frame(request: HttpRequest, shown: Shown, current: str) -> dict[str, Any]:
    """Return what every tab of a study shows: heading, marks, tabs, acts."""
    return frame_for(request.user, shown, current)


def frame_for(user: Any, shown: Shown, current: str) -> dict[str, Any]:
    """Return what every tab of a study shows to a user, those of higher rooms included."""
    study, said = shown.study, shown.values
    name = values.title(said, study.number)
    allowed, refused = study_acts.of(user, study)
    return {
        "study": study,
        "values": values.unmarked(said),
        "crumbs": [LIST, Crumb(study.number, reverse("registry:study", args=[study.pk]))],
        "heading": name,
        "acronym": acronym(said),
        "lead": summary_line(said),
        "marks": marks(shown),
        "parts": parts(user, shown),
        "numbers": [r.registry_no for r in shown.registrations if r.registry_no != study.number],
        "tabs": tabs(user, shown, current),
        "acts": allowed,
        "blocked": refused,
    }


def parts(user: Any, shown: Shown) -> list[tuple[turns.Part, str]]:
    """Return the reader's own roles in the study, each with the address of its team."""
    found = turns.list_parts(user, shown.study) if shown.is_inside else []
    return [(part, reverse("people:members", args=[part.scope_id])) for part in found]


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
    end = "" if line.endswith(".") else "."
    return line[:1].upper() + line[1:] + end


def marks(shown: Shown) -> list[Badge]:
    said = shown.values
    found: list[Badge | None] = []
    if shown.study.state == StudyState.DRAFT:
        found.append(Badge("Draft, not published", Tone.WARN, Shape.RING))
    if said.get("overall_status"):
        found.append(labels.status(said["overall_status"]))
    found.append(TIMELINESS[records.timeliness_of(said)])
    if records.why_undecided(said):
        found.append(Badge("Registered in time: undecided", Tone.QUIET, Shape.RING))
    if doubts(said):
        found.append(Badge("Doubtful status or dates", Tone.WARN))
    if said.get("has_results"):
        found.append(Badge("Results posted", Tone.INFO, Shape.TICK))
    return [one for one in found if one]


def tabs(user: Any, shown: Shown, current: str) -> list[Tab]:
    """Return the registry's own tabs and those that higher rooms gave, in one order."""
    pk, said = shown.study.pk, shown.values
    n_outcomes = sum(len(said.get(kind) or []) for kind in OUTCOMES)
    n_versions = sum(r.version_no for r in shown.registrations)
    own = (
        (10, "overview", "Overview", "registry:study", None),
        (20, "sites", "Sites", "registry:study_sites", len(said.get("locations") or [])),
        (30, "eligibility", "Eligibility", "registry:study_eligibility", None),
        (40, "outcomes", "Outcomes", "registry:study_outcomes", n_outcomes),
        (50, "versions", "Versions", "registry:study_versions", n_versions),
        (60, "trail", "Trail", "registry:study_trail", None),
    )
    parts: list[tuple[int, str, str, str, int | None]] = [
        one for one in own if shown.is_inside or one[1] != "trail"
    ]
    parts += [
        (one.order, one.key, one.label, one.url_name, one.count and one.count(user, shown.study))
        for one in study_tabs()
        if one.may_see(user, shown.study)
    ]
    return [
        Tab(label, reverse(name, args=[pk]), count, key == current)
        for _, key, label, name, count in sorted(parts, key=lambda part: (part[0], part[1]))
    ]

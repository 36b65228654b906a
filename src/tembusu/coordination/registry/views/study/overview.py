"""The first tab: where the study stands, its facts, what was curated, its registrations."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.rules.answers import is_web_address
from tembusu.coordination.registry.rules.doubts import doubts
from tembusu.coordination.registry.rules.turns import Matter, Waiting
from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.selectors import turns
from tembusu.coordination.registry.views import labels, sources, study_acts, values
from tembusu.coordination.registry.views.study.facts import (
    date_facts,
    design_facts,
    ethics_facts,
    people_facts,
)
from tembusu.coordination.registry.views.study.frame import Shown, frame, load
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import (
    Change,
    Meter,
    Turn,
)

# What the heading and the first card say, where a fact's own badge has no place.
IN_SHORT = (
    "brief_title",
    "acronym",
    "official_title",
    "brief_summary",
    "detailed_description",
    "conditions",
    "keywords",
)


@login_required
@require_safe
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    if shown.study.merged_into_id is not None:
        return redirect("registry:study", pk=shown.study.merged_into_id)
    said = shown.values
    doubted = doubts(said)
    curated = list(selectors.list_curated(shown.study))
    differing = [one for one in curated if one.differs_since and shown.is_inside]
    source = shown.sources(curated)
    complete = records.completeness(said)
    context = {
        **frame(request, shown, "overview"),
        "doubts": doubted,
        "turn": standing(request.user, shown, n_doubts=len(doubted)),
        "differing": [(one, difference(one)) for one in differing],
        "until": until(request.user, shown) if differing else "",
        "source": source,
        "curated_words": source.curated_among(IN_SHORT),
        "curated_arms": source.curated_among(("interventions", "arms")),
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


def until(user: Any, shown: Shown) -> str:
    """Return what holds while the study's differences wait, as this user should hear it."""
    may = people.may(user, permissions.CURATE_STUDY, shown.study.scope_id)
    return sources.until_decided(may_decide=may)


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


def standing(user: Any, shown: Shown, *, n_doubts: int) -> Turn | None:
    """Return whose turn it is, for those who work with the study; for others where it stands."""
    said = shown.values
    facts = [
        ("First enrolment", values.dated(said, "start")),
        ("Primary completion", values.dated(said, "primary_completion")),
        ("Participants", values.participants(said)),
        ("Updated at the registry", wording.day(last_update(said)) if last_update(said) else ""),
    ]
    if shown.is_inside:
        return whose_turn(
            user,
            shown.study,
            turns.list_waiting(user, shown.study, n_doubts=n_doubts),
            [("Stands", headline(said, shown.record.sources) if said else ""), *facts],
        )
    if not said:
        return None
    return Turn("Where it stands", headline(said, shown.record.sources), given(facts))


def whose_turn(
    user: Any, study: Study, waiting: Sequence[Waiting], facts: Sequence[tuple[str, str]]
) -> Turn:
    """Return the turn as the first thing that waits says it, the rest as a note."""
    if not waiting:
        return Turn("Whose turn", "Nobody’s: nothing waits", given(facts))
    first, *rest = waiting
    return Turn(
        label="Whose turn",
        headline=turn_said(first),
        times=given(facts),
        act=study_acts.turn_act(user, study, first.matter) if first.is_yours else None,
        note=" ".join(f"Also {uncapped(turn_said(one))}." for one in rest),
    )


def given(facts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, words) for label, words in facts if words]


def turn_said(one: Waiting) -> str:
    """Return 'Yours: 1 difference since 16 Nov 2026', or with whom it lies instead."""
    day = wording.day(one.since)
    whose = "Yours" if one.is_yours else f"With {one.holder}"
    if one.matter is Matter.DRAFT:
        return f"{whose}: a draft, saved {day}"
    if one.matter is Matter.DOUBTS:
        return f"{whose}: {labels.plural(one.n, 'doubt')} about status or dates since {day}"
    return f"{whose}: {labels.plural(one.n, 'difference')} since {day}"


def uncapped(text: str) -> str:
    return text[:1].lower() + text[1:]


def last_update(said: Mapping[str, Any]) -> str:
    return said.get("last_update_posted_dtc") or said.get("last_update_submitted_dtc") or ""


def headline(said: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """Return 'Recruiting at 14 of 22 sites in 3 countries', as far as the record knows.

    Sites are not counted by a status that another source says than the one that lists them.

    :param sources: where each field comes from
    """
    places = said.get("locations") or []
    status = labels.status(said.get("overall_status") or "").word
    if reason := said.get("why_stopped"):
        return f"{status}: {reason}"
    if not places:
        return f"{status}{_in(records.countries(said))}; no site is listed"
    n_open = sum(one.get("status") == "RECRUITING" for one in places)
    where = _in(records.site_countries(said))
    if sources.get("overall_status") != sources.get("locations"):
        return f"{status}; {labels.plural(len(places), 'site')}{where} listed"
    if n_open and said.get("overall_status") == "RECRUITING":
        return f"{status} at {n_open:,} of {labels.plural(len(places), 'site')}{where}"
    return f"{status}, {labels.plural(len(places), 'site')}{where}"


def _in(lands: Sequence[str]) -> str:
    if not lands:
        return ""
    many = labels.plural(len(lands), "country", "countries")
    return f" in {lands[0] if len(lands) == 1 else many}"


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

"""A synthetic national portfolio, made through the room's own actions.

Most studies come in as a trial registry would send them, some change in a later import, some are
registered by hand, a few stay drafts. Nothing here stands for a real trial, body or person.
"""

import json
import random
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tembusu.coordination.registry.actions import curation, drafts, imports, places, views
from tembusu.coordination.registry.demo import thesaurus, trials
from tembusu.coordination.registry.models import (
    CuratedField,
    Place,
    Registration,
    Study,
    StudyDraft,
    StudySite,
)
from tembusu.coordination.registry.terms import PlaceState
from tembusu.foundation.people import demo as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import Role

SEED = 20260302
N_IMPORTED, N_BY_HAND, N_DRAFTS = 118, 26, 6


def is_loaded() -> bool:
    """Say whether the portfolio is there already."""
    return Registration.objects.filter(registry_no=trials.NUMBER.format(1)).exists()


def load(at: datetime, home_country: str) -> None:
    """Make the portfolio, unless it is there.

    :param at: the demo's present; everything happens before it
    :param home_country: the home country's name as registries write it
    """
    if is_loaded():
        return
    dice = random.Random(SEED)  # noqa: S311 synthetic data, the same each time
    made = [trials.trial(n, dice, at.date(), home_country) for n in range(1, N_IMPORTED + 1)]
    analyst = people.person_as(Role.COORDINATING_ANALYST)
    thesaurus.load(at - timedelta(days=61))
    _import(made, by=analyst, at=at - timedelta(days=60), label="Registry extract, first")
    _settle_some(at - timedelta(days=50))
    _curate_some(dice, at - timedelta(days=40))
    later = [trials.changed(one, dice, at.date()) for one in made[::6]]
    _import(later, by=analyst, at=at - timedelta(days=6), label="Registry extract, changes")
    _by_hand(dice, at, home_country)
    _give_roles(at - timedelta(days=30))
    _save_views(at - timedelta(days=5))


def _import(made: Sequence[dict[str, Any]], *, by: Any, at: datetime, label: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{label.lower().replace(', ', '-').replace(' ', '-')}.json"
        path.write_text(json.dumps(made))
        imports.import_studies(paths=[path], by=by, at=at, label=label)


def _settle_some(at: datetime) -> None:
    """Let the analyst accept the surest proposal, so that the queue shows both kinds."""
    analyst = people.person_as(Role.COORDINATING_ANALYST)
    proposed = Place.objects.filter(state=PlaceState.PROPOSED).order_by("-confidence", "id")
    for place in proposed[:1]:
        nearest = place.alternatives[0][0]
        places.settle_place(
            place=place, organisation_id=nearest, by=analyst, at=at, reason="Same address"
        )


def _curate_some(dice: random.Random, at: datetime) -> None:
    lead = people.person_as(Role.COORDINATING_LEAD)
    found = Registration.objects.filter(
        registry_no__in=[trials.NUMBER.format(n) for n in range(1, N_IMPORTED, 12)]
    )
    for registration in found.select_related("study").order_by("id"):
        record = registration.versions.get(version_no=1).record
        curation.curate_field(
            study=registration.study,
            field="brief_title",
            value=record["brief_title"].replace(" against ", " or "),
            by=lead,
            at=at,
            reason="Plain words agreed with the sponsor",
        )


def _by_hand(dice: random.Random, at: datetime, home: str) -> None:
    """Register investigators' own studies by hand; the last ones stay drafts."""
    behind = [
        ("Kempas Medical Centre", Role.CLUSTER_RESEARCH_OFFICE),
        ("Sena Biologics", Role.SPONSOR_MANAGER),
        ("Rain Tree General Hospital", Role.INSTITUTION_REPRESENTATIVE),
    ]
    for n in range(N_BY_HAND + N_DRAFTS):
        body, role = behind[n % len(behind)]
        organisation = people_selectors.find_by_name(None, body)[0]
        by = people_selectors.holders([role], organisation.scope_id)[0]
        began = at - timedelta(days=dice.randint(20, 300))
        field = dice.choice(trials.FIELDS)
        draft = drafts.start_registration(
            title=f"Registry of {trials.plain(field.conditions[0])}, {2020 + n % 7}",
            on_behalf_of=organisation,
            by=by,
            at=began,
        )
        is_finished = n < N_BY_HAND
        answers = _answers(field, body, dice, began.date(), home) if is_finished else {}
        answers["conditions"] = list(field.conditions)
        draft = drafts.save_draft(
            draft=draft, answers=answers, revision=0, by=by, at=began + timedelta(hours=1)
        )
        if is_finished:
            drafts.publish_study(draft=draft, by=by, at=began + timedelta(days=1))


def _answers(
    field: trials.Field, body: str, dice: random.Random, today: date, home: str
) -> dict[str, Any]:
    start = today + timedelta(days=dice.choice((30, 60, -14)))
    site = dice.choice(list(trials.SITE_NAMES))
    return {
        "official_title": f"A Prospective Cohort of People with {field.conditions[0]}",
        "org_study_no": f"COH-{dice.randint(100, 999)}",
        "lead_sponsor": {"name": body, "kind": "OTHER"},
        "support_sources": ["Gelam Research Fund"],
        "public_contacts": [{"name": "Study office", "email": "study-office@example.org"}],
        "scientific_contacts": [
            {"name": "Dr Farah Osman", "affiliation": site, "email": "farah.osman@example.org"}
        ],
        "ethics_reviews": [{"committee": "Meranti Ethics Board", "status": "Approved"}],
        "brief_summary": "A synthetic cohort that follows people in everyday care.",
        "study_type": "OBSERVATIONAL",
        "interventions": [{"kind": "OTHER", "name": "Usual care"}],
        "primary_outcomes": [{"measure": field.outcomes[0], "time_frame": "12 months"}],
        "eligibility_text": trials.criteria(field.conditions[0]),
        "sex": "ALL",
        "minimum_age": "21 Years",
        "enrolment_count": dice.choice((80, 150, 300, 500)),
        "countries": [home],
        "locations": [
            {"facility": site, "city": trials.CITIES[site], "country": home, "status": "RECRUITING"}
        ],
        "overall_status": "RECRUITING" if start <= today else "NOT_YET_RECRUITING",
        "start_dtc": start.isoformat(),
        "ipd_sharing": "UNDECIDED",
    }


def _give_roles(at: datetime) -> None:
    """Give the study roles of the cast, on the first studies that run at Rain Tree."""
    hospital = people_selectors.find_by_name(None, "Rain Tree General Hospital")[0]
    sites = StudySite.objects.filter(organisation=hospital).select_related("scope", "study__scope")
    for site in sites.order_by("study_id")[:4]:
        for role in (Role.PRINCIPAL_INVESTIGATOR, Role.SITE_COORDINATOR):
            people.grant(people.person_as(role), role, site.scope, at)
        for role in (
            Role.MONITOR,
            Role.STATISTICIAN,
            Role.UNBLINDED_STATISTICIAN,
            Role.DATA_MANAGER,
        ):
            people.grant(people.person_as(role), role, site.study.scope, at)


def _save_views(at: datetime) -> None:
    analyst = people.person_as(Role.COORDINATING_ANALYST)
    for name, query in (
        ("Recruiting phase 3", "status=RECRUITING&phase=PHASE3"),
        ("Waits for review", "flag=needs_review"),
    ):
        views.save_view(name=name, query=query, by=analyst, at=at)


def figures() -> dict[str, int]:
    """Return what was made, for the line that the demo prints."""
    return {
        "studies": Study.objects.count(),
        "drafts": StudyDraft.objects.count(),
        "curated": CuratedField.objects.count(),
    }

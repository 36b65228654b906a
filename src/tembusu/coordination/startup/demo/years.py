"""Five years of start-ups at the studies and institutions of the demonstration."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.demo import history
from tembusu.coordination.startup.demo.world import PastSite, World
from tembusu.coordination.startup.selectors import sheets, studies
from tembusu.coordination.startup.selectors.studies import StudyFacts
from tembusu.coordination.startup.terms import PathwayPlan
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind

SEED = 20211101
YEARS = 5
BATCH = 250
MOST_SITES = 4
LEAD_DAYS = (210, 55)  # mean and standard deviation from a study's first selection to its beginning
TO_COME_DAYS = 240  # a study that begins later than this has selected nobody yet
AUTHORISED = 0.65  # share of trials of a medicine that need an authorisation, not a notification


@dataclass(frozen=True, slots=True)
class PastStudy:
    """A study of the demonstration whose sites were selected in the past."""

    study_id: int
    start_date: date
    sponsor: str
    institution_ids: tuple[int, ...]


def bring_in(found: Sequence[PastStudy], *, by: Any, at: datetime) -> int:
    """Make and bring in the start-ups of these studies' sites; return how many were made."""
    today = localdate(at)
    world = history.make_world(
        first_date=today.replace(day=1, year=today.year - YEARS),
        as_of=today,
        seed=SEED,
        calendar=lambda first, last: sheets.calendar_for(date(last, 1, 1)),
    )
    sites, plans = _sites(found, world), _plans()
    made = history.make_history(sites, plans, world)
    n_made = 0
    while batch := list(islice(made, BATCH)):
        n_made += len(actions.take_history(cases=batch, by=by, at=at).ids)
    return n_made


def _plans() -> dict[str, PathwayPlan]:
    return {one.pathway.key: sheets.plan_of(one) for one in studies.versions_in_force()}


def _sites(found: Sequence[PastStudy], world: World) -> list[PastSite]:
    facts = studies.facts_of([one.study_id for one in found])
    bodies = _institutions()
    return [site for one in found for site in _sites_of(one, facts[one.study_id], bodies, world)]


def _institutions() -> dict[int, int]:
    """Return the cluster of each institution that takes part, 0 for none."""
    rows = people.bodies_of_kinds([OrganisationKind.INSTITUTION]).order_by("pk")
    return {row.pk: row.parent_id or 0 for row in rows}


def _sites_of(
    study: PastStudy, facts: StudyFacts, bodies: dict[int, int], world: World
) -> Iterator[PastSite]:
    dice = world.dice("study", study.study_id)
    obligations = _obligations(facts, dice)
    chosen = _chosen(study, bodies, dice)
    first = study.start_date - timedelta(days=round(max(dice.gauss(*LEAD_DAYS), 60)))
    is_past = world.first_date <= first < world.as_of - timedelta(days=7)
    if not is_past or study.start_date > world.as_of + timedelta(days=TO_COME_DAYS) or not chosen:
        return
    version = studies.version_for(facts, obligations)
    first = world.paces["steady"].after(first, 1)
    days = history.selected_days(world, study.study_id, first, len(chosen))
    for body, day in zip(chosen, days, strict=True):
        yield PastSite(
            study_id=study.study_id,
            institution_id=body,
            cluster_id=bodies[body],
            sponsor=study.sponsor,
            sponsor_kind=facts.sponsor_kind,
            phase=facts.phase,
            therapeutic_area=facts.area,
            pathway=version.pathway.key,
            obligations=obligations,
            selected_date=day,
        )


def _obligations(facts: StudyFacts, dice: random.Random) -> tuple[str, ...]:
    is_medicine = {"DRUG", "BIOLOGICAL"} & set(facts.interventions)
    if not is_medicine or facts.study_type != "INTERVENTIONAL":
        return ("HBRA",)
    return ("CTA",) if dice.random() < AUTHORISED else ("CTN",)


def _chosen(study: PastStudy, bodies: dict[int, int], dice: random.Random) -> list[int]:
    """Return the study's institutions, filled up with others that a sponsor would have asked."""
    own = [body for body in study.institution_ids if body in bodies]
    others = [body for body in bodies if body not in own]
    wanted = dice.randint(1, MOST_SITES)
    more = dice.sample(others, k=min(max(wanted - len(own), 0), len(others)))
    return own + more

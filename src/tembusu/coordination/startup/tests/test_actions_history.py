"""Past start-ups come in whole: what was there stays, what contradicts itself is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.models import StudySite
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.startup import actions
from tembusu.coordination.startup.actions.history import UnknownPathway
from tembusu.coordination.startup.demo import history
from tembusu.coordination.startup.models import Hold, SiteMilestone, SitePathway
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.selectors import cases
from tembusu.coordination.startup.tests.past import AS_OF, PLANS, make_sites, make_world
from tembusu.foundation.core.models import AuditEvent, OutboxEvent

AT = datetime.combine(AS_OF, datetime.min.time(), UTC).replace(hour=9)


@pytest.fixture
def past(bring, bodies):
    """Sixteen start-ups of eight studies at two hospitals, along all four pathways."""
    study = bring(*(trial(n, f"Trial {n}", locations=[]) for n in range(1, 9)))
    first = study.pk - 7
    hospitals = [bodies.raintree.pk, bodies.kempas.pk]
    world = make_world(3)
    sites = [
        replace(site, study_id=first + site.study_id, institution_id=hospitals[site.institution_id])
        for site in make_sites(world, 8, 2)
    ]
    return list(history.make_history(sites, PLANS, world))


def test_what_comes_in_is_read_back_as_it_was_told(past):
    brought = actions.take_history(cases=past, by=None, at=AT)
    assert (len(brought.ids), brought.n_there) == (16, 0)
    found = {(one.study_id, one.institution_id): one for one in cases.read_cases()}
    for one in past:
        read = found[one.study_id, one.institution_id]
        told = history.as_case(one, PLANS[one.pathway], read.id)
        places = {"study_site_id": 0, "number": "", "cluster_id": None}
        undated = [replace(m, due_date=None) for m in read.milestones]
        assert replace(read, milestones=tuple(undated), **places) == replace(told, **places)


def test_when_it_was_told_at_the_time_stays_beside_when_it_was_brought_in(past):
    actions.take_history(cases=past, by=None, at=AT)
    one = next(m for m in past[0].milestones if m.completed_date)
    row = SiteMilestone.objects.get(
        site_pathway__study_site__study_id=past[0].study_id,
        site_pathway__study_site__organisation_id=past[0].institution_id,
        key=one.key,
    )
    assert row.completed_recorded_at == one.recorded_at
    assert row.site_pathway.made_at == AT
    assert Hold.objects.count() == sum(len(m.holds) for case in past for m in case.milestones)


def test_the_ledger_and_the_figures_are_told_once_for_the_batch(past):
    brought = actions.take_history(cases=past, by=None, at=AT)
    notes = AuditEvent.objects.filter(event="startup.site.brought_in")
    assert notes.count() == 16
    (event,) = OutboxEvent.objects.filter(name="startup.milestones_changed")
    assert event.payload == {"site_pathway_ids": sorted(brought.ids)}


def test_the_same_batch_again_does_nothing(past):
    first = actions.take_history(cases=past, by=None, at=AT)
    again = actions.take_history(cases=past, by=None, at=AT)
    assert (again.ids, again.n_there) == ((), 16)
    assert SitePathway.objects.count() == len(first.ids)


def test_a_start_up_that_is_here_already_stays_as_it_is(past):
    actions.take_history(cases=past[:1], by=None, at=AT)
    moved = replace(past[0], therapeutic_area="eye", selected_date=date(2021, 1, 4))
    actions.take_history(cases=[moved, *past[1:2]], by=None, at=AT)
    kept = SitePathway.objects.get(
        study_site__study_id=past[0].study_id, study_site__organisation_id=past[0].institution_id
    )
    assert kept.selected_date == past[0].selected_date
    assert SitePathway.objects.count() == 2


def test_where_it_stands_and_what_is_due_follow_from_its_milestones(past):
    actions.take_history(cases=past, by=None, at=AT)
    for path in SitePathway.objects.all():
        if path.left_date:
            assert (path.stage, path.holders) == ("", [])
        elif path.milestones.exclude(state__in=["completed", "not_applicable"]).exists():
            assert path.stage
            assert path.holders
    assert SiteMilestone.objects.filter(due_date__isnull=False).exists()


def test_a_batch_with_one_that_contradicts_itself_is_refused_whole(past):
    whole = next(one for one in past if any(m.completed_date for m in one.milestones))
    broken = replace(
        whole,
        milestones=tuple(
            replace(one, started_date=AS_OF) if one.completed_date else one
            for one in whole.milestones
        ),
    )
    other = next(one for one in past if one != whole)
    with pytest.raises(dates.ContradictoryDates, match=f"Study {whole.study_id} at institution"):
        actions.take_history(cases=[other, broken], by=None, at=AT)
    assert not SitePathway.objects.exists()
    assert not StudySite.objects.filter(is_kept=True).exists()


def test_an_unknown_pathway_is_named_with_those_that_there_are(past):
    with pytest.raises(UnknownPathway, match=r"no_such.*industry_drug"):
        actions.take_history(cases=[replace(past[0], pathway="no_such")], by=None, at=AT)


@pytest.mark.parametrize(
    ("who", "may"),
    [("analyst", True), ("lead", True), ("sponsor", False), ("coordinator", False),
     ("representative", False), ("administrator", False), ("nobody", False)],
)  # fmt: skip
def test_who_brings_in_history(cast, past, who, may):
    person = getattr(cast, who)
    if may:
        assert actions.take_history(cases=past[1:2], by=person, at=AT).ids
    else:
        with pytest.raises(PermissionDenied):
            actions.take_history(cases=past[1:2], by=person, at=AT)

"""The demonstration's five years: at its own bodies, once, with ends of every kind."""

from collections import Counter

import pytest
from django.conf import settings as configured

from tembusu.coordination.startup import demo
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors import cases
from tembusu.coordination.startup.tests.test_actions_history import AT
from tembusu.foundation.core.models import OutboxEvent
from tembusu.foundation.people import demo as people
from trialtime.attribution import Step, attribute
from trialtime.clocks import Turn


@pytest.fixture
def loaded(db, settings):
    settings.TEMBUSU_SYNTHETIC, settings.PRODUCTION = True, False
    people.load(AT)
    return demo.load_past(AT, configured.TEMBUSU_HOME_COUNTRY_NAME)


def test_five_years_come_in_once_and_figures_are_told(loaded):
    assert loaded == SitePathway.objects.count() > 90
    assert demo.load_past(AT, configured.TEMBUSU_HOME_COUNTRY_NAME) == 0
    told = [
        pk
        for event in OutboxEvent.objects.filter(name="startup.milestones_changed")
        for pk in event.payload["site_pathway_ids"]
    ]
    assert sorted(told) == sorted(SitePathway.objects.values_list("pk", flat=True))
    found = list(cases.read_cases())
    years = {case.start_date.year for case in found}
    assert len(years) >= 3
    ends = Counter(case.end_kind for case in found)
    assert ends["opened"] > 60
    assert ends["withdrawn"] > 3


def test_the_attributed_days_of_every_case_add_up(loaded):
    for case in cases.read_cases():
        steps = [
            Step(
                one.key, one.needs, one.party, one.completed_date,
                tuple(Turn(turn.party, turn.start_date, turn.end_date) for turn in one.turns),
                is_left_out=one.state == "not_applicable",
            )
            for one in case.milestones
        ]  # fmt: skip
        found = attribute(
            steps,
            start_date=case.start_date,
            as_of=case.end_date or AT.date(),
            end_step=case.gate,
        )
        assert sum(found.days_by_party().values()) == found.elapsed

"""Figures are kept in step: by any events in any order, heard twice or not at all for a while."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tembusu.coordination.startup.models import SiteMilestone, SitePathway
from tembusu.coordination.startup.terms import MILESTONES_CHANGED
from tembusu.foundation.core import outbox
from tembusu.insight import tasks
from tembusu.insight.actions import counting
from tembusu.insight.models import CaseMonth, MonthFigures
from tembusu.insight.rules import columns
from tembusu.insight.selectors import blocks, definitions
from tembusu.insight.tests.making import FIRST, any_case, case, opened, store

AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def kept():
    """Return all that is kept, to the last byte."""
    rows = MonthFigures.objects.order_by("month").values_list("month", "content", "n_cases")
    places = CaseMonth.objects.order_by("pk").values_list("pk", "month")
    return [(month, bytes(content), n) for month, content, n in rows], list(places)


def standing():
    return blocks.standing(definitions.in_force())


def read(first_month, last_month):
    return blocks.read(first_month, last_month, standing().marks)


def anew():
    """Return what a full count of an empty house keeps."""
    MonthFigures.objects.all().delete()
    CaseMonth.objects.all().delete()
    counting.recount(counting.months(), at=AT)
    return kept()


def some(n, seed=5):
    random = np.random.default_rng(seed)
    return [any_case(pk, random) for pk in range(1, n + 1)]


def test_a_full_count_keeps_every_study_site_once():
    ids = store(some(30))
    done = counting.recount(counting.months(), at=AT)
    assert done.n_cases == 30
    assert sorted(CaseMonth.objects.values_list("pk", flat=True)) == ids
    assert sum(MonthFigures.objects.values_list("n_cases", flat=True)) == 30


def test_a_second_full_count_finds_nothing_to_change():
    store(some(12))
    counting.recount(counting.months(), at=AT)
    before = kept()
    assert counting.recount(counting.months(), at=AT).n_changed == 0
    assert kept() == before


def test_a_full_count_mends_what_was_damaged():
    store(some(12))
    counting.recount(counting.months(), at=AT)
    before = kept()
    MonthFigures.objects.update(content=columns.write(columns.block_of([])))
    assert counting.recount(counting.months(), at=AT).n_changed == MonthFigures.objects.count()
    assert kept() == before


CHANGES = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["complete", "move", "withdraw", "reopen"])),
    max_size=12,
)


@given(CHANGES, st.randoms(use_true_random=False))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_events_in_any_order_leave_what_a_full_count_finds_to_the_last_byte(changes, random):
    with transaction.atomic():
        ids = store(some(8))
        counting.refresh(ids, at=AT)
        heard = []
        for place, what in changes:
            change(ids[place], what)
            heard.append([ids[place]])
            if random.random() < 0.5:  # some are heard at once, some late, some twice
                counting.refresh(heard[-1], at=AT)
        random.shuffle(heard)
        for each in heard:
            tasks.count_changed({"site_pathway_ids": each})
        found = kept()
        assert found == anew()
        transaction.set_rollback(True)


def change(pk, what):
    path = SitePathway.objects.get(pk=pk)
    milestone = path.milestones.filter(completed_date=None).exclude(state="not_applicable").first()
    if what == "complete" and milestone is not None:
        day = max(path.selected_date, milestone.started_date or path.selected_date)
        milestone.completed_date, milestone.state = day + timedelta(9), "completed"
        milestone.save()
    if what == "move":
        SitePathway.objects.filter(pk=pk).update(selected_date=path.selected_date - timedelta(40))
    if what == "withdraw" and path.left_date is None:
        SitePathway.objects.filter(pk=pk).update(
            state="withdrawn", left_date=path.selected_date + timedelta(300)
        )
    if what == "reopen":
        done = SiteMilestone.objects.filter(site_pathway_id=pk, state="completed").last()
        if done is not None:
            SiteMilestone.objects.filter(pk=done.pk).update(completed_date=None, state="started")


def test_an_event_heard_twice_changes_nothing_the_second_time():
    ids = store([opened(1, 100)])
    tasks.count_changed({"site_pathway_ids": ids})
    before = list(MonthFigures.objects.values_list("digest", "changed_at"))
    tasks.count_changed({"site_pathway_ids": ids})
    assert list(MonthFigures.objects.values_list("digest", "changed_at")) == before


def test_an_event_about_a_study_site_that_is_gone_takes_it_out():
    ids = store([opened(1, 100), opened(2, 90)])
    counting.refresh(ids, at=AT)
    SitePathway.objects.get(pk=ids[0]).delete()
    counting.refresh(ids[:1], at=AT)
    assert list(CaseMonth.objects.values_list("pk", flat=True)) == ids[1:]


def test_a_month_without_study_sites_is_not_kept():
    ids = store([opened(1, 100)])
    counting.refresh(ids, at=AT)
    SitePathway.objects.update(selected_date=FIRST - timedelta(60))
    counting.refresh(ids, at=AT)
    assert MonthFigures.objects.get().month == date(2024, 11, 1)


def test_startups_event_reaches_the_figures_through_the_outbox():
    ids = store([case(1)])
    outbox.write(MILESTONES_CHANGED, {"site_pathway_ids": ids}, at=AT)
    assert standing().behind_since == AT
    assert outbox.deliver(at=AT) == 1
    assert standing().behind_since is None
    assert read(date(2025, 1, 1), date(2025, 1, 1)).cases["case"].tolist() == ids


def test_a_worker_killed_between_loses_no_event(monkeypatch):
    ids = store([case(1)])
    outbox.write(MILESTONES_CHANGED, {"site_pathway_ids": ids}, at=AT)

    class Killed(BaseException):
        pass

    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(counting, "_keep_places", killed)
        with pytest.raises(Killed), transaction.atomic():
            outbox.deliver(at=AT)
    assert MonthFigures.objects.count() == 0
    assert outbox.deliver(at=AT) == 1
    assert MonthFigures.objects.get().n_cases == 1


def test_what_was_read_once_is_read_again_when_it_has_changed():
    ids = store([case(1)])
    counting.refresh(ids, at=AT)
    first = read(date(2025, 1, 1), date(2025, 3, 1))
    assert read(date(2025, 1, 1), date(2025, 3, 1)) is first
    change(ids[0], "complete")
    counting.refresh(ids, at=AT + timedelta(1))
    assert read(date(2025, 1, 1), date(2025, 3, 1)) is not first

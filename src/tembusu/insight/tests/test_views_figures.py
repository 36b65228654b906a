"""The pages of figures: who may open them, what they tell, and that lists hold what figures count."""

import csv
import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from django.utils import timezone
from lifelines import KaplanMeierFitter

from tembusu.coordination.startup.selectors import cases
from tembusu.insight.actions import define_measure
from tembusu.insight.rules import asked as rules
from tembusu.insight.rules import figures
from tembusu.insight.selectors import dashboard, definitions, listing, readers
from tembusu.insight.terms import WHOLE
from tembusu.insight.tests.conftest import AT

ALL_MONTHS = "?from=2025-01&to=2026-12"
PAGES = ("", "groups/", "cases/", "process/", "figures.csv", "groups/groups.csv", "cases/cases.csv")


def body(answer):
    held = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return held.decode("utf-8-sig")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("analyst", 200),
        ("lead", 200),
        ("representative", 200),
        ("administrator", 403),
        ("outsider", 403),
    ],
)
def test_figures_are_read_by_those_with_a_part_in_start_up(enter, cast, page, who, status):
    if page == "process/" and who == "representative":
        status = 404
    answer = enter(getattr(cast, who)).get(f"/insight/start-up/{page}")
    assert answer.status_code == status


def test_the_dashboards_median_equals_that_of_lifelines_on_the_same_cases(cast, nation):
    today = timezone.localdate()
    asked = rules.read({"from": ["2025-01"], "to": ["2026-12"]}, sees_all=True, today=today)
    view = dashboard.look(asked, readers.reader_of(cast.analyst), today)
    whole = next(one for one in dashboard.measured(view) if one.definition.measure == WHOLE)
    held = list(cases.read_cases())
    days = [((one.end_date or today) - one.start_date).days for one in held]
    fitted = KaplanMeierFitter().fit(days, [one.end_kind == "opened" for one in held])
    assert whole.now.median.value == fitted.median_survival_time_
    assert whole.now.n == len(held) == len(nation)


def test_the_page_shows_that_median_and_its_n(enter, cast):
    view = look(cast.analyst)
    whole = next(one for one in dashboard.measured(view) if one.definition.measure == WHOLE)
    page = body(enter(cast.analyst).get(f"/insight/start-up/{ALL_MONTHS}"))
    assert f"Half are open by day {whole.now.median.value:,.0f}" in page
    assert f"n {whole.now.n:,}, {whole.now.n_unfinished:,} unfinished" in page
    assert "SU-01 v1" in page


def look(person, **parameters):
    today = timezone.localdate()
    asked_for = {"from": ["2025-01"], "to": ["2026-12"], **parameters}
    reader = readers.reader_of(person)
    return dashboard.look(
        rules.read(asked_for, sees_all=reader.sees_all, today=today), reader, today
    )


@pytest.mark.parametrize("which", listing.WHICH)
def test_the_list_behind_a_figure_holds_the_cases_that_it_counts(cast, which):
    target(cast.lead, 120)
    view = look(cast.analyst)
    whole = next(one for one in dashboard.measured(view) if one.definition.measure == WHOLE).now
    expected = {
        "all": whole.n,
        "reached": whole.n_reached,
        "unfinished": whole.n_unfinished,
        "left": whole.n_left,
        "within": whole.share.n_within,
        "missed": whole.share.n_missed,
        "stuck": dashboard.waiting(view).n_stuck,
    }
    held = listing.list_cases(view, WHOLE, which)
    assert held.n == expected[which]
    lines = held.lines(0, held.n)
    assert [line.days for line in lines] == sorted((line.days for line in lines), reverse=True)


def target(lead, days):
    present = definitions.get_in_force("SU-01")
    define_measure(
        key="SU-01",
        text=replace(present.text, target_days=days, target_source="Committee"),
        seen_version=present.version_no,
        by=lead,
        at=AT,
        reason="Decided",
    )


def test_the_file_holds_what_the_page_shows(enter, cast):
    view = look(cast.analyst)
    told = list(csv.DictReader(io.StringIO(body(enter(cast.analyst).get(
        f"/insight/start-up/figures.csv{ALL_MONTHS}"
    )))))  # fmt: skip
    held = dashboard.measured(view)
    assert [row["Measure"] for row in told] == [one.definition.text.label for one in held]
    assert [int(row["n"]) for row in told] == [one.now.n for one in held]


def test_groups_by_month_are_for_those_who_see_every_figure(enter, cast):
    view = look(cast.analyst)
    months = dashboard.by_month(view, WHOLE).told
    assert sum(one.n for one in months.values()) == listing.list_cases(view, WHOLE, "all").n
    page = body(enter(cast.analyst).get(f"/insight/start-up/groups/{ALL_MONTHS}"))
    first = next(iter(months))
    assert f"from={first}&amp;to={first}" in page
    told = body(enter(cast.analyst).get(f"/insight/start-up/groups/groups.csv{ALL_MONTHS}"))
    assert f"Month of selection,{first},{months[first].n}," in told
    page = body(enter(cast.representative).get("/insight/start-up/groups/?year=2025"))
    assert "Month of selection" not in page


def test_a_list_leads_to_each_study_sites_start_up(enter, cast, nation):
    page = body(enter(cast.analyst).get(f"/insight/start-up/cases/{ALL_MONTHS}"))
    assert "/startup/sites/" in page


def test_studies_in_a_funnel_are_counted_as_each_studys_cases_are(cast):
    target(cast.lead, 120)
    view = look(cast.analyst)
    held, groups = view.times(WHOLE), figures.studies(view.block, view.mask)
    told = {unit.key: (unit.k, unit.n) for unit in dashboard.studies(view, WHOLE)}
    for key, times in groups.of(held).items():
        share = figures.share_of(times, 120)
        assert told.get(key, (0, 0)) == (share.n_within, share.n)


def test_filters_combine_for_those_who_see_every_figure(cast):
    everything = listing.list_cases(look(cast.analyst), WHOLE, "all").n
    kept = look(cast.analyst, sponsor=["industry"], phase=["PHASE1", "PHASE3"])
    assert 0 < listing.list_cases(kept, WHOLE, "all").n < everything
    assert kept.mask.sum() == listing.list_cases(kept, WHOLE, "all").n


# -- those from whom small cells are held back -------------------------------------------------------


def test_others_get_calendar_years_and_no_combination(cast):
    view = look(cast.representative, sponsor=["industry"], year=["2025"])
    assert (view.asked.lens.first_month, view.asked.lens.last_month) == (
        date(2025, 1, 1),
        date(2025, 12, 1),
    )
    assert view.asked.lens.held == {}


def test_no_group_of_fewer_than_five_unknown_study_sites_is_told(cast):
    view = look(cast.representative, year=["2025"])
    mine = view.reader.mine(view.block)
    assert mine.any()
    for dimension in dashboard.Dimension:
        told = dashboard.grouped(view, dimension, WHOLE)
        masks = dashboard._groups(view, dimension)
        for key in told.told:
            assert (masks.mask(key) & ~mine).sum() >= 5
        held_back = [masks.mask(key) for key in masks.keys if key not in told.told]
        if held_back and told.is_total_shown:
            assert sum(int((mask & ~mine).sum()) for mask in held_back) > 5


def test_others_open_their_own_cases_alone(cast, nation):
    view = look(cast.representative, year=["2025"])
    lines = listing.list_cases(view, WHOLE, "all").lines(0, 99)
    assert lines
    assert {line.case_id for line in lines} <= set(view.reader.own)
    assert all(line.institution.startswith("Hospital 2") for line in lines)


def test_their_own_figures_are_told_whole(enter, cast):
    view = look(cast.representative, year=["2025"], whose=["own"])
    whole = next(one for one in dashboard.measured(view) if one.definition.measure == WHOLE)
    assert whole.now.n == int(view.mask.sum())
    page = body(enter(cast.representative).get("/insight/start-up/?year=2025&whose=own"))
    assert "Start-up at your own sites" in page


def test_others_read_no_names_of_other_institutions(enter, cast):
    page = body(enter(cast.representative).get("/insight/start-up/groups/?year=2025"))
    assert "Hospital 3" not in page
    assert "Cluster" in page


@pytest.mark.parametrize("address", ["?measure=nothing", "?which=nothing"])
def test_a_list_that_there_is_not_is_not_found(enter, cast, address):
    assert enter(cast.analyst).get(f"/insight/start-up/cases/{address}").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["?from=x&to=2026-13", "?year=abc", "?cluster=abc", "?after=-1", "?from=2026-05&to=2025-01"],
)
def test_an_address_that_makes_no_sense_is_read_as_well_as_can_be(enter, cast, address):
    for page in ("", "cases/", "groups/"):
        assert enter(cast.analyst).get(f"/insight/start-up/{page}{address}").status_code == 200


def test_an_empty_house_says_what_would_be_here(enter, cast):
    from tembusu.insight.models import MonthFigures

    MonthFigures.objects.all().delete()
    page = body(enter(cast.analyst).get("/insight/start-up/"))
    assert "No figures yet" in page


def test_pages_after_the_first_go_on_where_it_ended(cast):
    held = listing.list_cases(look(cast.analyst), WHOLE, "all")
    ids = [line.case_id for first in range(0, held.n, 40) for line in held.lines(first, first + 40)]
    assert len(ids) == len(set(ids)) == held.n
    assert np.array_equal(np.sort(ids), np.sort(held.block.cases["case"]))

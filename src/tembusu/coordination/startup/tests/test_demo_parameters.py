"""Parameters with their sources, and the paces of the year."""

import csv
import gzip
import math
import statistics
import tomllib
from datetime import date

import pytest
from tests.support import shared
from tests.support.shared import shared_path

from tembusu.coordination.startup.demo import pace, parameters
from tembusu.coordination.startup.tests.past import calendar


def tables():
    return tomllib.loads(parameters.FILE.read_text())


def test_every_delay_that_a_pathway_of_the_release_asks_for_is_named():
    from tembusu.coordination.startup.tests.past import PLANS

    read = parameters.shipped()
    for plan in PLANS.values():
        for one in plan.milestones:
            assert one.decided_by or read.delay(plan.key, one.key), (plan.key, one.key)
        reasons = {reason.key for reason in plan.reasons}
        asked = {key for table in read.tables["holds"].values() for key in table["reasons"]}
        assert asked <= reasons


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda all_: all_["delays"]["cda_sent"].pop("source"), "delays.cda_sent.*no source"),
        (lambda all_: all_["ends"].update(source=" "), "ends.*no source"),
        (lambda all_: all_["pathways"]["observational"]["contract_signed"].pop("source"),
         "pathways.observational.contract_signed.*no source"),
        (lambda all_: all_["delays"]["cda_sent"].update(median=0), "cda_sent.*above 0"),
        (lambda all_: all_["delays"]["cda_sent"].update(median="two"), "cda_sent.*above 0"),
        (lambda all_: all_["delays"]["cda_sent"].update(unit="weeks"), "cda_sent.*weeks"),
        (lambda all_: all_["delays"]["cda_sent"].update(gamma=1.0), "cda_sent.*either"),
        (lambda all_: all_["delays"]["cda_sent"].pop("spread"), "cda_sent.*either"),
    ],
)  # fmt: skip
def test_parameters_that_cant_be_drawn_from_are_refused(change, said):
    given = tables()
    change(given)
    with pytest.raises(parameters.ParameterFault, match=said):
        parameters.read(given)


def test_the_page_on_made_up_start_ups_tells_every_table():
    page = (shared.CHECKOUT / "docs" / "explanation" / "past-start-ups.md").read_text()
    assert all(f"`[{name}]`" in page for name in tables())


def test_the_mean_of_negotiation_is_the_one_that_was_published():
    delay = parameters.shipped().delays["contract_negotiated"]
    assert delay.median == 39
    assert delay.mean == pytest.approx(55, abs=0.5)


@pytest.mark.parametrize("shape", [0.8, 1.0, 1.2, 2.0, 5.0])
def test_a_gamma_delay_has_its_median(shape):
    from scipy.stats import gamma

    delay = parameters.Delay(32, 0, gamma=shape)
    assert gamma.median(shape, scale=delay.scale) == pytest.approx(32, rel=0.03)
    assert delay.mean == pytest.approx(shape * delay.scale)


def test_months_of_beginning_and_their_december_are_those_of_the_real_registry():
    path = shared_path("data/registry_dates/anzctr_17510.csv.gz")
    with gzip.open(path, "rt") as file:
        months = [int(row["submitted"][5:7]) for row in csv.DictReader(file) if row["submitted"]]
    said = parameters.shipped().tables["season"]["beginnings"]["months"]
    assert [months.count(month) for month in range(1, 13)] == said
    assert said[11] / (sum(said) / 12) == pytest.approx(1 - 0.29, abs=0.005)


def test_spread_and_review_of_the_australian_sites_are_as_said():
    path = shared_path("data/registry_dates/duplancic2019_days.csv")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    site = [math.log(int(row["days"])) for row in rows if row["which"] == "SSA"]
    ethics = [int(row["days"]) for row in rows if row["which"] == "HREC"]
    read = parameters.shipped()
    assert statistics.pstdev(site) == pytest.approx(0.69, abs=0.005)
    assert read.delays["institution_endorsed"].spread == 0.69
    assert statistics.median(ethics) == 28  # calendar days: 20 working days
    assert read.board["expedited"].delay.median == 20


def test_real_delays_are_as_skewed_as_ours_or_more():
    """Our delays are no more skewed than real ones: mean over median, spread of the logarithm."""
    path = shared_path("data/registry_dates/anzctr_17510.csv.gz")
    with gzip.open(path, "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["submitted"] and row["approved"]]
    days = [
        (date.fromisoformat(row["approved"]) - date.fromisoformat(row["submitted"])).days
        for row in rows
    ]
    log_spread = statistics.pstdev(math.log(day) for day in days if day > 0)
    widest = max(delay.spread for delay in parameters.shipped().delays.values())
    assert statistics.mean(days) / statistics.median(days) > math.exp(widest**2 / 2)
    assert log_spread > widest


# -- paces ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paces():
    return pace.paces(parameters.shipped().tables["season"], calendar(2022, 2026))


def test_a_steady_pace_counts_working_days(paces):
    assert paces["steady"].after(date(2026, 10, 30), 5) == date(2026, 11, 6)
    assert paces["steady"].after(date(2026, 11, 6), 1) == date(2026, 11, 10)  # Deepavali on the 9th
    assert paces["steady"].after(date(2026, 11, 6), 0.4) == date(2026, 11, 6)
    assert paces["steady"].working_share == pytest.approx(0.684, abs=0.005)  # 250 of 365


def test_each_pace_is_1_on_the_mean(paces):
    for one in paces.values():
        whole = one.between(date(2022, 1, 1), date(2026, 12, 31))
        assert whole == pytest.approx(
            paces["steady"].between(date(2022, 1, 1), date(2026, 12, 31)), abs=1.5
        )


def test_work_is_slow_when_the_year_ends_and_agreements_hurry_before(paces):
    begun = date(2025, 12, 15)
    assert paces["usual"].after(begun, 10) > paces["steady"].after(begun, 10)
    begun = date(2025, 11, 10)
    assert paces["rush"].after(begun, 15) < paces["steady"].after(begun, 15)


def test_what_lies_past_the_calendar_ends_with_it(paces):
    assert paces["steady"].after(date(2026, 12, 1), 500) == date(2026, 12, 31)


def test_between_undoes_after(paces):
    start = date(2024, 3, 4)
    for amount in (1, 7, 30, 90):
        done = paces["usual"].between(start, paces["usual"].after(start, amount))
        assert done == pytest.approx(amount, abs=0.7)

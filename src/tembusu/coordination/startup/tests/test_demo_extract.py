"""An extract of past milestones: its rows add up, and each fault is one and the only one."""

import csv
import io
from collections import Counter
from datetime import date

import openpyxl
import pytest

from tembusu.coordination.startup.demo import extract, history
from tembusu.coordination.startup.demo.extract import HEADERS, Blemish, Fate
from tembusu.coordination.startup.tests.past import AS_OF, PLANS, make_sites, make_world
from tembusu.foundation.exchange import terms as exchange

SEED = 20260314
NAMES = extract.Names(
    studies={n: f"TMB-{n + 1:06d}" for n in range(400)},
    bodies={
        0: ("Rain Tree General Hospital", "RTGH", "Meranti General Hospital"),
        1: ("Kempas Medical Centre", "KMC"),
        2: ("Keruing General Hospital",),
        3: ("Jelutong Heart Centre", "Jelutong Heart Center"),
    },
)


@pytest.fixture(scope="module")
def cases():
    world = make_world(SEED)
    return list(history.make_history(make_sites(world, 280, 4), PLANS, world))


@pytest.fixture(scope="module")
def made(cases):
    return extract.make_extract(cases, PLANS, NAMES, as_of=AS_OF, seed=SEED)


def read(text):
    return exchange.date()(text)


def test_it_has_5000_rows_and_each_is_taken_the_same_or_refused(made):
    assert len(made.lines) == 5_000
    assert sum(made.n(fate) for fate in Fate) == 5_000
    assert made.n(Fate.REFUSED) == len(made.mended) > 100
    assert made.n(Fate.SAME) > 15
    assert [line.number for line in made.lines] == list(range(2, 5_002))


def test_every_fault_and_every_harmless_oddity_occurs(made):
    found = Counter(line.blemish for line in made.lines)
    for one in Blemish:
        assert found[one] >= 3, one
    assert found[None] > 3_000


def test_faults_alone_are_refused(made):
    for line in made.lines:
        assert (line.fate is Fate.REFUSED) == (line.blemish in extract.FAULTS)
        assert (line.fate is Fate.SAME) == (line.blemish is Blemish.SAID_TWICE)


def test_the_same_cases_and_seed_give_the_same_rows(cases, made):
    assert extract.make_extract(cases, PLANS, NAMES, as_of=AS_OF, seed=SEED) == made
    assert extract.make_extract(cases, PLANS, NAMES, as_of=AS_OF, seed=1) != made


def plan_of(line):
    """Return the pathway of a row's study, as ``make_sites`` chose it."""
    return list(PLANS.values())[(int(line.mended["study"][4:]) - 1) % len(PLANS)]


def test_nothing_in_the_file_needs_a_refused_row(made):
    refused, taken = [], {}
    for line in made.lines:
        place = line.mended["study"], line.mended["site"]
        if line.fate is Fate.REFUSED:
            refused.append((place, line))
        else:
            taken.setdefault(place, set()).add(line.mended["milestone"])
    for place, line in refused:
        plan, label = plan_of(line), line.mended["milestone"]
        (of,) = [one for one in plan.milestones if one.label == label]
        after = {one.label for one in plan.milestones if of.key in one.needs}
        assert not after & taken.get(place, set())
        assert label not in taken.get(place, set())


def test_each_row_comes_after_those_that_it_needs(made):
    told = set()
    for line in made.lines:
        if line.fate is not Fate.TAKEN or not line.mended["completed"]:
            continue
        plan, place = plan_of(line), (line.mended["study"], line.mended["site"])
        (of,) = [one for one in plan.milestones if one.label == line.mended["milestone"]]
        if not of.may_precede:
            assert all((*place, plan.milestone(need).label) in told for need in of.needs)
        told.add((*place, of.label))


def test_days_are_as_wrong_as_their_label_says(made):
    for line in made.lines:
        cells, blemish = line.cells, line.blemish
        if blemish in (Blemish.IMPOSSIBLE_DAY, Blemish.WORDS_FOR_A_DAY):
            with pytest.raises(exchange.Fault):
                read(cells["completed"])
            continue
        days = [read(cells[key].strip()) for key in extract.DAYS if cells[key].strip()]
        assert (max(days) > AS_OF) == (blemish is Blemish.FUTURE_DAY)
        if cells["started"].strip() and cells["completed"].strip():
            is_late = read(cells["started"].strip()) > read(cells["completed"].strip())
            assert is_late == (blemish is Blemish.COMPLETED_BEFORE_STARTED)


def test_a_decision_before_its_submission_is_after_the_site_was_selected(made):
    days = {}
    for line in made.lines:
        if line.fate is Fate.TAKEN and line.mended["completed"]:
            key = line.mended["study"], line.mended["site"], line.mended["milestone"]
            days[key] = read(line.mended["completed"])
    found = [line for line in made.lines if line.blemish is Blemish.DECIDED_BEFORE_SUBMITTED]
    for line in found:
        label = line.cells["milestone"]
        submitted = {
            "Approved by the ethics board": "Submitted to the ethics board",
            "Authorised or accepted by the regulator": "Submitted to the regulator",
        }[label]
        decided = read(line.cells["completed"])
        assert decided < days[line.cells["study"], line.cells["site"], submitted]
        assert decided >= read(line.cells["selected"])


def test_a_row_that_is_said_twice_differently_is_refused_both_times(made):
    pairs = Counter(
        (line.mended["study"], line.mended["site"], line.mended["milestone"])
        for line in made.lines
        if line.blemish is Blemish.SAID_TWICE_DIFFERENTLY
    )
    assert pairs
    assert set(pairs.values()) == {2}


def test_an_odd_row_means_what_it_should(made):
    names = {name: names[0] for names in NAMES.bodies.values() for name in names}
    for line in made.lines:
        if line.blemish not in extract.HARMLESS:
            continue
        cells, right = line.cells, line.mended
        assert names[cells["site"].strip()] == right["site"]
        assert cells["milestone"].strip().casefold() == right["milestone"].casefold()
        if right["completed"]:
            assert read(cells["completed"].strip()) == read(right["completed"])


def test_as_csv_it_is_windows_1252_with_days_first(made):
    data = extract.as_csv(line.cells for line in made.lines)
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(data.decode("cp1252"), newline="")))
    assert len(rows) == 5_000
    for line, row in zip(made.lines, rows, strict=True):
        assert row == {HEADERS[key]: cell for key, cell in line.cells.items()}


def test_as_a_workbook_its_days_are_days_where_they_can_be(made):
    book = openpyxl.load_workbook(io.BytesIO(extract.as_xlsx(line.cells for line in made.lines)))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0] == tuple(HEADERS.values())
    assert len(rows) == 5_001
    place = list(HEADERS).index("completed")
    for line, row in zip(made.lines, rows[1:], strict=True):
        if line.blemish is None and line.cells["completed"]:
            assert row[place].date() == read(line.cells["completed"])
        if line.blemish is Blemish.IMPOSSIBLE_DAY:
            assert row[place] == line.cells["completed"]


def test_too_few_cases_are_refused(cases):
    with pytest.raises(ValueError, match="give more cases"):
        extract.make_extract(cases[:20], PLANS, NAMES, as_of=date(2026, 11, 20), seed=1)

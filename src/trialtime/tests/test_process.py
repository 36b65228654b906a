"""What a log says, beside the same counted slowly and plainly."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean, median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from trialtime.process import (
    EventLog,
    PathwayRefused,
    check_conformance,
    count_activities,
    count_variants,
    follow,
    make_log,
    throughput,
    write_ocel,
    write_xes,
)
from trialtime.process import exports as exporting

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
EVENTS = st.lists(
    st.tuples(st.sampled_from("pqrs"), st.sampled_from("ABCDE"), st.integers(0, 20)), max_size=60
)
Rows = list[tuple[str, str, int]]
NEEDS = {"A": [], "B": ["A"], "C": ["A"], "D": ["B", "C"]}


def log_of(rows: Rows) -> EventLog:
    return make_log((case, what, BEGAN + timedelta(hours=hour)) for case, what, hour in rows)


def traces(rows: Rows) -> dict[str, list[tuple[int, str]]]:
    """Return the events of each case, in order: Python's sort is stable."""
    found: dict[str, list[tuple[int, str]]] = {}
    for case, what, hour in rows:
        found.setdefault(case, []).append((hour, what))
    return {case: sorted(events, key=lambda each: each[0]) for case, events in found.items()}


def straight(text: str) -> Rows:
    """Return one case an activity each hour for each word: 'ABD AB' are two cases."""
    return [
        (f"case {no}", what, hour)
        for no, word in enumerate(text.split())
        for hour, what in enumerate(word)
    ]


@given(EVENTS)
def test_the_graph_holds_every_pair_with_its_count_and_times(rows: Rows) -> None:
    gaps: dict[tuple[str, str], list[float]] = {}
    for events in traces(rows).values():
        for (before, a), (after, b) in pairwise(events):
            gaps.setdefault((a, b), []).append((after - before) / 24)
    edges = follow(log_of(rows))
    assert {(e.source, e.target): e.n for e in edges} == {k: len(v) for k, v in gaps.items()}
    for edge in edges:
        expected = gaps[edge.source, edge.target]
        assert edge.median_days == pytest.approx(median(expected))
        assert edge.mean_days == pytest.approx(mean(expected))
    assert [edge.n for edge in edges] == sorted((edge.n for edge in edges), reverse=True)


@given(EVENTS)
def test_variants_are_the_ways_of_whole_cases(rows: Rows) -> None:
    ways = Counter(tuple(what for _, what in events) for events in traces(rows).values())
    assert {v.activities: v.n_cases for v in count_variants(log_of(rows))} == dict(ways)


@given(EVENTS)
def test_throughput_is_from_first_to_last_event(rows: Rows) -> None:
    days = [(events[-1][0] - events[0][0]) / 24 for events in traces(rows).values()]
    found = throughput(log_of(rows))
    assert found.n_cases == len(days)
    if days:
        assert found.median_days == pytest.approx(median(days))
        assert found.mean_days == pytest.approx(mean(days))


@given(EVENTS)
def test_activities_are_counted_in_events_and_cases(rows: Rows) -> None:
    ways = {case: [what for _, what in events] for case, events in traces(rows).items()}
    for each in count_activities(log_of(rows)):
        name = each.activity
        times = [way.count(name) for way in ways.values()]
        assert each.n_events == sum(times)
        assert each.n_cases == sum(n > 0 for n in times)
        assert each.n_reworked == sum(n > 1 for n in times)
        assert each.n_repeats == each.n_events - each.n_cases
        assert each.n_starts == sum(way[0] == name for way in ways.values())
        assert each.n_ends == sum(way[-1] == name for way in ways.values())
        assert each.n_loops == sum(
            pair == (name, name) for w in ways.values() for pair in pairwise(w)
        )


@given(EVENTS)
def test_the_order_of_cases_in_the_file_changes_no_figure(rows: Rows) -> None:
    by_case = sorted(rows, key=lambda row: row[0])
    assert follow(log_of(rows)) == follow(log_of(by_case))
    assert count_variants(log_of(rows)) == count_variants(log_of(by_case))


def test_more_activities_than_two_bytes_hold_are_kept_apart() -> None:
    log = make_log(("c", f"a{no}", BEGAN) for no in range(70_000))
    (variant,) = count_variants(log)
    assert variant.activities == tuple(f"a{no}" for no in range(70_000))


def test_an_empty_log_has_no_answers_and_no_faults() -> None:
    log = log_of([])
    assert (follow(log), count_variants(log), count_activities(log)) == ([], [], [])
    assert throughput(log).median_days is None
    agreement = check_conformance(log, NEEDS)
    assert (agreement.fitness, agreement.fitting_fraction) == (None, None)


def test_times_with_and_without_a_zone_do_not_mix() -> None:
    with pytest.raises(ValueError, match="give all of them one, or none"):
        make_log([("c", "a", BEGAN), ("c", "b", datetime(2024, 1, 1))])  # noqa: DTZ001


@pytest.mark.parametrize(
    ("way", "broken", "n_checked"),
    [
        ("ABCD", set(), 4),
        ("ACBD", set(), 4),
        ("A", set(), 0),
        ("AB", set(), 1),
        ("BA", {("B", "A")}, 1),
        ("ABDC", {("D", "C")}, 4),
        ("D", {("D", "B"), ("D", "C")}, 2),
        ("AABBCD", set(), 4),
        ("BAB", {("B", "A")}, 1),
        ("XABY", set(), 1),
    ],
)
def test_a_case_keeps_a_pathway_or_breaks_the_needs_named(
    way: str, broken: set[tuple[str, str]], n_checked: int
) -> None:
    found = check_conformance(log_of(straight(way)), NEEDS)
    assert {(b.activity, b.needs) for b in found.breaches} == broken
    assert (found.n_checked, found.n_broken) == (n_checked, len(broken))
    assert found.n_fitting == (not broken)


def test_conformance_names_cases_what_is_missing_repeated_and_unknown() -> None:
    found = check_conformance(log_of(straight("ABCD BAD AX AA")), NEEDS)
    assert [(b.activity, b.needs, b.cases, b.n_never) for b in found.breaches] == [
        ("B", "A", ("case 1",), 0),
        ("D", "C", ("case 1",), 1),
    ]
    assert found.n_missing == {"A": 0, "B": 2, "C": 3, "D": 2}
    assert found.n_repeated == {"A": 1, "B": 0, "C": 0, "D": 0}
    assert found.unknown == {"X": 1}
    assert found.fitting_fraction == 0.75
    assert found.fitness == pytest.approx(5 / 7)


@given(EVENTS)
def test_fitness_is_between_nought_and_one_and_whole_where_all_fit(rows: Rows) -> None:
    found = check_conformance(log_of(rows), NEEDS)
    if found.fitness is not None:
        assert 0 <= found.fitness <= 1
        assert (found.fitness == 1) == (found.n_fitting == found.n_cases)


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ({"A": ["B"], "B": ["A"]}, "runs in a circle: 'A' → 'B' → 'A'|circle: 'B' → 'A' → 'B'"),
        ({"A": ["A"]}, "circle: 'A' → 'A'"),
        ({"A": ["Z"]}, "'A' needs 'Z', which the pathway does not name"),
    ],
)
def test_a_pathway_that_cannot_be_is_refused(needs: dict[str, list[str]], says: str) -> None:
    with pytest.raises(PathwayRefused, match=says):
        check_conformance(log_of([]), needs)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMED = st.lists(st.tuples(NAMES, NAMES, st.integers(0, 10**12)), max_size=20)


def named_log(rows: list[tuple[str, str, int]]) -> EventLog:
    return make_log((c, a, BEGAN + timedelta(microseconds=time)) for c, a, time in rows)


def told(log: EventLog) -> list[tuple[str, str, int]]:
    return [
        (log.cases[case], log.activities[activity], int(time))
        for case, activity, time in zip(log.case, log.activity, log.time, strict=True)
    ]


@given(NAMED)
def test_xes_read_again_is_the_log(rows: list[tuple[str, str, int]]) -> None:
    rows = [(xml_text(case), xml_text(what), time) for case, what, time in rows]
    log, file = named_log(rows), io.BytesIO()
    write_xes(log, file)
    root = etree.fromstring(file.getvalue())
    ns = "{http://www.xes-standard.org/}"
    assert root.tag == f"{ns}log"
    assert root.get("xes.version") == "1849-2016"
    read = []
    for trace in root.iter(f"{ns}trace"):
        name = trace.find(f"{ns}string[@key='concept:name']")
        assert name is not None
        for event in trace.iter(f"{ns}event"):
            what = event.find(f"{ns}string[@key='concept:name']")
            when = event.find(f"{ns}date[@key='time:timestamp']")
            assert what is not None
            assert when is not None
            read.append((name.get("value"), what.get("value"), stamp(str(when.get("value")))))
    assert read == told(log)


def xml_text(text: str) -> str:
    """Return a name as XES can hold it."""
    return exporting._NOT_XML.sub("\ufffd", text)


def stamp(text: str) -> int:
    when = datetime.fromisoformat(text)
    return int((when - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


@given(NAMED)
def test_ocel_read_again_is_the_log(rows: list[tuple[str, str, int]]) -> None:
    log, file = named_log(rows), io.BytesIO()
    write_ocel(log, file, object_type="study-site")
    read = json.loads(file.getvalue())
    check_ocel(read)
    assert [each["id"] for each in read["objects"]] == list(log.cases)
    assert {each["name"] for each in read["eventTypes"]} == set(log.activities)
    events = [
        (e["relationships"][0]["objectId"], e["type"], stamp(e["time"])) for e in read["events"]
    ]
    assert events == told(log)


def check_ocel(read: dict[str, list[dict[str, object]]]) -> None:
    """Check what the JSON schema of OCEL 2.0 asks: the keys of each part, and declared types."""
    assert set(read) == {"objectTypes", "eventTypes", "objects", "events"}
    for part in ("objectTypes", "eventTypes"):
        assert all(set(each) == {"name", "attributes"} for each in read[part])
    assert all(set(e) == {"id", "type", "attributes", "relationships"} for e in read["objects"])
    asked = {"id", "type", "time", "attributes", "relationships"}
    assert all(set(each) == asked for each in read["events"])
    assert len({each["id"] for each in read["events"]}) == len(read["events"])
    for kind, part in (("objectTypes", "objects"), ("eventTypes", "events")):
        names = {each["name"] for each in read[kind]}
        assert all(each["type"] in names for each in read[part])


def test_a_long_log_is_written_in_pieces_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 10)
    generator = np.random.default_rng(5)
    rows = [(f"c{generator.integers(30)}", "A", int(no)) for no in range(200)]
    rows += [("long", "B", no) for no in range(55)]
    log, file = named_log(rows), io.BytesIO()
    write_ocel(log, file)
    read = json.loads(file.getvalue())["events"]
    assert [(e["relationships"][0]["objectId"], e["type"], stamp(e["time"])) for e in read] == told(
        log
    )

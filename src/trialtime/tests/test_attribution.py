"""Where the time went: the rule in a table of cases, its laws for every case, and what is refused."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialtime.attribution import (
    SEVERAL,
    SHARED,
    CircularPathway,
    RepeatedStep,
    Step,
    UnknownStep,
    attribute,
    find_circle,
)
from trialtime.clocks import NegativeDuration, Turn

START = date(2026, 1, 1)


def on(day):
    """Return the date so many days after the start."""
    return None if day is None else START + timedelta(days=day)


def step(key, needs="", end=None, *, party=None, turns=(), is_left_out=False):
    """A step whose party is called as the step unless said otherwise; turns are (party, from, to)."""
    held = tuple(Turn(who, on(first), on(last)) for who, first, last in turns)
    return Step(key, tuple(needs.split()), party or key, on(end), held, is_left_out)


def read(steps, *, as_of=100, end_step=None):
    return attribute(steps, start_date=START, as_of=on(as_of), end_step=end_step)


CASES = [
    (
        "one after the other",
        [step("a", "", 10), step("b", "a", 15)],
        {"a": 10, "b": 5},
        {"a": 10, "b": 5},
    ),
    (
        "the slower branch drives",
        [step("a", "", 10), step("b", "a", 40), step("c", "a", 25), step("d", "b c", 45)],
        {"a": 10, "b": 30, "d": 5},
        {"a": 10, "b": 30, "d": 5},
    ),
    (
        "two branches that end on one day are shared",
        [step("a", "", 10), step("b", "a", 40), step("c", "a", 40), step("d", "b c", 45)],
        {"a": 10, SHARED: 30, "d": 5},
        {"a": 10, SEVERAL: 30, "d": 5},
    ),
    (
        "tied branches share all the days on which they differ",
        [step("a", "", 10), step("e", "a", 20), step("b", "a", 40), step("c", "e", 40)],
        {"a": 10, SHARED: 30},
        {"a": 10, SEVERAL: 30},
    ),
    (
        "two branches of one party are its own, though several steps",
        [step("b", "", 40, party="site"), step("c", "", 40, party="site")],
        {"site": 40},
        {SEVERAL: 40},
    ),
    (
        "a turn gives its days to its party",
        [step("a", "", 30, party="board", turns=[("sponsor", 10, 22)])],
        {"board": 18, "sponsor": 12},
        {"a": 30},
    ),
    (
        "a turn outside the days of its step is cut",
        [step("a", "", 10), step("b", "a", 20, turns=[("x", 5, 12), ("y", 18, None)])],
        {"a": 10, "x": 2, "b": 6, "y": 2},
        {"a": 10, "b": 10},
    ),
    (
        "two turns on one day hold it together",
        [step("a", "", 10, turns=[("x", 2, 8), ("y", 5, 9)])],
        {"a": 3, "x": 3, SHARED: 3, "y": 1},
        {"a": 10},
    ),
    (
        "shared only while the parties differ",
        [
            step("b", "", 20, party="board", turns=[("sponsor", 5, 10)]),
            step("c", "", 20, party="sponsor"),
        ],
        {SHARED: 15, "sponsor": 5},
        {SEVERAL: 20},
    ),
    (
        "a step left out is passed through",
        [step("a", "", 10), step("b", "a", is_left_out=True), step("c", "b", 15)],
        {"a": 10, "c": 5},
        {"a": 10, "c": 5},
    ),
    (
        "a step left out does not count, though it has a date",
        [step("a", "", 10), step("b", "a", 12, is_left_out=True), step("c", "b", 15)],
        {"a": 10, "c": 5},
        {"a": 10, "c": 5},
    ),
    (
        "a step finished before what it needs was not held up by it, but by what that needed",
        [step("x", "", 5), step("a", "x", 20), step("b", "a", 10), step("c", "b a", 30)],
        {"x": 5, "a": 15, "c": 10},
        {"x": 5, "a": 15, "c": 10},
    ),
    (
        "the same where nothing else came after",
        [step("x", "", 5), step("a", "x", 20), step("b", "a", 25), step("c", "b a", 22)],
        {"x": 5, "a": 15, "b": 5},
        {"x": 5, "a": 15, "b": 5},
    ),
    (
        "finished on the day it was ready takes no days",
        [step("a", "", 10), step("b", "a", 10), step("c", "b", 15)],
        {"a": 10, "c": 5},
        {"a": 10, "c": 5},
    ),
    (
        "finished before the case began",
        [step("a", "", -20), step("b", "a", 15)],
        {"b": 15},
        {"b": 15},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "by_party", "by_step"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_days_belong_to_what_the_case_waited_for(steps, by_party, by_step):
    found = read(steps)
    assert found.is_finished
    assert found.days_by_party() == by_party
    assert found.days_by_step() == by_step


UNFINISHED = [
    ("the open step", [step("a", "", 10), step("b", "a")], None, {"a": 10, "b": 90}),
    (
        "open steps share",
        [step("a", "", 10), step("b", "a"), step("c", "a")],
        None,
        {"a": 10, SHARED: 90},
    ),
    (
        "an open step that began later shares with the other's chain",
        [step("a", "", 10), step("b", "a"), step("c")],
        None,
        {SHARED: 100},
    ),
    ("a step that waits drives nothing", [step("a"), step("b", "a")], None, {"a": 100}),
    (
        "a reopened step holds up again, what it had let through does not",
        [step("a", "", 10), step("b", "a"), step("c", "b", 40), step("d", "c")],
        None,
        {"a": 10, SHARED: 90},
    ),
    (
        "a reopened step alone",
        [step("a", "", 10), step("b", "a"), step("c", "b", 40), step("d", "b c")],
        None,
        {"a": 10, "b": 90},
    ),
    (
        "a side branch is no part of the way to the end",
        [step("a", "", 10), step("b", "a"), step("side", "a")],
        "b",
        {"a": 10, "b": 90},
    ),
    ("nothing has been done", [step("a"), step("b", "a")], "b", {"a": 100}),
    ("done after the day of reading", [step("a", "", 10), step("b", "a", 101)], "b", {"a": 10, "b": 90}),
    ("left out and open", [step("a", is_left_out=True), step("b", "a")], "b", {"b": 100}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "end_step", "by_party"),
    [case[1:] for case in UNFINISHED],
    ids=[case[0] for case in UNFINISHED],
)
def test_an_unfinished_case_waits_for_its_open_steps(steps, end_step, by_party):
    found = read(steps, end_step=end_step)
    assert not found.is_finished
    assert found.end_date == on(100)
    assert found.days_by_party() == by_party


def test_a_case_ends_with_its_last_step_though_others_are_open():
    found = read([step("a", "", 10), step("open", "a", 30), step("paper", "a")], end_step="open")
    assert (found.is_finished, found.elapsed) == (True, 30)
    assert found.days_by_party() == {"a": 10, "open": 20}


def test_a_last_step_left_out_leaves_the_end_to_what_it_needs():
    steps = [step("a", "", 10), step("b", "", 30), step("z", "a b", is_left_out=True)]
    assert read(steps, end_step="z").days_by_party() == {"b": 30}


def test_a_case_of_steps_left_out_took_no_time():
    found = read([step("a", is_left_out=True)])
    assert (found.is_finished, found.elapsed, found.parts) == (True, 0, ())


def test_a_case_that_ends_on_its_first_day_has_no_parts():
    assert read([step("a", "", 0)]).parts == ()


def test_the_critical_steps_are_told_in_the_order_of_time():
    steps = [step("d", "b c", 45), step("c", "a", 40), step("b", "a", 40), step("a", "", 10)]
    found = read(steps)
    assert [each.step for each in found.critical] == ["a", "c", "b", "d"]
    assert [part.steps for part in found.parts] == [("a",), ("c", "b"), ("d",)]
    assert found.parts[1].parties == ("b", "c")


@pytest.mark.parametrize(
    ("refusal", "said", "ask"),
    [
        (
            CircularPathway,
            "'a' needs 'c' needs 'b' needs 'a'",
            lambda: read([step("a", "c"), step("b", "a"), step("c", "b"), step("d", "c")]),
        ),
        (CircularPathway, "'a' needs 'a'", lambda: read([step("a", "a", 10)])),
        (UnknownStep, "'b' needs 'x'", lambda: read([step("a"), step("b", "x")])),
        (UnknownStep, "'z' should end", lambda: read([step("a")], end_step="z")),
        (RepeatedStep, "'a'", lambda: read([step("a"), step("a")])),
        (NegativeDuration, "before it starts", lambda: read([step("a")], as_of=-1)),
        (NegativeDuration, "before it starts", lambda: read([step("a", "", -1)])),
        (NegativeDuration, "turn of 'x'", lambda: read([step("a", turns=[("x", 3, 2)])])),
    ],
)
def test_what_is_no_case_is_refused(refusal, said, ask):
    with pytest.raises(refusal, match=said):
        ask()


def test_a_circle_is_found_behind_what_is_none():
    assert find_circle({"a": ["b"], "b": []}) == ()
    assert set(find_circle({"a": ["b"], "b": ["c", "x"], "c": ["b"]})) == {"b", "c"}


PARTIES = ("board", "regulator", "site", "sponsor")
KEYS = "abcdefgh"


@st.composite
def cases(draw):
    """Any case: parallel, tied, reopened, out of order, left out, before its start, never finished."""
    steps = []
    for place, key in enumerate(KEYS[: draw(st.integers(1, len(KEYS)))]):
        needs = (
            draw(st.lists(st.sampled_from(KEYS[:place]), unique=True, max_size=3)) if place else []
        )
        turns = [
            (draw(st.sampled_from(PARTIES)), first, first + length)
            for first, length in draw(
                st.lists(st.tuples(st.integers(-3, 25), st.integers(0, 9)), max_size=3)
            )
        ]
        steps.append(
            step(
                key,
                " ".join(needs),
                draw(st.none() | st.integers(-3, 25)),
                party=draw(st.sampled_from(PARTIES)),
                turns=turns,
                is_left_out=draw(st.integers(0, 4)) == 0,
            )
        )
    end_step = draw(st.none() | st.sampled_from([each.key for each in steps]))
    return steps, draw(st.integers(0, 26)), end_step


def read_any(case):
    steps, as_of, end_step = case
    try:
        return read(steps, as_of=as_of, end_step=end_step)
    except NegativeDuration:
        return None


@given(cases())
@settings(max_examples=400)
def test_the_parts_are_a_partition_and_add_up_in_every_case(case):
    found = read_any(case)
    if found is None:
        return
    here = found.start_date
    for part in found.parts:
        assert part.start_date == here < part.end_date
        assert part.steps
        assert part.parties
        here = part.end_date
    assert here == found.end_date
    assert sum(found.days_by_party().values()) == found.elapsed
    assert sum(found.days_by_step().values()) == found.elapsed


@given(cases())
@settings(max_examples=300)
def test_each_day_is_as_one_finds_by_walking_back_day_by_day(case):
    """The same rule written the slow way: from each end, one chain at a time."""
    found = read_any(case)
    if found is None:
        return
    expected = walked(*case, found)
    for part in found.parts:
        for n in range(part.days):
            steps, parties = expected[part.start_date + timedelta(days=n)]
            assert set(part.steps) == steps
            assert set(part.parties) == parties


def walked(steps, as_of, end_step, found):  # noqa: C901  (the rule in one piece)
    known = {each.key: each for each in steps}
    ends = {
        key: each.end_date if each.end_date and each.end_date <= on(as_of) else None
        for key, each in known.items()
    }

    def meant(keys, until):
        for key in keys:
            if known[key].is_left_out or ends[key] is None or (until and ends[key] > until):
                yield from meant(known[key].needs, until)
            else:
                yield key

    def not_left_out(keys):
        for key in keys:
            yield from not_left_out(known[key].needs) if known[key].is_left_out else [key]

    def all_before(key):
        return {key}.union(*(all_before(need) for need in known[key].needs))

    last = set(not_left_out([end_step] if end_step else known))
    if found.is_finished:
        heads = {key for key in last if ends[key] == found.end_date}
    else:
        way = set().union(*(all_before(key) for key in last)) if end_step else set(known)
        heads = {
            key
            for key in way
            if not known[key].is_left_out
            and ends[key] is None
            and all(ends[need] is not None for need in not_left_out(known[key].needs))
        }
    days = {}

    def go_back(key, until):
        before = [(ends[need], need) for need in set(meant(known[key].needs, until))]
        begun = max([START, *(end for end, _ in before)])
        for n in range((until - begun).days):
            day = begun + timedelta(days=n)
            here = days.setdefault(day, (set(), set()))
            here[0].add(key)
            holding = {
                turn.party for turn in known[key].turns if turn.start_date <= day < turn.end_date
            }
            here[1].update(holding or {known[key].party})
        for end, need in before:
            if end == begun > START:
                go_back(need, begun)

    for key in heads:
        go_back(key, found.end_date)
    return days


@given(cases(), st.permutations(PARTIES), st.permutations(KEYS), st.randoms())
def test_names_and_order_do_not_matter(case, parties, keys, shuffler):
    before = read_any(case)
    party, key = dict(zip(PARTIES, parties, strict=True)), dict(zip(KEYS, keys, strict=True))
    steps = [
        Step(
            key[each.key],
            tuple(key[need] for need in each.needs),
            party[each.party],
            each.end_date,
            tuple(Turn(party[turn.party], turn.start_date, turn.end_date) for turn in each.turns),
            each.is_left_out,
        )
        for each in case[0]
    ]
    shuffler.shuffle(steps)
    after = read_any((steps, case[1], case[2] and key[case[2]]))
    if before is None:
        assert after is None
        return
    told = party | {SHARED: SHARED}
    assert after.days_by_party() == {told[who]: n for who, n in before.days_by_party().items()}
    named = key | {SEVERAL: SEVERAL}
    assert after.days_by_step() == {named[what]: n for what, n in before.days_by_step().items()}


@given(cases(), st.integers(0, 60))
def test_a_case_moved_in_time_gives_the_same_days(case, n):
    def moved(day):
        return None if day is None else day + timedelta(days=n)

    before = read_any(case)
    if before is None:
        return
    steps = [
        Step(
            each.key,
            each.needs,
            each.party,
            moved(each.end_date),
            tuple(Turn(t.party, moved(t.start_date), moved(t.end_date)) for t in each.turns),
            each.is_left_out,
        )
        for each in case[0]
    ]
    after = attribute(steps, start_date=moved(START), as_of=moved(on(case[1])), end_step=case[2])
    assert after.days_by_party() == before.days_by_party()


def test_a_case_of_twenty_steps_is_fast():
    """A bound with room for a slow machine; `bench/` measures."""
    steps = [
        step(
            f"s{n}",
            " ".join({f"s{max(n - 1, 0)}", f"s{max(n - 3, 0)}"}) if n else "",
            7 * n + 5,
            turns=[("x", 7 * n - 2, 7 * n + 1), ("y", 7 * n + 1, 7 * n + 3)],
        )
        for n in range(20)
    ]
    begun = time.perf_counter()
    for _ in range(50):
        read(steps, as_of=400)
    assert (time.perf_counter() - begun) / 50 < 0.01

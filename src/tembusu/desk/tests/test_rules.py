"""What is urgent, what an address asks for, how a desk is told, when a digest leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.desk import rules
from tembusu.desk.terms import Asked, Band, Changes, Desk, Line, Order, Sheet, Told
from tembusu.desk.tests.conftest import AT, TODAY, item
from tembusu.foundation.core.worklist import WorkKind


def on(days):
    return None if days is None else TODAY + timedelta(days=days)


def line(key, due=0, *, room="startup", **given):
    return Line(room, item(key, due=on(due), **given))


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (-1, Band.OVERDUE),
        (0, Band.TODAY),
        (1, Band.WEEK),
        (7, Band.WEEK),
        (8, Band.LATER),
        (None, Band.UNDATED),
    ],
)
def test_a_due_day_has_a_band(due, expected):
    assert rules.band(on(due), TODAY) is expected


def test_overdue_comes_first_undated_last_and_ties_by_how_long_they_wait():
    lines = [
        line("undated", None, since=date(2026, 1, 1)),
        line("soon", 2),
        line("late", -3),
        line("later", -9),
        line("tied", 2, since=date(2026, 11, 1)),
    ]
    found = [each.item.key for each in rules.in_order(lines, Order.URGENT)]
    assert found == ["later", "late", "tied", "soon", "undated"]


def test_the_longest_waiting_may_come_first():
    lines = [line("new", -3), line("old", None, since=date(2026, 1, 1))]
    assert [one.item.key for one in rules.in_order(lines, Order.LONGEST)] == ["old", "new"]


LINES = (
    line("mine", -1),
    line("other study", 3, study="TMB-000043", record="TMB-000043 at Kempas"),
    line("other room", 8, room="submissions"),
    line("waiting", -2, kind=WorkKind.I_WAIT, holder="Meranti Ethics Board"),
    line("lapses", 20, kind=WorkKind.LAPSES),
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), ["mine", "other study", "other room"]),
        (Asked(study="TMB-000043"), ["other study"]),
        (Asked(room="submissions"), ["other room"]),
        (Asked(band=Band.OVERDUE), ["mine"]),
        (Asked(text="kempas answer"), ["other study"]),
        (Asked(text="kempas nothing"), []),
        (Asked(sheet=Sheet.WAITING), ["waiting"]),
        (Asked(sheet=Sheet.WAITING, holder="Meranti Ethics Board"), ["waiting"]),
        (Asked(sheet=Sheet.WAITING, holder="Somebody else"), []),
        (Asked(sheet=Sheet.LAPSES), ["lapses"]),
        (Asked(room="submissions", band=Band.OVERDUE), []),
    ],
)
def test_a_sheet_is_narrowed(asked, expected):
    assert [one.item.key for one in rules.narrow(LINES, asked, TODAY)] == expected


@given(
    st.lists(
        st.builds(
            line,
            st.uuids().map(str),
            st.none() | st.integers(-20, 20),
            kind=st.sampled_from(list(WorkKind)),
            study=st.sampled_from(["", "TMB-000001", "TMB-000002"]),
        )
    ),
    st.sampled_from([sheet for sheet in Sheet if sheet is not Sheet.CHANGED]),
)
def test_the_bands_of_a_sheet_part_it_without_loss(lines, sheet):
    whole = rules.narrow(lines, Asked(sheet=sheet), TODAY)
    parts = [rules.narrow(lines, Asked(sheet=sheet, band=band), TODAY) for band in Band]
    assert sorted(one.item.key for part in parts for one in part) == sorted(
        one.item.key for one in whole
    )


@pytest.mark.parametrize(
    ("dues", "said"),
    [
        ([], "Nothing waits on you."),
        ([-1], "One act is overdue."),
        ([-1, 0, 0], "One act is overdue, two are due today."),
        ([-1, -2, 3], "Two acts are overdue, one is due within a week."),
        ([0], "One act is due today."),
        ([None], "One act waits on you, none due within a week."),
        ([9, None], "Two acts wait on you, none due within a week."),
        ([-1] * 12, "12 acts are overdue."),
    ],
)
def test_a_desk_is_told_in_a_sentence(dues, said):
    lines = [line(str(n), due) for n, due in enumerate(dues)]
    assert rules.say_standing([*lines, line("w", -1, kind=WorkKind.I_WAIT)], TODAY) == said


@pytest.mark.parametrize(
    ("given_values", "expected"),
    [
        ({}, Asked()),
        ({"sheet": "lapses", "due": "overdue"}, Asked(sheet=Sheet.LAPSES, band=Band.OVERDUE)),
        ({"sort": "longest", "q": "x"}, Asked(order=Order.LONGEST, text="x")),
        (
            {"study": "TMB-1", "room": "startup", "holder": "A"},
            Asked(study="TMB-1", room="startup", holder="A"),
        ),
        ({"sheet": "", "due": "", "sort": ""}, Asked()),
    ],
)  # fmt: skip
def test_an_address_is_read(given_values, expected):
    assert rules.read_asked(given_values) == expected


@pytest.mark.parametrize(
    "wrong", [{"sheet": "all"}, {"due": "someday"}, {"sort": "-due"}, {"sheet": "<script>"}]
)
def test_an_address_that_no_desk_has_is_refused_by_name(wrong):
    with pytest.raises(rules.AddressRefused, match=f"no {next(iter(wrong))}"):
        rules.read_asked(wrong)


@pytest.mark.parametrize(("said", "place"), [("", 0), ("0", 0), ("50", 50), ("999999", 999_999)])
def test_the_place_of_a_page_is_read(said, place):
    assert rules.read_place(said) == place


@pytest.mark.parametrize("said", ["-1", "x", "1e3", "٣", "1000000", "5.0"])
def test_a_place_that_is_none_is_refused(said):
    with pytest.raises(rules.AddressRefused):
        rules.read_place(said)


def told(n, record=1, title="Published", by="Nadia", minute=0):
    at = AT + timedelta(minutes=minute)
    return Told(at, title, by, f"TMB-{record}", f"/studies/{record}/", f"TMB-{record}")


def test_a_record_is_told_once_with_its_last_change():
    found = rules.group_told(
        [told(1, minute=3, title="Merged"), told(2, minute=1), told(3, record=2)]
    )
    assert [(one.record, one.title, one.n_more) for one in found] == [
        ("TMB-1", "Merged", 1),
        ("TMB-2", "Published", 0),
    ]


def test_what_one_act_did_to_many_is_one_line():
    found = rules.group_told([told(n, record=n) for n in range(1, 6)])
    assert [(one.record, one.url) for one in found] == [("5 records", "")]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4), st.sampled_from("AB"))))
def test_no_told_event_is_lost(events):
    given_events = [told(0, record=r, minute=m, title=t) for r, m, t in events]
    found = rules.group_told(given_events)
    n_single = sum(one.n_more + 1 for one in found if one.url)
    n_many = sum(int(one.record.split()[0]) for one in found if not one.url)
    assert n_single + n_many == len({(one.at, one.title, one.url) for one in given_events})
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)


@pytest.mark.parametrize(
    ("seen_at", "expected"),
    [
        (None, AT - timedelta(days=7)),
        (AT - timedelta(days=1), AT - timedelta(days=1)),
        (AT - timedelta(days=300), AT - timedelta(days=60)),
    ],
)
def test_changes_are_told_since_they_were_seen(seen_at, expected):
    assert rules.looks_back_to(seen_at, AT) == expected


@pytest.mark.parametrize(
    ("last_days", "seen_days", "expected_days"),
    [(None, None, 1), (1, None, 1), (1, 0.5, 0.5), (3, 5, 3), (None, 2, 2), (90, None, 7)],
)
def test_a_digest_tells_no_change_twice(last_days, seen_days, expected_days):
    def before(days):
        return None if days is None else AT - timedelta(days=days)

    found = rules.digest_looks_back_to(before(last_days), before(seen_days), AT)
    assert found == before(expected_days)


@pytest.mark.parametrize(("hour", "expected"), [(6, False), (7, True), (8, True), (23, True)])
def test_a_late_worker_still_sends_the_digest(hour, expected):
    assert rules.is_digest_hour(datetime(2026, 11, 20, hour, 5, tzinfo=UTC), 7) is expected


@pytest.mark.parametrize(
    ("lines", "changes", "expected"),
    [
        ((), (), False),
        ((LINES[3],), (), False),  # only waiting for others: nothing to do today
        ((LINES[0],), (), True),
        ((LINES[4],), (), True),
        ((), tuple(rules.group_told([told(1)])), True),
    ],
)
def test_a_digest_leaves_only_when_it_says_something(lines, changes, expected):
    assert rules.is_worth_a_digest(Desk(lines, Changes(AT, changes), TODAY)) is expected

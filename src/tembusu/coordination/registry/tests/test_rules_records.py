"""What a study says, what changed, which record holds, and which entries are one study."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.terms import ImportOutcome, Timeliness
from trialformats.records import WHO_DATA_SET

ISRCTN = {"registry": "isrctn", "registry_no": "ISRCTN00000001"}
NCT = {"registry": "ctgov", "registry_no": "NCT00000001"}
OWN = {"registry": "own", "registry_no": "TMB-000001"}
TEXTS = st.dictionaries(st.sampled_from("abcdef"), st.text(min_size=1), max_size=6)


def effective(*entries, **curated):
    return records.effective_record(entries, curated, own_registry="own")


# -- what a study says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "title", "source"),
    [
        ([NCT | {"brief_title": "B"}, ISRCTN | {"brief_title": "A"}], "B", "ctgov NCT00000001"),
        ([ISRCTN | {"brief_title": "A"}, NCT | {"brief_title": "B"}], "B", "ctgov NCT00000001"),
        ([NCT | {"brief_title": "B"}, OWN | {"brief_title": "C"}], "C", "own TMB-000001"),
        ([NCT, ISRCTN | {"brief_title": "A"}], "A", "isrctn ISRCTN00000001"),
    ],
)
def test_the_first_registry_that_answers_is_heard(entries, title, source):
    record = effective(*entries)
    assert (record.values["brief_title"], record.sources["brief_title"]) == (title, source)


def test_what_names_an_entry_never_comes_from_another_one():
    record = effective(NCT, ISRCTN | {"record_url": "https://example.org/1", "notes": ["x"]})
    assert record.values["registry_no"] == "NCT00000001"
    assert not {"record_url", "notes"} & set(record.values)


def test_a_curated_value_stands_over_every_registry_even_where_it_says_nothing():
    record = effective(NCT | {"acronym": "TEA"}, acronym=None, brief_title="Ours")
    assert record.values["acronym"] is None
    assert record.sources["brief_title"] == "curated"


@given(TEXTS, TEXTS)
def test_no_answer_of_any_registry_is_lost(first, second):
    assert effective(NCT | first, ISRCTN | second).values.keys() >= first.keys() | second.keys()


HAD = {"enrolment_count": 40, "enrolment_kind": "ACTUAL"}
ENDED = {"overall_status": "TERMINATED", "why_stopped": "No funds"}
KOREA = {"locations": [{"facility": "Han River Hospital", "country": "Korea, Republic of"}]}


@pytest.mark.parametrize(
    ("first", "second", "curated", "said"),
    [
        # A count and its kind, a date and its kind: of one source, or not at all.
        ({"enrolment_count": 50}, HAD, {}, {"enrolment_count": 50}),
        ({}, HAD, {}, HAD),
        ({"enrolment_kind": "ESTIMATED"}, HAD, {}, HAD),
        ({"enrolment_kind": "ESTIMATED"}, {}, {}, {"enrolment_kind": "ESTIMATED"}),
        (HAD, {}, {"enrolment_count": 50}, {"enrolment_count": 50}),
        (HAD, {}, {"enrolment_count": 50, "enrolment_kind": "ESTIMATED"}, "curated"),
        (HAD, {}, {"enrolment_kind": "ESTIMATED"}, {**HAD, "enrolment_kind": "ESTIMATED"}),
        (
            {"completion_dtc": "2027-10"},
            {"completion_dtc": "2028", "completion_kind": "ESTIMATED"},
            {},
            {"completion_dtc": "2027-10"},
        ),
        # A status and why it stopped.
        ({"overall_status": "RECRUITING"}, ENDED, {}, {"overall_status": "RECRUITING"}),
        (ENDED, {}, {"overall_status": "RECRUITING"}, {"overall_status": "RECRUITING"}),
        (ENDED, {}, {"overall_status": None}, {"overall_status": None}),
        # Who is masked belongs to the masking; a limit of age left open is not another's.
        ({"masking": "NONE"}, {"who_masked": ["PARTICIPANT"]}, {}, {"masking": "NONE"}),
        (
            {"minimum_age": "21 Years"},
            {"minimum_age": "18 Years", "maximum_age": "75 Years"},
            {},
            {"minimum_age": "21 Years"},
        ),
        (
            {"ipd_sharing": "NO"},
            {"ipd_sharing": "YES", "ipd_url": "https://share.example"},
            {},
            {"ipd_sharing": "NO"},
        ),
    ],
)
def test_a_value_and_what_is_said_of_it_come_from_one_source(first, second, curated, said):
    record = effective(NCT | first, ISRCTN | second, **curated)
    found = {name: one for name, one in record.values.items() if name not in NCT}
    assert found == (curated if said == "curated" else said)
    assert record.sources.keys() == record.values.keys()


@pytest.mark.parametrize(
    ("first", "second", "own", "said"),
    [
        ({"registered_dtc": "2018-03-01"}, {"registered_dtc": "2018-01-08"}, {}, "2018-01-08"),
        ({"registered_dtc": "2018-01-08"}, {"registered_dtc": "2018-03-01"}, {}, "2018-01-08"),
        ({"registered_dtc": "2018-01-08"}, {}, {"registered_dtc": "2026-11-22"}, "2018-01-08"),
        ({}, {"registered_dtc": "2018-01-08"}, {"registered_dtc": "2026-11-22"}, "2018-01-08"),
        # A month is known to be over only on its last day.
        ({"registered_dtc": "2018-01"}, {"registered_dtc": "2018-01-30"}, {}, "2018-01-30"),
        # What was posted earlier was submitted earlier, whenever that was.
        ({"registered_dtc": "2018-03-01"}, {"first_posted_dtc": "2018-01-08"}, {}, None),
        ({"registered_dtc": "2018-01-08"}, {"first_posted_dtc": "2018-03-01"}, {}, "2018-01-08"),
        ({}, {}, {}, None),
    ],
)
def test_a_trial_is_registered_once_any_registry_has_it(first, second, own, said):
    entries = [NCT | first, ISRCTN | second, {"registry": "own", "registry_no": "T-1"} | own]
    record = effective(*entries)
    assert record.values.get("registered_dtc") == said
    assert record.sources.keys() == record.values.keys()


@pytest.mark.parametrize(
    ("values", "countries"),
    [
        ({}, []),
        ({"countries": ["Singapore", "Singapore", ""]}, ["Singapore"]),
        (KOREA, ["Korea, Republic of"]),
        ({"countries": ["Singapore"], **KOREA}, ["Singapore", "Korea, Republic of"]),
        ({"countries": ["South Korea"], **KOREA}, ["South Korea"]),
    ],
)
def test_the_countries_of_recruitment_are_those_listed_and_those_of_the_sites(values, countries):
    assert records.countries(values) == countries


# -- what changed -------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_the_differences_of_two_records_are_those_of_their_fields(before, after):
    found = {one.field: (one.before, one.after) for one in records.compare(before, after)}
    assert found == {
        name: (before.get(name), after.get(name))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }


def test_a_reader_s_remark_is_no_change():
    assert records.compare({"notes": ["a"]}, {"notes": ["b"]}) == []


# -- which record holds -------------------------------------------------------------------------


def posted(day, **more):
    return {"last_update_posted_dtc": day} | more


@pytest.mark.parametrize(
    ("held", "held_media", "incoming", "media", "is_taken"),
    [
        (posted("2024-01-02"), "json", posted("2024-01-03"), "json", True),
        (posted("2024-01-02"), "json", posted("2024-01-01"), "json", False),
        (posted("2024-01-02"), "json", posted("2024-01-03"), "csv", True),
        (posted("2024-01-02"), "csv", posted("2024-01-01"), "json", False),
        (posted("2024-01-02"), "csv", posted("2024-01-02"), "xml", True),
        (posted("2024-01-02"), "xml", posted("2024-01-02"), "json", True),
        (posted("2024-01-02"), "json", posted("2024-01-02"), "xml", False),
        (posted("2024-01-02"), "json", posted("2024-01-02"), "json", True),
        ({}, "json", posted("2024-01-02"), "json", True),
        ({}, "json", {}, "csv", False),
        (
            {"last_update_submitted_dtc": "2024-01-02"},
            "xml",
            {"last_update_submitted_dtc": "2023-12-31"},
            "json",
            False,
        ),
    ],
)
def test_an_older_or_poorer_record_never_replaces_a_newer_or_fuller_one(
    held, held_media, incoming, media, is_taken
):
    outcome = records.outcome_of(held, held_media, incoming, media)
    assert (outcome is ImportOutcome.UPDATED) is is_taken


# -- which entries are one study ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("registry", "candidates", "partners"),
    [
        ("isrctn", {1: ["ctgov"]}, (1,)),
        ("ctgov", {1: ["ctgov"]}, ()),
        ("ctgov", {1: ["ctgov", "isrctn"], 2: ["drks"]}, (2,)),
        ("isrctn", {2: ["ctgov"], 1: ["drks"]}, (1, 2)),
        ("isrctn", {}, ()),
    ],
)
def test_an_entry_may_belong_where_its_registry_holds_no_other(registry, candidates, partners):
    assert records.partners_of(registry, candidates) == partners


# -- completeness, timeliness, odds and ends ----------------------------------------------------


def test_completeness_counts_the_24_items():
    nothing = records.completeness({})
    assert (nothing.n_answered, nothing.n_items) == (0, 24)
    assert len(nothing.missing) == len(WHO_DATA_SET)
    said = records.completeness({"has_results": False, "locations": [{"country": "Singapore"}]})
    assert said.n_answered == 1
    assert records.completeness({"has_results": None, "conditions": []}).n_answered == 0


@pytest.mark.parametrize(
    ("values", "n_answered"),
    [
        ({"has_results": True}, 1),
        ({"has_results": False}, 0),
        ({"has_results": False, "results_url": "https://example.org/1"}, 1),
        ({"ipd_sharing": "NO"}, 1),
        ({"enrolment_count": 0}, 1),
        # The sponsor is item 5, and as a source of support item 4.
        ({"lead_sponsor": {"name": "Damar", "kind": "INDUSTRY"}}, 2),
        ({"lead_sponsor": {"name": "[Redacted]"}}, 0),
        ({"lead_sponsor": {"kind": "INDUSTRY"}}, 0),
        ({"brief_title": " "}, 0),
        ({"collaborators": [{"name": "[Redacted]", "kind": "OTHER"}]}, 0),
        ({"registered_dtc": "2020-05-10"}, 1),
        ({"first_posted_dtc": "2020-05-15"}, 1),
    ],
)
def test_only_what_says_something_is_an_answer(values, n_answered):
    assert records.completeness(values).n_answered == n_answered


@pytest.mark.parametrize(
    ("registered", "started", "said"),
    [
        ("2024-01-01", "2024-01-01", Timeliness.PROSPECTIVE),
        ("2024-01-02", "2024-01-01", Timeliness.RETROSPECTIVE),
        ("2024-01-15", "2024-01", Timeliness.UNKNOWN),
        ("2024-01-01", "2024-01", Timeliness.PROSPECTIVE),
        ("2024-02-01", "2024-01", Timeliness.RETROSPECTIVE),
        ("2023", "2024", Timeliness.PROSPECTIVE),
        ("", "2024", Timeliness.UNKNOWN),
        ("2024", "", Timeliness.UNKNOWN),
    ],
)
def test_a_date_that_may_be_either_is_not_called_prospective(registered, started, said):
    assert records.timeliness(registered, started) is said


SUBMITTED_THEN_POSTED = {"registered_dtc": "2020-05-10", "first_posted_dtc": "2020-05-15"}


@pytest.mark.parametrize(
    ("values", "said", "why"),
    [
        (SUBMITTED_THEN_POSTED | {"start_dtc": "2020-05-12"}, Timeliness.PROSPECTIVE, ""),
        (SUBMITTED_THEN_POSTED | {"start_dtc": "2020-05-10"}, Timeliness.PROSPECTIVE, ""),
        (SUBMITTED_THEN_POSTED | {"start_dtc": "2020-05-09"}, Timeliness.RETROSPECTIVE, ""),
        (
            SUBMITTED_THEN_POSTED | {"start_dtc": "2020-05"},
            Timeliness.UNKNOWN,
            "not known to the day",
        ),
        ({"first_posted_dtc": "2020-05-15", "start_dtc": "2020-05-15"}, Timeliness.PROSPECTIVE, ""),
        (
            {"first_posted_dtc": "2020-05-15", "start_dtc": "2020-05-12"},
            Timeliness.UNKNOWN,
            "Only the day of posting is known",
        ),
        (
            {"first_posted_dtc": "2020-05-15", "start_dtc": "2010-01"},
            Timeliness.UNKNOWN,
            "Only the day of posting is known",
        ),
        ({"first_posted_dtc": "2020-05-15"}, Timeliness.UNKNOWN, ""),
        ({"start_dtc": "2020-05-15"}, Timeliness.UNKNOWN, ""),
    ],
)
def test_a_day_of_posting_never_makes_a_registration_late(values, said, why):
    assert records.timeliness_of(values) is said
    assert why in records.why_undecided(values)
    assert bool(records.why_undecided(values)) is bool(why)


def test_the_first_day_of_a_month_is_its_first():
    assert records.first_day("2024-02") == date(2024, 2, 1)
    assert records.first_day("") is None


def test_countries_are_those_listed_then_those_of_the_locations_each_once():
    places = [{"country": "Singapore"}, {"country": ""}, {"country": "Malaysia"}]
    assert records.countries({"locations": places + places}) == ["Singapore", "Malaysia"]
    listed = {"countries": ["Japan"], "locations": places}
    assert records.countries(listed) == ["Japan", "Singapore", "Malaysia"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def texts_in(value):
    if isinstance(value, dict):
        return [*value, *(text for one in value.values() for text in texts_in(one))]
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return [value] if isinstance(value, str) else []


@given(JSON)
def test_no_nul_is_left_and_what_has_none_stays_as_it_is(value):
    cleaned = records.without_nul(value)
    assert not any("\x00" in text for text in texts_in(cleaned))
    assert cleaned == value or any("\x00" in text for text in texts_in(value))

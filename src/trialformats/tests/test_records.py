"""The record itself: to JSON and back, its digest, its other numbers."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialformats import ctgov_json
from trialformats import records as r
from trialformats.errors import FormatError
from trialformats.tests.test_dates import partial_dates

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
INT = st.integers(0, 10**9)
FLOAT = st.floats(-180, 180)


def values_for(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Return the values a field may hold, by its type."""
    if name.endswith("_dtc"):
        return st.just("") | partial_dates
    if name == "extra":
        return st.dictionaries(texts.map("xml:{}".format), json_values, max_size=2)
    inner = next((arg for arg in get_args(hint) if arg not in (type(None), Ellipsis)), hint)
    one = {str: texts, bool: st.booleans(), int: INT, float: FLOAT}.get(inner)
    one = one if one is not None else records_of(inner)
    if get_origin(hint) is tuple:
        return st.lists(one, max_size=2).map(tuple)
    return one if hint is inner else st.none() | one


def records_of(cls: type) -> st.SearchStrategy[Any]:
    """Return a strategy that fills about a quarter of a dataclass's fields."""
    hints = get_type_hints(cls)
    names = [item.name for item in fields(cls) if item.name not in ("registry", "registry_no")]

    def filled(chosen: list[str]) -> st.SearchStrategy[Any]:
        given_values = {name: values_for(name, hints[name]) for name in chosen}
        if cls is r.TrialRecord:
            given_values["registry"] = st.sampled_from(["ctgov", "isrctn", "other"])
            given_values["registry_no"] = st.integers(0, 99_999_999).map("NCT{:08}".format)
        return st.builds(cls, **given_values)

    return st.lists(st.sampled_from(names), unique=True, max_size=12).flatmap(filled)


trial_records = records_of(r.TrialRecord)
thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(trial_records)
def test_a_record_comes_back_from_json_as_it_was(record):
    assert r.from_json(r.to_json(record)) == record


@thorough
@given(trial_records)
def test_any_record_comes_back_from_api_v2_as_it_was(record):
    assert ctgov_json.read(ctgov_json.write(record)) == record


@thorough
@given(trial_records)
def test_the_digest_does_not_depend_on_the_order_of_keys(record):
    shown = r.to_json(record)
    turned = dict(reversed(shown.items()))
    assert r.digest(r.from_json(turned)) == r.digest(record)


def test_the_digest_follows_what_is_said_and_not_how_it_was_read():
    record = r.TrialRecord("ctgov", "NCT00000001", brief_title="One")
    stamp = {"/derivedSection/miscInfoModule/versionHolder": "2026-01-01"}
    assert r.digest(replace(record, notes=("mended",))) == r.digest(record)
    assert r.digest(replace(record, extra=stamp)) == r.digest(record)
    assert r.digest(replace(record, brief_title="Two")) != r.digest(record)
    assert r.digest(replace(record, extra={"/a": 1})) != r.digest(record)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"registry": "ctgov"}, "registry_no"),
        ({"registry": "ctgov", "registry_no": "1", "colour": "red"}, "colour"),
        ({"registry": "ctgov", "registry_no": 1}, "registry_no"),
        ({"registry": "ctgov", "registry_no": "1", "enrolment_count": True}, "enrolment_count"),
        ({"registry": "ctgov", "registry_no": "1", "enrolment_count": "9"}, "enrolment_count"),
        ({"registry": "ctgov", "registry_no": "1", "has_dmc": 1}, "has_dmc"),
        ({"registry": "ctgov", "registry_no": "1", "phases": "PHASE1"}, "phases"),
        ({"registry": "ctgov", "registry_no": "1", "extra": []}, "extra"),
        ({"registry": "ctgov", "registry_no": "1", "locations": [{"lat": "x"}]}, "locations.lat"),
    ],
)
def test_json_that_does_not_fit_is_refused_with_the_field(data, field):
    with pytest.raises(FormatError) as refused:
        r.from_json(data)
    assert refused.value.field == field


def test_other_registers_numbers_are_found_once_and_never_the_record_itself():
    record = r.TrialRecord(
        "ctgov",
        "NCT00000001",
        org_study_no="2015-001894-41",
        former_nos=("NCT00000002",),
        secondary_ids=(
            r.SecondaryId("EudraCT 2015-001894-41"),
            r.SecondaryId("NCT00000001"),
            r.SecondaryId("M01RR000042"),
            r.SecondaryId("U1111-1234-5678"),
        ),
    )
    assert record.cross_ids == (
        r.CrossId("ctgov", "NCT00000002"),
        r.CrossId("euctr", "2015-001894-41"),
        r.CrossId("utn", "U1111-1234-5678"),
    )


def test_countries_come_from_the_locations_where_the_source_lists_none():
    places = (r.Location(country="Singapore"), r.Location(country="Malaysia"), r.Location())
    record = r.TrialRecord("ctgov", "NCT00000001", locations=(*places, places[0]))
    assert record.recruitment_countries == ("Singapore", "Malaysia")
    assert replace(record, countries=("Japan",)).recruitment_countries == ("Japan",)


def test_the_24_items_name_fields_that_a_record_has():
    assert [item.no for item in r.WHO_DATA_SET] == list(range(1, 25))
    record = r.TrialRecord("ctgov", "NCT00000001")
    assert all(hasattr(record, name) for item in r.WHO_DATA_SET for name in item.fields)


def test_nothing_in_a_record_can_be_changed():
    record = r.TrialRecord("ctgov", "NCT00000001", locations=(r.Location(),))
    assert all(
        is_dataclass(one) and one.__dataclass_params__.frozen for one in (record, r.Location)
    )
    with pytest.raises(AttributeError):
        record.brief_title = "other"

"""What of a record is searched, filtered and sorted by."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules import indexing

RECORD = {
    "registry": "ctgov",
    "registry_no": "NCT00000001",
    "brief_title": "“Tea” for colds",
    "official_title": "A trial of tea",
    "acronym": "TEA",
    "org_study_no": "DT-1",
    "secondary_ids": [{"id_text": "ISRCTN00000001"}],
    "conditions": ["Common Cold"],
    "keywords": ["honey"],
    "interventions": [{"kind": "DRUG", "name": "Tea", "other_names": ["Camellia"]}],
    "condition_mesh": [{"term": "Rhinitis"}],
    "lead_sponsor": {"name": "Damar", "kind": "INDUSTRY"},
    "collaborators": [{"name": "Sena"}],
    "brief_summary": "Summary words",
    "detailed_description": "Detail",
    "eligibility_text": "Adults",
    "primary_outcomes": [{"measure": "Days ill"}],
    "arms": [{"label": "Hot"}],
    "phases": ["PHASE2", "PHASE3"],
    "overall_status": "RECRUITING",
    "start_dtc": "2024-03",
    "last_update_posted_dtc": "2024-05-06",
    "enrolment_count": 60,
    "has_results": True,
    "healthy_volunteers": True,
    "locations": [
        {"facility": "Rain Tree", "city": "Singapore", "country": "Singapore"},
        {"country": "Malaysia", "status": "RECRUITING", "contacts": [{"name": "Mei"}]},
    ],
}


def test_every_kind_of_text_is_found_in_its_weight():
    found = indexing.texts(RECORD)
    for word in ("“Tea” for colds", "A trial of tea", "NCT00000001", "DT-1", "ISRCTN00000001"):
        assert word in found.a
    for word in ("Common Cold", "honey", "Camellia", "Rhinitis"):
        assert word in found.b
    for word in ("Summary words", "Damar", "Sena"):
        assert word in found.c
    for word in ("Detail", "Adults", "Days ill", "Hot"):
        assert word in found.d


def test_a_giant_text_is_cut_before_the_database_refuses_it():
    assert len(indexing.texts({"detailed_description": "word " * 10**6}).d) == indexing.LONGEST_TEXT


def test_what_a_list_shows_comes_from_the_record():
    row = indexing.describe(RECORD).row
    assert row == {
        "title": "“Tea” for colds",
        "sort_title": "tea” for colds",
        "acronym": "TEA",
        "status": "RECRUITING",
        "phase": "PHASE2/PHASE3",
        "study_type": "",
        "sponsor_name": "Damar",
        "conditions": ["Common Cold"],
        "countries": ["Singapore", "Malaysia"],
        "n_locations": 2,
        "n_answered": row["n_answered"],
        "enrolment": 60,
        "enrolment_kind": "",
        "start_date": "2024-03-01",
        "start_dtc": "2024-03",
        "updated_date": "2024-05-06",
        "updated_dtc": "2024-05-06",
        "has_results": True,
    }
    assert row["n_answered"] > 10


@pytest.mark.parametrize(
    ("count", "kept"), [(0, 0), (2_147_483_647, 2_147_483_647), (99_999_999_999, None), (-1, None)]
)
def test_a_number_that_no_column_holds_is_left_out_of_the_list(count, kept):
    assert indexing.describe({"enrolment_count": count}).row["enrolment"] == kept


def test_an_empty_record_can_be_described_and_sent_to_another_process():
    described = indexing.describe({})
    assert described.row["title"] == ""
    assert pickle.loads(pickle.dumps(described)) == described  # noqa: S301 made here


def test_filters_are_those_of_the_values_and_of_what_the_study_is_tied_to():
    described = indexing.describe(RECORD)
    found = indexing.facets(
        described.facets, registries=["ctgov"], organisation_ids=[7], flags=["needs_review"]
    )
    assert found == sorted(found)
    assert {
        "status:RECRUITING",
        "phase:PHASE3",
        "country:Malaysia",
        "sponsor_kind:INDUSTRY",
        "intervention:DRUG",
        "registry:ctgov",
        "organisation:7",
        "flag:needs_review",
        "flag:results",
        "flag:healthy_volunteers",
        "started:2024",
    } <= set(found)
    assert max(map(len, indexing.describe({"overall_status": "X" * 99}).facets)) == 80


def test_a_location_has_the_key_that_its_spellings_share():
    first, second = indexing.where(RECORD)
    assert (first.name, first.city, first.country) == ("Rain Tree", "Singapore", "Singapore")
    assert (second.name, second.status) == ("", "RECRUITING")
    assert second.contacts == '[{"name": "Mei"}]'
    other = {"locations": [{"facility": "RAIN  TREE", "city": "Singapore", "country": "Singapore"}]}
    assert indexing.where(other)[0].key == first.key


def test_names_of_any_length_fit_their_columns():
    giant = {"facility": "F" * 5000, "city": "C" * 5000, "country": "L" * 5000, "status": "S" * 50}
    found = indexing.where({"locations": [giant]})[0]
    sizes = tuple(map(len, (found.key, found.city, found.country, found.status)))
    assert sizes == (min(sizes[0], 400), 200, 100, 40)


@given(st.text())
def test_words_are_in_lower_case_and_none_is_too_long(text):
    for word in indexing.words(text):
        assert 1 < len(word) <= indexing.LONGEST_WORD
        assert word == word.lower()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("鼻咽癌", ["u9f3b54bd", "u54bd764c"]),
        ("癌", ["u764c"]),
        ("cancer", []),
        ("鼻咽 and 鼻咽", ["u9f3b54bd"]),
    ],
)
def test_neighbouring_signs_are_one_lexeme(text, pairs):
    assert indexing.bigrams(text) == pairs


def test_lexemes_are_written_as_the_database_reads_them():
    assert indexing.lexemes({"A": ["d015179"], "C": ["u9f3b"]}) == "'d015179':1A 'u9f3b':2C"


@pytest.mark.parametrize(
    ("title", "key"), [("“Tea”", "tea”"), ("  A", "a"), ("Über", "über"), ("x" * 200, "x" * 120)]
)
def test_titles_are_sorted_by_their_letters(title, key):
    assert indexing.sort_title(title) == key

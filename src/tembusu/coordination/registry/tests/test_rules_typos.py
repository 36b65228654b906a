"""Misspelt conditions, against the words of a thousand real trials."""

from collections import Counter
from functools import cache

import pytest
from rapidfuzz.distance import DamerauLevenshtein
from tests.support.shared import shared_path

from tembusu.coordination.registry.rules import indexing, search, spelling
from tembusu.coordination.registry.rules.spelling import Known
from tembusu.coordination.registry.rules.understanding import Heading
from trialformats.records import to_json
from trialformats.sources import read_paths

DISEASES = {
    "breast cancer": Heading("D001943", "Breast Neoplasms"),
    "lung cancer": Heading("D008175", "Lung Neoplasms"),
    "heart failure": Heading("D006333", "Heart Failure"),
    "kidney failure": Heading("D051437", "Renal Insufficiency"),
}


@cache
def words_of_trials():
    used, named = Counter(), Counter()
    for reading in read_paths([shared_path("data/ctgov/ctg_1000.csv")]):
        found = indexing.describe(to_json(reading.record))
        used.update(found.words)
        named.update(found.named)
    return {word: Known(word, n, n_named=named[word]) for word, n in used.items()}


def vocabulary(more=()):
    trials = words_of_trials() | {one.word: one for one in more}

    def resembling(typed):
        return {
            word: [
                known
                for known in trials.values()
                if DamerauLevenshtein.distance(word, known.word, score_cutoff=3) <= 3
            ]
            for word in typed
        }

    return resembling


def no_phrase(_phrases):
    return {}


def diseases(phrases):
    return {one: [DISEASES[one]] for one in phrases if one in DISEASES}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("breats cancer", "breast cancer"),
        ("lunge cancer", "lung cancer"),
        ("diabetis", "diabetes"),
        ("hypertenson", "hypertension"),
        ("alzhiemer", "alzheimer"),
        ("parkinsen disease", "parkinson disease"),
        ("astma", "asthma"),
        ("schizophrena", "schizophrenia"),
        ("leukimia", "leukemia"),
        ("lymphom", "lymphoma"),
        ("epilepsi", "epilepsy"),
        ("osteoarthritus", "osteoarthritis"),
        ("depresion", "depression"),
        ("colorectel cancer", "colorectal cancer"),
        ("atrial fibrilation", "atrial fibrillation"),
        ("sclerossis", "sclerosis"),
        ("endometrosis", "endometriosis"),
    ],
)
def test_a_misspelt_condition_is_taken_for_the_real_one(typed, meant):
    understood = search.understand(typed, vocabulary=vocabulary(), mesh=no_phrase)
    assert understood.mended == meant


@pytest.mark.parametrize(
    ("typed", "n_used", "suggestion"),
    [
        ("brest cancer", 1, "breast cancer"),
        ("brest cancer", 7, "breast cancer"),
        ("brest cancer", 700, "breast cancer"),
        ("brest cancr", 700, "breast cancer"),
        ("brest", 700, ""),
        ("brest children", 700, ""),
        ("hearth failure", 2, "heart failure"),
        ("hearth failure", 90, "heart failure"),
    ],
)
def test_a_rare_word_that_somebody_is_called_is_not_suggested_away(typed, n_used, suggestion):
    word = typed.split()[0]
    rare = Known(word, n_used, n_forms=n_used)
    understood = search.understand(typed, vocabulary=vocabulary([rare]), mesh=diseases)
    assert word in understood.all_words
    assert understood.suggestion == suggestion


@pytest.mark.parametrize(
    ("known", "suggestion"),
    [
        (Known("brest", 700, n_forms=700), "breast"),
        (Known("brest", 700, n_forms=730), "breast"),  # "brest's"
        (Known("brest", 700, n_forms=9000), ""),  # an inflection of a common word
        (Known("brest", 700, n_forms=700, n_named=1), ""),
        (Known("brest", 700, n_forms=700, is_term=True), ""),
    ],
)
def test_a_word_in_no_name_may_be_a_slip_of_one_that_names_a_concept(known, suggestion):
    near = [known, Known("breast", 40, n_named=30), Known("best", 900, n_named=1)]
    assert spelling.read("brest", near, {"breast"}).suggestion == suggestion
    assert spelling.read("brest", near, {"brest", "breast"}).suggestion == ""


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("kidny failur", "kidney failure"),
        ("failur", ""),  # finds 'failure' by its stem
        ("kidney failures", ""),
        ("children failur", ""),
    ],
)
def test_a_word_known_by_its_stem_alone_is_mended_where_that_names_a_concept(typed, mended):
    stems = [Known(word, 0, n_forms=90) for word in ("failur", "failures")]
    written = [Known("kidney", 50, n_named=40), Known("children", 500, n_named=400)]
    written += [Known("failure", 90, n_named=60)]
    everything = {word: [*stems, *written] for word in typed.split()}
    understood = search.understand(
        typed,
        vocabulary=lambda words: {word: everything[word] for word in words},
        mesh=diseases,
    )
    assert understood.mended == mended


def test_a_town_in_a_sponsors_name_does_not_hide_the_disease():
    assert 0 < words_of_trials()["brest"].n_used <= spelling.UNNAMED
    understood = search.understand("brest cancer", vocabulary=vocabulary(), mesh=no_phrase)
    assert understood.suggestion == "breast cancer"


@pytest.mark.parametrize(
    ("mesh", "meant"), [(no_phrase, "best cancer"), (diseases, "breast cancer")]
)
def test_the_word_beside_it_tells_which_of_two_is_meant(mesh, meant):
    words = {"brest": [Known("best", 900, n_named=90), Known("breast", 40, n_named=30)]}
    words["cancer"] = [Known("cancer", 500, n_named=400)]
    understood = search.understand(
        "brest cancer", vocabulary=lambda typed: {one: words[one] for one in typed}, mesh=mesh
    )
    assert understood.mended == meant


def test_only_a_misspelt_or_rare_word_asks_for_what_stands_beside_it():
    known = [Known("breast", 40, n_named=30), Known("best", 900)]
    assert spelling.near("breast", known) == []
    assert spelling.near("brest", known) == ["breast", "best"]

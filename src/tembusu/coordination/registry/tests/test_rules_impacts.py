"""How strongly names and concepts say a word, and which strengths a search asks for."""

import pytest

from tembusu.coordination.registry.rules import impacts
from tembusu.coordination.registry.rules import search as rules
from tembusu.coordination.registry.rules.impacts import Sought
from tembusu.coordination.registry.rules.spelling import Known
from tembusu.coordination.registry.rules.understanding import Heading


@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        (-0.2, ""),
        (0.0, ""),
        (0.1, "a"),
        (0.6, "a"),
        (0.99, "a"),
        (1.0, "b"),
        (1.2, "c"),
        (1.36, "f"),
        (1.55, "v"),
        (9.0, "v"),
    ],
)
def test_a_floor_is_the_letter_of_the_step_that_holds_it(floor, expected):
    assert impacts.letter(floor) == expected


@pytest.mark.parametrize(
    ("lexemes", "expected"),
    [
        ("'lung'", "'lungb'"),
        ("'lung' & ( '19' | '-19' )", "'lungb' & ( '19b' | '-19b' )"),
        ("'lung' <-> 'cancer'", "'lungb' & 'cancerb'"),
        ("'lung' <2> 'cancer'", "'lungb' & 'cancerb'"),
        ("'crohn''s' & !'asthma'", "'crohn''sb' & !'asthmab'"),
        ("'u9f3b':*", "'u9f3bb'"),
    ],
)
def test_each_lexeme_of_a_query_bears_the_letter(lexemes, expected):
    assert impacts.query(lexemes, "b") == expected


def test_a_loss_is_shared_by_the_terms_in_every_way():
    lung, plan = Sought("'lung'", 4.0), Sought("'plan'", 4.0)
    assert impacts.within([lung, plan], 0.0).text == "(('lungv') & ('planv'))"
    assert impacts.within([lung, plan], 0.7).text == (
        "(('lungb') & ('planc')) | (('lungc') & ('planb'))"
        " | (('lunga') & ('planh')) | (('lungh') & ('plana'))"
    )


def test_a_way_that_asks_for_more_than_another_is_left_out():
    lung, heading = Sought("'lung'", 4.0), Sought("'d008175'", 2.0)
    assert impacts.within([heading, lung], 0.4).text == "(('lungc') & ('d008175a'))"


def test_a_term_that_may_be_lost_is_not_asked_for():
    step = impacts.within([Sought("'lung'", 4.0), Sought("'plan'", 0.1)], 0.5)
    assert "plan" not in step.text
    assert [one.lexemes for one in step.certain] == ["'lung'"]


def test_of_many_terms_the_rarest_are_looked_at():
    many = [Sought(f"'w{n}'", float(n)) for n in range(1, 9)]
    asked = impacts.within(many, 0.1).text
    assert {name for name in "12345678" if f"'w{name}" in asked} == set("5678")


LUNG, CANCER, HEADING = "'lung'", "'cancer'", "'d000001'"


@pytest.mark.parametrize(
    ("text", "certain", "expected"),
    [
        ("lung", [LUNG], True),
        ("lung cancer", [LUNG], False),
        ("lung cancer", [LUNG, CANCER], True),
        ("lung cancer", [HEADING], True),
        ("lung cancer adults", [HEADING], False),
        ("lung cancer adults", [HEADING, "'adults'"], True),
        ("lung cancer -adults", [HEADING], False),
        ("lung cancer", [], False),
    ],
)
def test_impacts_may_imply_that_all_the_words_are_said(text, certain, expected):
    said = tuple(Sought(query, 1.0, frozenset({query})) for query in certain)
    assert impacts.Step("", said).implies(read(text, "lung cancer")) is expected


def test_impacts_imply_no_phrase_for_they_tell_no_places():
    near = Sought("'lung' <-> 'cancer'", 1.0, frozenset({"'lung cancer'"}))
    assert not impacts.Step("", (near,)).implies(read('"lung cancer"'))


def sought(text, *names):
    understanding = read(text, *names)
    queries = [term.query for term in understanding.terms]
    return impacts.sought(understanding, dict.fromkeys(queries, "'x'"), dict.fromkeys(queries, 2.0))


def read(text, *names):
    """Read a text where every word is known and these phrases name a descriptor."""
    headings = {name: [Heading("D000001", name)] for name in names}
    return rules.understand(
        text,
        vocabulary=lambda words: {word: [Known(word, 9)] for word in words},
        mesh=lambda phrases: {one: headings[one] for one in phrases if one in headings},
    )


def test_few_terms_are_all_looked_for_and_of_many_no_descriptor():
    assert len(sought("lung cancer", "lung cancer")) == 3
    assert len(sought("lung cancer, young adults", "lung cancer")) == 4


def test_a_word_that_postgresql_passes_over_is_not_looked_for():
    understanding = read("lung")
    (term,) = understanding.terms
    assert impacts.sought(understanding, {term.query: ""}, {term.query: 1.0}) == []

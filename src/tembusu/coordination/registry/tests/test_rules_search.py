"""What a query is taken to mean, on plain values: no database is asked."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules import indexing, numbers, ranking, spelling, tsquery
from tembusu.coordination.registry.rules.search import understand
from tembusu.coordination.registry.rules.spelling import Known
from tembusu.coordination.registry.rules.understanding import Heading, Kind, Understanding

IDLE = ("of", "the", "in", "who", "with")
USED = {
    "cancer": 40_000,
    "nasopharyngeal": 300,
    "asthma": 900,
    "heart": 5_000,
    "attack": 700,
    "diabetes": 9_000,
    "mellitus": 4_000,
    "breast": 8_000,
    "brest": 3,
    "leukemia": 2_000,
    "lung": 9_000,
    "children": 9_000,
    "statin": 400,
    "station": 80,
    "gefitinib": 90,
    "nasopharingael": 1,
    "nasal": 30,
    "oddzyme": 1,
    "cancerous": 1,
    "one": 2,
    "sided": 2,
    "onesided": 9,
}
TERMS = {"melanocarcinoma", "cleft"}
HEADINGS = {
    "heart attack": [("D009203", "Myocardial Infarction")],
    "cancer": [("D009369", "Neoplasms")],
    "lung cancer": [("D008175", "Lung Neoplasms")],
    "cancer of the lung": [("D008175", "Lung Neoplasms")],
    "nasopharyngeal cancer": [("D009303", "Nasopharyngeal Neoplasms")],
    "leukemia": [("D007938", "Leukemia")],
    "carcinoma of the nasopharynx": [("D077274", "Nasopharyngeal Carcinoma")],
    "who": [("D014944", "World Health Organization")],
    "cold": [("D003139", "Common Cold"), ("D003080", "Cold Temperature")],
}


def vocabulary(words: Collection[str]) -> Mapping[str, Sequence[Known]]:
    known = [Known(word, n) for word, n in USED.items()]
    known += [Known(word, 0, is_term=True) for word in TERMS]
    known += [Known(word, 0, is_idle=True) for word in IDLE]
    return dict.fromkeys(words, known)


def mesh(phrases: Collection[str]) -> Mapping[str, Sequence[Heading]]:
    return {one: [Heading(*h) for h in HEADINGS[one]] for one in phrases if one in HEADINGS}


def exactly(words: Collection[str]) -> Mapping[str, Known]:
    return {one.word: one for one in vocabulary([""])[""] if one.word in words}


def content(phrase: str) -> frozenset[str]:
    return frozenset(phrase.split()) - set(IDLE)


def reordered(phrases: Collection[str]) -> Mapping[str, Sequence[Heading]]:
    by_words = {content(phrase): [Heading(*h) for h in found] for phrase, found in HEADINGS.items()}
    return {one: by_words[content(one)] for one in phrases if content(one) in by_words}


def read(text: str, **how: bool) -> Understanding:
    return understand(
        text, vocabulary=vocabulary, mesh=mesh, exactly=exactly, reordered=reordered, **how
    )


# -- parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("asthma", "'asthma'"),
        ("Asthma children", "'asthma' & 'children'"),
        ("heart attack", "(('heart' & 'attack') | 'd009203')"),
        ("asthma after heart attack", "'asthma' & 'after' & (('heart' & 'attack') | 'd009203')"),
        ("cancer of the lung", "(('cancer' & 'lung') | 'd008175')"),
        ("cold", "('cold' | 'd003139' | 'd003080')"),
        ("non-smokers", "('non' & 'smokers')"),
        ("covid-19", "('covid' & ('19' | '-19'))"),
        ("heart/attack", "(('heart' & 'attack') | 'd009203')"),
        ("crohn's", "'crohn''s'"),
        ('"heart of children"', "'heart of children'"),
        ('"heart attack"', "('heart attack' | 'd009203')"),
        ("asthma -children", "('asthma') & !'children'"),
        ('asthma -"heart failure"', "('asthma') & !'heart failure'"),
        ("鼻咽癌", "('u9f3b54bd' & 'u54bd764c')"),
        ("癌", "'u764c':*"),
        ("asthma哮喘", "'asthma' & 'u54ee5598'"),
        ("asthma NCT00000105", "'asthma' & 'NCT00000105'"),
    ],
)
def test_a_text_becomes_a_tsquery_with_every_part(text: str, query: str) -> None:
    assert read(text).all_words == query


@pytest.mark.parametrize(
    "text",
    ["", "   ", "%%%", "& | ! ( ) : *", '""', '" "', "-", "--", "\0", "of the", "who", "-asthma"],
)
def test_a_text_that_says_nothing_looks_for_nothing(text: str) -> None:
    found = read(text)
    assert found.is_empty
    assert found.all_words == found.any_word == ""


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("of the", "These words stand in nearly every text"),
        ("-asthma", "Say what to look for"),
        ("-NCT01234567", "Say what to look for"),
        ("asthma OR lung", "ask for any of the words"),
        ("asthma NOT lung", "put a minus before a word"),
        ("asthma " * 30, "first 24 words"),
        ("a" * 300 + " " + "b" * 300, "first 500 characters"),
    ],
)
def test_what_is_not_used_of_a_text_is_said(text: str, note: str) -> None:
    assert any(note in said for said in read(text).notes)


def test_the_longest_run_of_words_that_names_a_term_is_taken() -> None:
    parts = read("lung cancer children").parts
    assert [(part.kind, part.text) for part in parts] == [
        (Kind.TERM, "lung cancer"),
        (Kind.WORD, "children"),
    ]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("asthma -children", "('asthma') & !'children'"),
        ("asthma -leukemia", "('asthma') & !('leukemia' | 'd007938')"),
        ('asthma -"heart attack"', "('asthma') & !('heart attack' | 'd009203')"),
        ("asthma -lung -cancer", "('asthma') & !'lung' & !('cancer' | 'd009369')"),
        ("-leukemia", ""),
    ],
)
def test_what_is_left_out_leaves_out_the_term_that_it_names(text: str, query: str) -> None:
    assert read(text).all_words == query
    assert read(text).any_word == query


def test_any_word_looks_for_each_word_and_each_term_once() -> None:
    assert read("lung cancer lung").any_word == "'lung' | 'cancer' | 'd008175'"


def test_a_quotation_mark_that_is_never_closed_is_passed_over() -> None:
    assert read('asthma "heart').all_words == "'asthma' & 'heart'"


def test_a_hyphen_inside_a_word_leaves_nothing_out() -> None:
    assert not read("non-smokers").excluded
    assert not read("asthma - children").excluded


# -- trial numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("NCT00000105", ("NCT00000105",)),
        ("nct00000105", ("NCT00000105",)),
        ("NCT 00000105", ("NCT00000105",)),
        ("NCT00000105, NCT00000107", ("NCT00000105", "NCT00000107")),
        ("ISRCTN12345678", ("ISRCTN12345678",)),
        ("2015-001894-41", ("2015-001894-41",)),
        ("CTRI/2020/03/024000", ("CTRI/2020/03/024000",)),
        ("NCT00000105 asthma", ()),
        ("-NCT00000105", ()),
        ("NCT00000105 -NCT00000107", ()),
        ("NCT0000010", ()),
    ],
)
def test_a_text_of_nothing_but_trial_numbers_is_looked_up(
    text: str, numbers: tuple[str, ...]
) -> None:
    assert read(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("TMB-000073", ("TMB-000073",)),
        ("TMB-73", ("TMB-000073",)),
        ("tmb000073", ("TMB-000073",)),
        ("TMB 73", ("TMB-000073",)),
        ("TMB_73", ("TMB-000073",)),
        ("TMB-1234567", ("TMB-1234567",)),
        ("99900073", ("NCT99900073",)),
        ("nct99900073", ("NCT99900073",)),
        ("TMB 73, 99900073", ("TMB-000073", "NCT99900073")),
        ("73", ()),
        ("9990007", ()),
        ("999000731", ()),
        ("2015-99900073-41", ()),
        ("TMB", ()),
        ("TMB-73 asthma", ()),
        ("asthma 99900073", ()),
        ("XTMB-73", ()),
        ("", ()),
    ],
)
def test_a_number_written_loosely_is_taken_for_the_one_it_means(
    text: str, meant: tuple[str, ...]
) -> None:
    assert numbers.loose_numbers(text, "TMB") == meant


# -- typos --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("nasopharingeal cancer", "nasopharyngeal cancer"),
        ("astma", "asthma"),
        ("dibaetes melitus", "diabetes mellitus"),
        ("Cancr", "cancer"),
        ("gefitnib", "gefitinib"),
        ("-placebo cancr", "-placebo cancer"),
        ('"heart of" cancr', "“heart of” cancer"),
        ("cancer", ""),
        ("melanocarcinoma", ""),
        ("statin", ""),
        ("brest", ""),
        ("xq", ""),
        ("xqzwvk", ""),
        ("CD19x", ""),
        ("癌", ""),
    ],
)
def test_a_word_that_nobody_writes_is_mended_and_said_so(typed: str, mended: str) -> None:
    assert read(typed).mended == mended


def test_a_word_is_taken_as_typed_where_the_person_asks_for_it() -> None:
    found = read("nasopharingeal cancer", mends=False)
    assert found.mended == ""
    assert found.parts[0].text == "nasopharingeal"


def test_a_rare_word_beside_a_far_commoner_one_is_searched_with_it() -> None:
    found = read("brest")
    assert found.all_words == "('brest' | 'breast')"
    assert found.chips == ("brest or breast",)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("nasopharingael", "nasopharyngeal"),
        ("Nasopharingael Cancr -lung", "nasopharyngeal cancer -lung"),
        ("nasopharyngeal", ""),
        ("oddzyme", ""),  # nothing is near
        ("cleft", ""),  # the thesaurus has it
        ("cancerous", ""),  # three letters away
        ("station", ""),  # rarer than 'statin', but no rarity
        ("brest", ""),  # searched with 'breast' anyway
        ('"nasopharingael"', ""),
        ("asthma -nasopharingael", ""),
    ],
)
def test_a_rare_word_keeps_its_results_and_a_much_commoner_one_is_suggested(
    typed: str, suggestion: str
) -> None:
    found = read(typed)
    assert found.suggestion == suggestion
    assert not suggestion or "nasopharyngeal" not in found.any_word


@pytest.mark.parametrize(
    ("n_rare", "n_near", "is_suggested"),
    [(1, 5, True), (1, 4, False), (2, 10, True), (2, 9, False), (3, 200, False), (0, 5, True)],
)
def test_how_much_commoner_a_suggested_word_is(
    n_rare: int, n_near: int, is_suggested: bool
) -> None:
    known = [Known("nasopharingael", n_rare, n_named=n_rare), Known("nasopharyngeal", n_near)]
    assert bool(spelling.read("nasopharingael", known).suggestion) is is_suggested


def test_an_inflection_of_a_common_word_is_no_rarity() -> None:
    known = [Known("asthmas", 1, n_forms=901), Known("asthma", 900)]
    assert not spelling.read("asthmas", known).suggestion


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("naso pharyngeal", "nasopharyngeal"),
        ("Naso Pharyngeal cancer", "nasopharyngeal cancer"),
        ("lung naso pharyngeal", "lung nasopharyngeal"),
        ("breastcancer", "breast cancer"),
        ("asthma breastcancer", "asthma breast cancer"),
        ("heartattack", "heart attack"),
        ("lung cancer", ""),  # 'lungcancer' is no word
        ("one sided", ""),  # 'onesided' is not five times as frequent
        ("naso -pharyngeal", ""),
        ('"naso pharyngeal"', ""),
        ("b reast", "b breast"),  # a single letter is never joined
        ("melanocarcinoma", ""),
        ("the rapy", ""),
    ],
)
def test_a_word_cut_in_two_is_joined_and_a_compound_parted(typed: str, mended: str) -> None:
    assert read(typed).mended == mended
    assert read(typed, mends=False).mended == ""


def test_a_slip_of_one_letter_goes_before_parting_a_word() -> None:
    assert read("gefitnib").mended == "gefitinib"


@pytest.mark.parametrize(
    ("typed", "chips"),
    [
        ("naso pharyngeal", ("naso pharyngeal → nasopharyngeal",)),
        ("breastcancer", ("breastcancer → breast", "cancer → Neoplasms")),
        ("heartattack", ("heart attack → Myocardial Infarction",)),
    ],
)
def test_what_was_joined_or_parted_is_shown(typed: str, chips: tuple[str, ...]) -> None:
    assert read(typed).chips == chips


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("carcinoma nasopharynx", [Kind.TERM]),
        ("nasopharynx the carcinoma", [Kind.TERM]),
        ("cancer lung", [Kind.TERM]),
        ("cancer lung children", [Kind.TERM, Kind.WORD]),
        ("attack of the heart", [Kind.TERM]),
        ("nasopharynx", [Kind.WORD]),
        ('"carcinoma nasopharynx"', [Kind.PHRASE]),
        ("carcinoma -nasopharynx", [Kind.WORD, Kind.WORD]),
    ],
)
def test_a_term_is_met_with_its_words_in_another_order(text: str, kinds: list[Kind]) -> None:
    assert [part.kind for part in read(text).parts] == kinds


def test_british_and_american_spelling_find_each_other() -> None:
    assert read("leukaemia").all_words == "(('leukaemia' | 'leukemia') | 'd007938')"


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("haemophilia", "hemophilia"),
        ("tumour", "tumor"),
        ("oesophageal", "esophageal"),
        ("paediatric", "pediatric"),
        ("randomised", "randomized"),
        ("anaemia", "anemia"),
        ("diarrhoea", "diarrhea"),
    ],
)
def test_a_spelling_has_its_counterpart_both_ways(british: str, american: str) -> None:
    assert american in spelling.spellings(british)
    assert british in spelling.spellings(american)


def test_of_two_corrections_as_near_the_more_frequent_one_is_chosen() -> None:
    known = [Known("lang", 2), Known("long", 900), Known("lung", 90_000)]
    assert spelling.read("lxng", known).word == "lung"


def test_another_first_letter_is_believed_least() -> None:
    known = [Known("mancer", 50), Known("cancel", 40)]
    assert spelling.read("cancem", known).word == "cancel"


# -- what a person is told ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "chips"),
    [
        ("heart attack", ("heart attack → Myocardial Infarction",)),
        ("nasopharingeal cancer", ("nasopharyngeal cancer → Nasopharyngeal Neoplasms",)),
        ("astma", ("astma → asthma",)),
        ("asthma -children", ("without children",)),
        ("asthma -leukemia", ("without leukemia → Leukemia",)),
        ('asthma -"heart attack"', ("without “heart attack” → Myocardial Infarction",)),
        ("asthma -heart attack", ("without heart",)),
        ("asthma -heart -attack", ("without heart", "without attack")),
        ("asthma -the", ("without the",)),
        ("cold", ("cold → Common Cold, Cold Temperature",)),
        ("asthma", ()),
    ],
)
def test_each_part_explains_how_it_was_taken(text: str, chips: tuple[str, ...]) -> None:
    assert read(text).chips == chips


# -- properties -----------------------------------------------------------------------------------

SIGNS = ('"', "-", "(", "'", "\\", ":*", "&", "癌症", "NCT00000105")
TYPED = st.text(max_size=80) | st.lists(
    st.sampled_from([*USED, *IDLE, *HEADINGS, *SIGNS]),
    max_size=12,
).map(" ".join)


@given(TYPED)
def test_operators_are_never_taken_from_what_was_typed(text: str) -> None:
    """Outside its quoted operands a query holds only the operators that the rules wrote."""
    found = read(text)
    for query in (found.all_words, found.any_word):
        pieces = query.replace("''", "").split("'")
        assert len(pieces) % 2 == 1
        assert set("".join(pieces[::2])) <= set(" &|!():*")
        assert "\0" not in query
        assert "\\" not in query


@given(TYPED)
def test_a_text_is_understood_the_same_when_it_is_mended_already(text: str) -> None:
    found = read(text)
    if found.mended:
        assert read(found.mended).all_words == found.all_words


@given(st.sampled_from(sorted(word for word in USED if word.isalpha())), st.data())
def test_every_slip_of_one_letter_is_among_the_neighbours(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    head, tail = word[:place], word[place:]
    swapped = head + tail[1:2] + tail[:1] + tail[2:]
    for slip in (head + tail[1:], head + letter + tail, head + letter + tail[1:], swapped):
        assert word in set(spelling.neighbours(slip))


# -- in what order candidates are gathered --------------------------------------------------------

FREQUENCIES = {**USED, "d009203": 900, "d009369": 60_000, "d008175": 7_000}


def test_candidates_are_gathered_from_every_part_down_to_the_rarest_alone() -> None:
    found = ranking.stages(read("cancer asthma diabetes"), FREQUENCIES, "any")
    cancer = "('cancer' | 'd009369')"
    assert found[:4] == [
        f"'asthma' & 'diabetes' & {cancer}",
        "'asthma' & 'diabetes'",
        "'asthma'",
        "'diabetes'",
    ]
    assert cancer in found


def test_what_is_left_out_is_left_out_at_every_stage() -> None:
    found = ranking.stages(read("cancer asthma -children"), FREQUENCIES, "any")
    assert all(query.endswith("& !'children'") for query in found)


def test_a_rarer_word_counts_more() -> None:
    weighted = ranking.weights(read("cancer asthma"), FREQUENCIES, 500_000)
    assert [one.query for one in weighted] == ["'asthma'", "'cancer'", "'d009369'"]
    assert weighted[0].weight > weighted[1].weight > 0


def test_a_heading_is_worth_all_the_words_that_name_it_and_they_share_their_worth() -> None:
    asked = read("heart attack")
    alone = {
        term.query: ranking.weight(ranking.n_studies(term, FREQUENCIES), 500_000)
        for term in asked.terms
    }
    heading, *words = ranking.weights(asked, FREQUENCIES, 500_000)
    assert (heading.query, heading.is_heading) == ("'d009203'", True)
    assert heading.weight >= sum(alone[one.query] for one in words)
    assert {one.query: one.weight * 2 for one in words} == {
        one.query: pytest.approx(alone[one.query]) for one in words
    }


def test_a_word_by_itself_counts_in_full_beside_its_heading() -> None:
    (first, second) = ranking.weights(read("cancer"), FREQUENCIES, 500_000)
    assert first.weight == second.weight


@pytest.mark.parametrize(
    ("text", "mode", "least"),
    [
        ("cancer", "all", 60_000),
        ("cancer", "any", 60_000),
        ("cancer asthma", "all", 0),
        ("cancer asthma", "any", 60_000),
        ("asthma", "all", 0),
        ("cancer -children", "any", 0),
        ("", "all", 0),
    ],
)
def test_what_a_descriptor_alone_holds_is_a_floor_of_the_count(
    text: str, mode: str, least: int
) -> None:
    assert ranking.at_least(read(text), FREQUENCIES, mode) == least


def test_no_stage_is_asked_for_once_there_are_enough_candidates() -> None:
    asked: list[int] = []

    def stages() -> object:
        for start in (0, 2, 4):
            asked.append(start)
            yield [start, start + 1, start + 2]

    assert ranking.take(stages(), enough=4, most=5) == [0, 1, 2, 3, 4]  # type: ignore[arg-type]
    assert asked == [0, 2]


RANKED = [(3.0, 7), (2.0, 9), (2.0, 4), (1.0, 5)]


@pytest.mark.parametrize(
    ("edge", "behind", "before"),
    [((3.0, 7), 1, 0), ((2.0, 9), 2, 1), ((2.0, 6), 2, 2), ((1.0, 5), 4, 3), ((0.5, 1), 4, 4)],
)
def test_a_page_goes_on_where_the_last_one_ended(
    edge: tuple[float, int], behind: int, before: int
) -> None:
    assert ranking.position(RANKED, edge, is_forward=True) == behind
    assert ranking.position(RANKED, edge, is_forward=False) == before


def test_signs_are_looked_for_by_the_pairs_that_the_index_holds() -> None:
    text = "晚期鼻咽癌患者"
    held = set(indexing.bigrams(text))
    wanted = {term for part in read("鼻咽癌").parts for term in part.query.strip("()").split(" & ")}
    assert {one.strip("'") for one in wanted} <= held
    assert tsquery.quoted("a\\b'c") == "'a b''c'"

"""Search and lists against the database, within what each of the cast may see."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from tembusu.coordination.registry.actions import index
from tembusu.coordination.registry.actions.mesh import load_mesh
from tembusu.coordination.registry.models import SAMPLED, Study, StudyIndex, StudySite
from tembusu.coordination.registry.rules import impacts, ranking
from tembusu.coordination.registry.selectors import search as selectors
from tembusu.coordination.registry.selectors import words
from tembusu.coordination.registry.selectors.search import Filters, facets, matching
from tembusu.coordination.registry.terms import SortKey, StudyState
from tembusu.coordination.registry.tests import search_cast
from tembusu.coordination.registry.tests.search_cast import AT
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import OrganisationKind, Role, ScopeKind
from tembusu.foundation.ui.paging import CursorError

ANYBODY = AnonymousUser()
NPC, HEART, ASTHMA, CHINESE, SLEEP = (one["no"] for one in search_cast.RECORDS)


@pytest.fixture
def studies(db, tmp_path):
    inverted = ("D009303", "Nasopharyngeal Neoplasms", "Carcinoma of the Nasopharynx")
    given = (*search_cast.TERMS, inverted)
    terms, trees = search_cast.write_mesh(tmp_path / "mesh", given)
    load_mesh(terms=terms, trees=trees, by=None, at=AT)
    return search_cast.bring(tmp_path)


def found(text, user=ANYBODY, **how):
    page = selectors.search(user, text, how.pop("filters", None), **how)
    return {row.registry_nos[0] for row in page.rows}


def listed(user=ANYBODY, **filters):
    page = selectors.list_portfolio(user, Filters(**filters), "number")
    return {row.registry_nos[0] for row in page.rows}


# -- what is found ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nasopharingeal cancer", {NPC, CHINESE}),
        ("nasopharyngeal", {NPC, CHINESE}),
        ("cancer", {NPC, CHINESE}),
        ("heart attack", {HEART}),
        ("HEART ATTACKS", {HEART}),
        ("asthma", {ASTHMA, SLEEP}),
        ("asthma -nurses", {ASTHMA}),
        ("aspirin asthma", {HEART, ASTHMA, SLEEP}),
        ('aspirin asthma -"heart attack"', {ASTHMA, SLEEP}),
        ("nasopharyngeal -cancer", set()),
        ('"asthma are left"', {SLEEP}),
        ('"left asthma"', set()),
        ("鼻咽癌", {CHINESE}),
        ("咽", {CHINESE}),
        ("咽鼻", set()),
        ("night shift", {SLEEP}),
        ("night-shift", {SLEEP}),
        ("the asthma of the children", {ASTHMA}),
        ("NCT90000002", {HEART}),
        ("nct 90000002", {HEART}),
        ("NCT90000002 NCT90000003", {HEART, ASTHMA}),
        ("NCT99999999", set()),
        ("90000002", {HEART}),
        ("99999999", set()),
        ("tumor", {NPC}),
        ("naso pharyngeal", {NPC, CHINESE}),
        ("myocardialinfarction", {HEART}),
        ("infarction myocardial", {HEART}),
        ("nasopharynx carcinoma", {NPC, CHINESE}),
        ("-asthma", set()),
        ("the of", set()),
        ("'; DROP TABLE registry_study; --", set()),
        ("\\ ' : * & | ! ( ) <->", set()),
        ("\0", {NPC, HEART, ASTHMA, CHINESE, SLEEP}),
        ("  ", {NPC, HEART, ASTHMA, CHINESE, SLEEP}),
    ],
)
def test_a_search_finds_what_was_meant(studies, text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("condition", "text", "is_found"),
    [
        ("ST-Elevation Myocardial Infarction (STEMI)", "heart attack", True),
        ("Myocardial Infarction (MI)", "heart attack", True),
        ("Recurrent heart attacks", "myocardial infarction", True),
        ("Metastatic Nasopharyngeal Cancers", "nasopharyngeal carcinoma", True),
        ("Metastatic Nasopharyngeal Carcinoma", "neoplasms", True),
        ("Non-myocardial infarction pain", "heart attack", False),
        ("Attacks of the heart", "myocardial infarction", False),
    ],
)
@pytest.mark.parametrize("is_again", [False, True])
def test_a_concept_within_a_condition_finds_the_study(
    studies, tmp_path, condition, text, is_found, is_again
):
    one = {"no": "NCT94000001", "title": "A cohort", "conditions": [condition]}
    study = search_cast.bring(tmp_path, [one])[one["no"]]
    if is_again:
        index.refresh([study.pk])
    assert (one["no"] in found(text)) is is_found


def test_a_study_is_found_by_the_number_that_this_platform_gave_it(studies):
    study = studies[ASTHMA]
    prefix, _, digits = study.number.partition("-")
    bare = str(int(digits))
    for text in (
        study.number,
        study.number.lower(),
        f"{prefix}{digits}",
        f"{prefix}-{bare}",
        f"{prefix.lower()} {bare}",
    ):
        page = selectors.search(ANYBODY, text)
        assert [row.pk for row in page.rows] == [study.pk]
        assert page.understanding.numbers == (study.number,)


def test_a_mended_word_is_shown_and_can_be_taken_back(studies):
    page = selectors.search(ANYBODY, "nasopharingeal cancer")
    assert page.understanding.mended == "nasopharyngeal cancer"
    literal = selectors.search(ANYBODY, "nasopharingeal", mends=False)
    assert (literal.understanding.mended, literal.count.n) == ("", 0)


def misspelt(n_right=6):
    """Return one study with a misspelt condition and some with the right one."""
    right = [
        {"no": f"NCT92{n:06}", "title": f"Nasopharyngeal swab {n}", "conditions": ["Cough"]}
        for n in range(n_right)
    ]
    wrong = {"no": WRONG, "title": "Follow-up plan", "conditions": ["Nasopharingeal cancer"]}
    return [*right, wrong]


WRONG = "NCT93000001"


def test_one_misspelt_record_does_not_hide_what_was_meant(studies, tmp_path):
    search_cast.bring(tmp_path, misspelt())
    page = selectors.search(ANYBODY, "nasopharingeal")
    assert [row.registry_nos[0] for row in page.rows] == [WRONG]
    assert (page.understanding.mended, page.suggestion) == ("", "nasopharyngeal")
    meant = selectors.search(ANYBODY, page.suggestion)
    assert page.suggested == meant.count
    assert meant.count.n == 8
    both = selectors.search(ANYBODY, "nasopharingeal cancer")
    assert (both.count.n, both.suggestion, both.suggested.n) == (1, "nasopharyngeal cancer", 2)
    assert selectors.search(ANYBODY, "nasopharingeal", mends=False).suggestion == ""


def test_a_suggestion_counts_only_what_its_reader_may_see_and_has_filtered(studies, tmp_path):
    search_cast.bring(tmp_path, misspelt())
    narrowed = Filters({"status": ["COMPLETED"]})
    assert selectors.search(ANYBODY, "nasopharingeal", narrowed).suggested.n == 1
    StudyIndex.objects.exclude(registry_nos=[WRONG]).update(is_public=False)
    page = selectors.search(ANYBODY, "nasopharingeal")
    assert (page.suggestion, page.suggested.n) == ("", 0)


@pytest.mark.parametrize("text", ["asthme attack", "asthme atack"])
def test_a_towns_name_does_not_keep_what_was_meant_from_being_suggested(studies, tmp_path, text):
    terms = ("D001249", "Asthma", "Asthma Attack")
    files = search_cast.write_mesh(tmp_path / "more", (*search_cast.TERMS, terms))
    load_mesh(terms=files[0], trees=files[1], by=None, at=AT)
    town = [
        {"no": f"NCT95{n:06}", "title": f"Cohort {n}", "summary": "Held in Asthme."}
        for n in range(30)
    ]
    wanted = {"no": WRONG, "title": "An attack of asthma", "conditions": ["Asthma attack"]}
    search_cast.bring(tmp_path, [*town, wanted])
    page = selectors.search(ANYBODY, text)
    assert page.fell_back
    assert page.count.n > 30
    assert (page.suggestion, page.suggested.n) == ("asthma attack", 2)
    assert WRONG in found(page.suggestion)


def test_reordered_phrases_are_looked_up_by_their_index(studies):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {words.REORDERED}", [["carcinoma nasopharynx"]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "mesh_phrase_words" in plan


def test_nothing_with_all_words_shows_those_with_any_and_says_so(studies):
    page = selectors.search(ANYBODY, "aspirin asthma")
    assert page.fell_back
    assert page.mode == "any"
    assert {row.registry_nos[0] for row in page.rows} == {HEART, ASTHMA, SLEEP}


def test_nothing_with_any_word_is_nothing(studies):
    page = selectors.search(ANYBODY, "zzyzx qwrtp")
    assert (page.count.n, page.fell_back, list(page.rows)) == (0, False, [])


def test_the_study_that_is_about_it_stands_before_the_one_that_mentions_it(studies):
    page = selectors.search(ANYBODY, "asthma")
    assert [row.registry_nos[0] for row in page.rows] == [ASTHMA, SLEEP]


def test_any_word_puts_the_rare_word_before_the_common_one(studies, tmp_path):
    more = [
        {"no": f"NCT91{n:06}", "title": f"Rehabilitation programme {n}", "conditions": ["Stroke"]}
        for n in range(20)
    ]
    search_cast.bring(tmp_path, more)
    page = selectors.search(ANYBODY, "rehabilitation insomnia", mode="any")
    assert page.rows[0].registry_nos == [SLEEP]
    assert page.count.n == 21


# -- who sees what ------------------------------------------------------------------------------


@pytest.fixture
def cast(studies):
    def person(name, role, scope):
        made = people.register_person(
            email=f"{name}@hospital.example", full_name=name, by=None, at=AT, password=None
        )
        people.grant_role(person=made, role=role, scope=scope, by=None, at=AT)
        return made

    def body(kind, name):
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Bandar", parent=None, by=None, at=AT
        )

    hidden = studies[SLEEP]
    Study.objects.filter(pk=hidden.pk).update(state=StudyState.DRAFT)
    hospital = body(OrganisationKind.INSTITUTION, "Rain Tree General Hospital")
    elsewhere = body(OrganisationKind.INSTITUTION, "Kempas Medical Centre")
    scope = people.make_scopes(kind=ScopeKind.STUDY_SITE, parents=[hidden.scope])[0]
    StudySite.objects.create(study=hidden, organisation=hospital, scope=scope, made_at=AT)
    StudyIndex.objects.filter(study=hidden).update(
        is_public=False, site_scope_ids=[scope.pk, hospital.scope_id]
    )
    role = Role.INSTITUTION_REPRESENTATIVE
    return SimpleNamespace(
        anybody=ANYBODY,
        nobody=people.register_person(
            email="outsider@hospital.example", full_name="Outsider", by=None, at=AT, password=None
        ),
        monitor=person("Daniel", Role.MONITOR, hidden.scope),
        representative=person("Lakshmi", role, hospital.scope),
        investigator=person("Farah", Role.PRINCIPAL_INVESTIGATOR, scope),
        other_representative=person("Nurul", role, elsewhere.scope),
    )


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anybody", False),
        ("nobody", False),
        ("other_representative", False),
        ("monitor", True),
        ("representative", True),
        ("investigator", True),
    ],
)
def test_an_unpublished_study_is_met_only_by_those_who_may_see_it(cast, who, sees):
    user = getattr(cast, who)
    numbers = {row.registry_nos[0] for row in selectors.stream(user)}
    counted = dict(selectors.facet_counts(user, ["status"]).by_kind["status"])
    assert (SLEEP in listed(user)) is sees
    assert (SLEEP in found("insomnia", user)) is sees
    assert (SLEEP in found("insomnia asthma", user, mode="any")) is sees
    assert (SLEEP in found(SLEEP, user)) is sees
    assert (SLEEP in numbers) is sees
    assert ("WITHDRAWN" in counted) is sees


@pytest.mark.parametrize("who", ["anybody", "monitor", "representative", "other_representative"])
def test_lists_show_exactly_the_studies_that_the_study_page_shows(cast, who):
    user = getattr(cast, who)
    in_index = set(selectors.visible_index(user).values_list("pk", flat=True))
    assert in_index == set(Study.objects.visible_to(user).values_list("pk", flat=True))


# -- filters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"facets": {"status": ["RECRUITING"]}}, {NPC, ASTHMA}),
        ({"facets": {"status": ["RECRUITING", "WITHDRAWN"]}}, {NPC, ASTHMA, SLEEP}),
        ({"facets": {"status": ["RECRUITING"], "phase": ["PHASE3"]}}, {NPC}),
        ({"facets": {"phase": ["PHASE3"]}}, {NPC, HEART}),
        ({"facets": {"phase": ["none such"]}}, set()),
        ({"facets": {"phase": []}}, {NPC, HEART, ASTHMA, CHINESE, SLEEP}),
        ({"updated_since": date(2025, 1, 1)}, {NPC, ASTHMA}),
        ({"enrolment_from": 60, "enrolment_to": 240}, {NPC, ASTHMA}),
        ({"started_from": 2023, "started_to": 2023}, {ASTHMA}),
        ({"started_from": 2020}, {NPC, ASTHMA}),
        ({"started_to": 9999}, {NPC, HEART, ASTHMA}),
        ({"answered_from": 24}, set()),
        ({"answered_to": 24}, {NPC, HEART, ASTHMA, CHINESE, SLEEP}),
    ],
)
def test_filters_narrow_the_list(studies, filters, expected):
    assert listed(**filters) == expected
    assert expected & {NPC} == (found("nasopharyngeal tumour", filters=Filters(**filters)) & {NPC})


def test_facets_count_what_a_further_choice_would_show(studies):
    filters = Filters({"status": ["RECRUITING"]})
    counts = selectors.facet_counts(ANYBODY, ["status", "phase"], filters=filters)
    assert dict(counts.by_kind["status"]) == {"RECRUITING": 2, "COMPLETED": 2, "WITHDRAWN": 1}
    assert dict(counts.by_kind["phase"]) == {"PHASE3": 1}
    assert not counts.is_sample


def test_facets_of_a_search_count_its_matches(studies):
    counts = selectors.facet_counts(ANYBODY, ["status"], text="asthma")
    assert dict(counts.by_kind["status"]) == {"RECRUITING": 1, "WITHDRAWN": 1}
    assert selectors.facet_counts(ANYBODY, ["status"], text="the of").n_counted == 0


def test_facets_of_many_studies_are_said_to_be_a_sample(studies, monkeypatch):
    monkeypatch.setattr(facets, "FACET_ROWS", 3)
    counts = selectors.facet_counts(ANYBODY, ["status"])
    assert (counts.n_counted, counts.is_sample) == (3, True)


# -- sorts and pages ----------------------------------------------------------------------------

SORT_NAMES = [sign + key.value for key in SortKey for sign in ("", "-")]


def walk(show, limit=2):
    """Return the ids of all pages forwards, then of all pages backwards."""
    forwards, pages, cursor = [], [], ""
    while True:
        page = show(cursor, limit)
        pages.append([row.pk for row in page.rows])
        forwards += pages[-1]
        if not page.next:
            break
        cursor = page.next
    backwards = [pages[-1]]
    while page.previous:
        page = show(page.previous, limit)
        backwards.insert(0, [row.pk for row in page.rows])
    return forwards, [pk for page in backwards for pk in page]


@pytest.mark.parametrize("name", SORT_NAMES)
def test_pages_of_a_list_hold_every_study_once_in_both_directions(studies, name):
    forwards, backwards = walk(
        lambda cursor, limit: selectors.list_portfolio(ANYBODY, None, name, cursor, limit)
    )
    assert len(forwards) == len(set(forwards)) == len(studies)
    assert forwards == backwards == [row.pk for row in selectors.stream(ANYBODY, sort=name)]


@pytest.mark.parametrize("name", ["best", *SORT_NAMES])
@pytest.mark.parametrize("mode", ["all", "any"])
def test_pages_of_a_search_hold_every_match_once_in_both_directions(studies, name, mode):
    forwards, backwards = walk(
        lambda cursor, limit: selectors.search(
            ANYBODY, "cancer asthma", None, mode, name, cursor, limit
        ),
        limit=1,
    )
    streamed = selectors.stream(ANYBODY, "cancer asthma", None, name, mode=mode)
    assert len(forwards) == len(set(forwards)) == 4
    assert forwards == backwards == [row.pk for row in streamed]


@pytest.mark.parametrize("name", [n for n in SORT_NAMES if selectors.sort_named(n).may_be_null])
def test_studies_without_a_value_stand_last_in_both_directions(studies, name):
    column = selectors.sort_named(name).column
    values = [getattr(row, column) for row in selectors.stream(ANYBODY, sort=name)]
    n_none = values.count(None)
    assert n_none
    assert all(value is None for value in values[-n_none:])
    given = values[:-n_none]
    assert given == sorted(given, reverse=name.startswith("-"))


def test_an_unknown_sort_shows_the_last_updated_first(studies):
    assert selectors.sort_named("loudest").name == selectors.DEFAULT_SORT


@pytest.mark.parametrize("cursor", ["junk", "a" * 20_000, "W10"])
@pytest.mark.parametrize("sort", ["best", "title"])
def test_a_page_address_that_was_bent_is_refused(studies, cursor, sort):
    with pytest.raises(CursorError):
        selectors.search(ANYBODY, "asthma", sort=sort, cursor=cursor)


def test_only_so_many_candidates_are_ranked_and_the_page_says_so(studies, monkeypatch):
    monkeypatch.setattr(ranking, "MOST_RANKED", 1)
    assert selectors.search(ANYBODY, "asthma").is_bounded
    assert not selectors.search(ANYBODY, "heart attack").is_bounded


def test_a_descriptor_that_very_many_studies_hold_is_not_counted_out(studies, monkeypatch):
    monkeypatch.setattr(matching, "SURELY_MANY", 1)
    page = selectors.search(ANYBODY, "cancer")
    assert page.count.is_capped
    assert {row.registry_nos[0] for row in page.rows} == {NPC, CHINESE}
    narrowed = selectors.search(ANYBODY, "cancer", Filters({"status": ["RECRUITING"]}))
    assert (narrowed.count.n, narrowed.count.is_capped) == (1, False)


@pytest.mark.parametrize("mode", ["all", "any"])
def test_what_the_sample_shows_to_be_many_is_not_counted_out(db, tmp_path, monkeypatch, mode):
    many = [{"no": f"NCT93{n:06}", "title": f"Lantern therapy {n}"} for n in range(2 * SAMPLED)]
    search_cast.bring(tmp_path, many)
    in_sample = matching.sampled(StudyIndex.objects.all()).count()
    for limit, is_capped in ((in_sample, False), (in_sample - 1, True)):
        monkeypatch.setattr(matching, "SURELY_MORE", limit)
        page = selectors.search(ANYBODY, "lantern", mode=mode)
        assert (page.count.is_capped, len(page.rows)) == (is_capped, len(many))
    assert 0 < in_sample < len(many)


def test_an_export_of_ranked_rows_goes_on_with_the_others(studies, monkeypatch):
    everything = {row.pk for row in selectors.stream(ANYBODY, "asthma cancer", mode="any")}
    monkeypatch.setattr(ranking, "MOST_RANKED", 1)
    monkeypatch.setattr(ranking, "MOST_CHOSEN", 1)
    rows = [row.pk for row in selectors.stream(ANYBODY, "asthma cancer", sort="best", mode="any")]
    assert len(rows) == len(set(rows)) == len(everything) == 4


# -- the vocabulary -----------------------------------------------------------------------------


def test_how_often_a_word_is_used_counts_all_its_forms(studies):
    terms = selectors.understand("nurse children").terms
    counted = words.frequencies(terms)
    assert counted["nurse"] == 1
    assert counted["children"] == 1


def test_a_descriptor_is_counted_with_all_that_stands_below_it(studies):
    counted = words.frequencies(selectors.understand("cancer").terms)
    assert counted["d009369"] == 2


@pytest.mark.parametrize(
    ("document", "impact"),
    [
        ("'lung':1A", 1.0),
        ("'lung':1B", 0.6),
        ("'lung':1A,9B", 1.15),
        ("'lung':1A,2A", 1.25),
        ("'lung':1A,2A,9B,10B", 1.354),
        ("'lung':1A,2A,3A,9B,10B,11B", 1.439),
        ("'lung':1A,20C,30", 1.0),
    ],
)
def test_the_database_gives_impacts_the_letters_that_searches_ask_for(db, document, impact):
    expected = [f"lung{chr(n)}" for n in range(ord("a"), ord(impacts.letter(impact)) + 1)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(registry_impacts(%s::tsvector))", [document])
        assert cursor.fetchone()[0] == expected


@pytest.mark.parametrize("document", ["", "'lung':1C,2D", "'lung'"])
def test_what_no_name_says_has_no_impact(db, document):
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_impacts(%s::tsvector)", [document])
        assert cursor.fetchone()[0] is None


@pytest.mark.parametrize("mode", ["all", "any"])
def test_the_candidates_that_are_ranked_are_those_that_say_the_words_most(
    db, tmp_path, monkeypatch, mode
):
    once = [
        {"no": f"NCT93{n:06}", "title": f"Lantern therapy {n}", "conditions": ["Cough"]}
        for n in range(12)
    ]
    often = {
        "no": "NCT93000099",
        "title": "Lantern or lantern: therapy after therapy",
        "conditions": ["Lantern therapy"],
    }
    search_cast.bring(tmp_path, [*once, often])
    monkeypatch.setattr(ranking, "MOST_RANKED", 4)
    monkeypatch.setattr(ranking, "MOST_CHOSEN", 4)
    page = selectors.search(ANYBODY, "lantern therapy", mode=mode)
    assert page.rows[0].registry_nos == [often["no"]]
    assert (len(page.rows), page.count.n, page.is_bounded) == (4, 13, True)


def test_a_candidate_that_lacks_a_word_takes_no_match_s_place(db, tmp_path, monkeypatch):
    strong = [
        {"no": f"NCT93{n:06}", "title": "Lantern or lantern", "conditions": ["Lantern"]}
        for n in range(6)
    ]
    weak = {"no": "NCT93000099", "title": "Lantern plans", "summary": "About therapy."}
    search_cast.bring(tmp_path, [*strong, weak, {**weak, "no": "NCT93000098"}])
    monkeypatch.setattr(ranking, "MOST_RANKED", 1)
    monkeypatch.setattr(ranking, "MOST_CHOSEN", 1)
    page = selectors.search(ANYBODY, "lantern therapy")
    assert (len(page.rows), page.count.n) == (1, 2)

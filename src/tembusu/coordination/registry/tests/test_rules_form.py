"""The form as data: its specification, what an answer may be, and what publishing still needs."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules import answers, coherence, duplicates, form
from tembusu.coordination.registry.terms import QuestionKind
from tembusu.coordination.registry.tests.draft_answers import WHOLE
from trialformats.records import WHO_DATA_SET, from_json

SECTIONS = form.sections()
QUESTIONS = {one.field: one for one in form.all_questions(SECTIONS)}


def spec(*questions):
    """Return a specification of one section with these questions, lacking most WHO items."""
    body = "\n".join(f"[[section.question]]\n{one}" for one in questions)
    return f'[[section]]\nkey = "a"\ntitle = "A"\n{body}\n'


# -- the specification ----------------------------------------------------------------------------


def test_the_form_asks_for_every_who_item_that_publishing_does_not_give():
    asked = {one.who for one in QUESTIONS.values()}
    assert {item.no for item in WHO_DATA_SET} - asked == form.GIVEN_ITEMS


def test_a_whole_set_of_answers_makes_a_record_that_lacks_nothing_needed():
    assert form.unanswered(SECTIONS, WHOLE) == []
    form.check_answers(SECTIONS, WHOLE)
    record = from_json({"registry": "own", "registry_no": "TMB-000001", **WHOLE})
    assert record.brief_title == WHOLE["brief_title"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[section", "not valid TOML"),
        (spec('field = "brief_title"\nlabel = "T"\nkind = "essay"'), "no known kind"),
        (spec('field = "brief_title"\nlabel = "T"'), "no known kind"),
        (spec('field = "brief_title"\nlabel = "T"\nkind = "text"\ncolour = "red"'), "colour"),
        (spec('field = "nonsense"\nlabel = "T"\nkind = "text"'), "no field of a trial record"),
        (spec(*['field = "acronym"\nlabel = "T"\nkind = "text"'] * 2), "asked twice"),
        (spec('field = "collaborators"\nlabel = "T"\nkind = "rows"'), "have parts"),
        (spec('field = "sex"\nlabel = "T"\nkind = "choice"'), "has no choices"),
        (
            spec(
                'field = "collaborators"\nlabel = "T"\nkind = "rows"\nneeds_one_of = ["fax"]\n'
                '[[section.question.part]]\nfield = "name"\nlabel = "N"\nkind = "text"'
            ),
            "has no part fax",
        ),
        (spec('field = "acronym"\nlabel = "T"\nkind = "text"'), "No question answers"),
    ],
)
def test_a_wrong_specification_is_refused_by_name(text, said):
    with pytest.raises(form.FormFault, match=said):
        form.parse(text)


@pytest.mark.parametrize(("field", "key"), [("brief_title", "identity"), ("start_dtc", "progress")])
def test_a_question_is_found_in_its_section(field, key):
    assert form.section_of(SECTIONS, field) == key


def test_a_field_that_is_not_asked_has_no_section():
    with pytest.raises(KeyError):
        form.section_of(SECTIONS, "notes")


# -- what publishing still needs --------------------------------------------------------------------

CONTACT = {"name": "Office", "email": "office@hospital.example"}


@pytest.mark.parametrize(
    ("field", "value", "lacks"),
    [
        ("brief_title", None, "not answered"),
        ("brief_title", "", "not answered"),
        ("brief_title", "Sleep", ""),
        ("acronym", None, ""),
        ("enrolment_count", 0, ""),
        ("has_results", False, ""),
        ("conditions", [], "not answered"),
        ("lead_sponsor", {"kind": "INDUSTRY"}, "lacks Name"),
        ("lead_sponsor", {}, "not answered"),
        ("lead_sponsor", {"name": "Damar"}, ""),
        ("public_contacts", [], "not answered"),
        ("public_contacts", [CONTACT, {"phone": "1"}], "row 2 lacks Name or office"),
        # WHO items 7 and 8 ask for somebody who can be reached.
        ("public_contacts", [{"name": "Office"}], "row 1 lacks Telephone or E-mail"),
        ("public_contacts", [{"name": "Office", "phone": "61234567"}], ""),
        ("public_contacts", [{}], "row 1 lacks Name or office, Telephone or E-mail"),
        ("scientific_contacts", [CONTACT], ""),
        (
            "scientific_contacts",
            [{"name": "Dr Farah Osman", "affiliation": "Kempas"}],
            "row 1 lacks Telephone or E-mail",
        ),
        # A row that was begun has to be whole, though nobody asked for it.
        ("collaborators", [{"kind": "X"}], "row 1 lacks Name"),
        ("collaborators", [], ""),
        ("locations", [{"facility": "A"}], "row 1 lacks Country"),
    ],
)
def test_what_an_answer_lacks_is_said_in_words(field, value, lacks):
    assert form.lacking(QUESTIONS[field], value) == lacks


@pytest.mark.parametrize("field", [q.field for q in QUESTIONS.values() if q.is_required])
def test_each_required_answer_is_missed_when_it_is_left_out(field):
    rest = {name: value for name, value in WHOLE.items() if name != field}
    assert [one.field for one in form.unanswered(SECTIONS, rest)] == [field]


# -- what an answer may be ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("acronym", "A" * 60),
        ("acronym", ""),
        ("sex", "ALL"),
        ("phases", ["PHASE1", "PHASE2"]),
        ("enrolment_count", 10_000_000),
        ("start_dtc", "2026"),
        ("start_dtc", "2026-02-28"),
        ("healthy_volunteers", False),
        ("conditions", ["Asthma"]),
        ("brief_title", "نوم المرضى في المستشفى"),
        ("brief_title", "夜间灯光与睡眠"),
        ("brief_summary", "One line\nand\tanother"),
        ("lead_sponsor", {"name": "Damar"}),
        ("ethics_reviews", [{"committee": "Board", "approval_dtc": "2026-01"}]),
        # What a record says beyond the form's questions is kept, and not judged here.
        ("locations", [{"facility": "A", "country": "B", "lat": 1.3}]),
    ],
)
def test_an_answer_that_fits_passes(field, value):
    form.check_answers(SECTIONS, {field: value})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("acronym", "A" * 61, "1 characters too long"),
        ("acronym", 7, "a text is needed"),
        ("acronym", "a\0b", "can't be printed"),
        ("acronym", "a\x07b", "can't be printed"),
        ("acronym", "\u200b \u3000", "nothing of it can be seen"),
        ("brief_title", "\u202etitle", "turns the direction"),
        ("brief_title", "a \u2067title\u2069", "turns the direction"),
        ("conditions", ["Sleep", "Lig\u202dht"], "turns the direction"),
        ("lead_sponsor", {"name": "Da\u202emar"}, "Name: it holds a hidden sign"),
        ("sex", "OTHER", "none of the choices"),
        ("phases", "PHASE1", "a list is needed"),
        ("phases", ["PHASE9"], "none of the choices"),
        ("enrolment_count", -1, "whole number"),
        ("enrolment_count", 10_000_001, "whole number"),
        ("enrolment_count", True, "whole number"),
        ("enrolment_count", 1.5, "whole number"),
        ("enrolment_count", "12", "whole number"),
        ("start_dtc", "2026-02-30", "does not exist"),
        ("start_dtc", "3 Feb 2026", "Write a year"),
        ("start_dtc", 2026, "Write a year"),
        ("start_dtc", "1026", "can't be meant"),
        ("healthy_volunteers", "yes", "yes or no"),
        ("conditions", "Asthma", "a list is needed"),
        ("conditions", [3], "a text is needed"),
        ("lead_sponsor", [{"name": "Damar"}], "a group"),
        ("lead_sponsor", {"name": 3}, "Name: a text is needed"),
        ("ethics_reviews", [{"committee": "B", "approval_dtc": "soon"}], "row 1: Approved on"),
        ("collaborators", ["Damar"], "row 1: a group"),
        ("collaborators", [{"name": "x"}] * 151, "151 entries; 150 fit"),
        ("nonsense", "x", "no question nonsense"),
    ],
)
def test_an_answer_that_no_record_could_hold_is_refused(field, value, said):
    with pytest.raises(form.AnswerFault, match=said):
        form.check_answers(SECTIONS, {field: value})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(QUESTIONS)), ANYTHING)
def test_whatever_is_sent_is_taken_or_refused_in_words(field, value):
    said = ""
    try:
        form.check_answer(QUESTIONS[field], value)
    except form.AnswerFault as fault:
        said = str(fault)
    assert said == "" or said.startswith(QUESTIONS[field].label)


@pytest.mark.parametrize("field", [f for f, q in QUESTIONS.items() if q.kind not in form.MANY])
@given(value=ANYTHING)
def test_what_passes_fits_into_a_record(field, value):
    try:
        form.check_answer(QUESTIONS[field], value)
    except form.AnswerFault:
        return
    if value not in (None, "", [], {}):
        from_json({"registry": "own", "registry_no": "x", field: value})


# -- dates, doubts, marks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("", ""),
        ("  ", ""),
        ("2026-9", "2026-09"),
        ("2026-4-3", "2026-04-03"),
        ("2026-13-3", None),
        ("Sep 2026", "2026-09"),
        ("14/09/2026", "2026-09-14"),
        ("09/14/2026", "2026-09-14"),
        ("3/3/2026", "2026-03-03"),
        ("1/2/2026", None),
        ("31/31/2026", None),
        ("0/4/2026", None),
    ],
)
def test_a_date_is_read_as_it_was_meant_or_says_how_to_write_it(text, iso):
    if iso is None:
        with pytest.raises(form.DateError, match="2026-09-14"):
            form.date_answer(text)
    else:
        assert form.date_answer(text) == iso


def test_a_date_that_can_be_read_two_ways_is_refused_with_both():
    with pytest.raises(form.DateError, match="write 2026-04-03 or 2026-03-04"):
        form.date_answer("03/04/2026")


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_day_in_iso_form_is_itself(day):
    if day.year in form.YEARS:
        assert form.date_answer(day.isoformat()) == day.isoformat()


TODAY = date(2026, 6, 1)
AHEAD = {"start_dtc": "2026-06-02"}


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"start_dtc": "2026-09", "completion_dtc": "2026-08-31"}, "completion_dtc", "first enrol"),
        ({"start_dtc": "2026", "completion_dtc": "2026-02"}, "", ""),
        ({"minimum_age": "21 Years", "maximum_age": "20 Years"}, "maximum_age", "below"),
        ({"minimum_age": "2 Years", "maximum_age": "18 Months"}, "maximum_age", "below"),
        ({"minimum_age": "6 Months", "maximum_age": "1 Year"}, "", ""),
        ({"minimum_age": "21 Years", "maximum_age": "21 Years"}, "", ""),
        ({"phases": ["NA", "PHASE2"]}, "phases", "not both"),
        ({"phases": ["NA"]}, "", ""),
        ({"phases": ["PHASE1", "PHASE2"]}, "", ""),
        ({}, "", ""),
    ],
)
def test_what_cannot_be_together_is_refused(given, field, said):
    found = coherence.misfits(given)
    assert [one.field for one in found] == ([field] if field else [])
    assert all(said in one.text for one in found)
    if field:
        with pytest.raises(form.AnswerFault, match=QUESTIONS[field].label):
            form.check_answers(SECTIONS, given)
        assert [question.field for question, _ in form.faults(SECTIONS, given)] == [field]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start_dtc": "2026-09", "primary_completion_dtc": "2025"}, "primary_completion_dtc"),
        (
            {"primary_completion_dtc": "2027", "completion_dtc": "2026"},
            "primary_completion_dtc",
        ),
        ({"ethics_reviews": [{"approval_dtc": "2026-06-02"}]}, "ethics_reviews"),
        ({"ethics_reviews": [{"approval_dtc": "2026-06-01"}]}, ""),
        ({"ethics_reviews": [{"approval_dtc": "2026"}]}, ""),
        ({**AHEAD, "start_kind": "ACTUAL"}, "start_kind"),
        ({**AHEAD, "start_kind": "ESTIMATED"}, ""),
        ({"start_dtc": "2026-06-01", "start_kind": "ACTUAL"}, ""),
        ({"completion_dtc": "2026-07", "completion_kind": "ACTUAL"}, "completion_kind"),
        ({"completion_dtc": "2026-07", "completion_kind": "ESTIMATED"}, ""),
        (
            {"primary_completion_dtc": "2027", "primary_completion_kind": "ACTUAL"},
            "primary_completion_kind",
        ),
        ({"primary_completion_dtc": "2026", "primary_completion_kind": "ACTUAL"}, ""),
        ({**AHEAD, "overall_status": "RECRUITING"}, "overall_status"),
        ({**AHEAD, "overall_status": "COMPLETED"}, "overall_status"),
        ({**AHEAD, "overall_status": "NOT_YET_RECRUITING"}, ""),
        ({"countries": ["Singapore", "Atlantis"]}, "countries"),
        ({"countries": ["Korea, Republic of", "Viet Nam", "USA"]}, ""),
        ({"locations": [{"facility": "A", "country": "Atlantis"}]}, "locations"),
        ({"results_url": "https://x.example", "has_results": False}, "has_results"),
        ({"results_url": "https://x.example"}, ""),
        ({"study_type": "OBSERVATIONAL", "phases": ["PHASE2"]}, "phases"),
        ({"study_type": "OBSERVATIONAL", "phases": ["NA"]}, ""),
        ({}, ""),
    ],
)
def test_what_fits_badly_together_or_with_today_is_doubted(given, field):
    assert [one.field for one in coherence.doubts(given, today=TODAY)] == ([field] if field else [])


SENA = ("Sena Biologics", "Sena Biotech", "SB")


@pytest.mark.parametrize(
    ("named", "behalf", "is_doubted"),
    [
        ("Sena Biologics", SENA, False),
        ("SENA  biologics, Inc.", SENA, False),
        ("Sena Biotech", SENA, False),
        ("Kempas Medical Centre", SENA, True),
        ("Sena", SENA, True),
        ("", SENA, False),
        ("Kempas Medical Centre", (), False),
    ],
)
def test_a_sponsor_other_than_who_registers_is_doubted(named, behalf, is_doubted):
    given = {"lead_sponsor": {"name": named}}
    found = coherence.doubts(given, today=TODAY, behalf=behalf)
    said = "registered on behalf of Sena Biologics; the sponsor named is Kempas Medical Centre."
    assert [one.field for one in found] == (["lead_sponsor"] if is_doubted else [])
    assert not is_doubted or named == "Sena" or said in found[0].text


@pytest.mark.parametrize(
    ("field", "name", "n", "is_beyond"),
    [
        ("brief_title", "brief_title", 20_000, False),
        ("brief_title", "brief_title", 20_001, True),
        ("eligibility_text", "eligibility_text", 40_000, False),
        ("eligibility_text", "eligibility_text", 40_001, True),
        ("public_contacts", "public_contacts-3-email", 20_001, True),
        ("conditions", "conditions", 600_000, False),
        ("conditions", "conditions", 600_001, True),
        ("start_dtc", "start_dtc", 20_001, True),
    ],
)
def test_what_is_typed_is_kept_up_to_a_limit(field, name, n, is_beyond):
    assert form.is_beyond_keeping(QUESTIONS[field], {name: ["x" * n]}) is is_beyond


def test_an_item_is_counted_where_nothing_of_it_is_open():
    # Item 4 is answered by the sponsor too, and asked for by a question of its own.
    assert form.completeness(SECTIONS, WHOLE).missing[0].startswith("Primary registry")
    counted = form.completeness(SECTIONS, WHOLE).n_answered
    rest = {name: value for name, value in WHOLE.items() if name != "support_sources"}
    assert form.completeness(SECTIONS, rest).n_answered == counted - 1
    begun = {**WHOLE, "secondary_outcomes": [{"time_frame": "3 nights"}]}
    assert "Key secondary outcomes" in form.completeness(SECTIONS, begun).missing


@given(st.dictionaries(st.sampled_from(sorted(QUESTIONS)), ANYTHING, max_size=6))
def test_whatever_was_answered_can_be_judged(given):
    for one in [*coherence.misfits(given), *coherence.doubts(given, today=TODAY)]:
        assert one.field in QUESTIONS


@pytest.mark.parametrize(
    ("name", "text", "is_right"),
    [
        ("email", "office@hospital.example", True),
        ("email", "dr.farah-osman+trial@nus.edu.sg", True),
        ("email", "not-an-email", False),
        ("email", "office@hospital", False),
        ("email", "a..b@hospital.example", False),
        ("email", "two@a.example, three@a.example", False),
        ("phone", "+65 6123 4567 ext. 8", True),
        ("phone", "ask at the desk", False),
        ("phone", "12", False),
        ("web", "https://results.example/trial?id=1", True),
        ("web", "javascript:alert(1)", False),
        ("web", 'https://a.example/" onmouseover="x', False),
        ("web", "results.example", False),
        ("age", "21 Years", True),
        ("age", "1 year", True),
        ("age", "6 Months", True),
        ("age", "2 Weeks", True),
        ("age", "3 Days", True),
        ("age", "21", False),
        ("age", "twenty-one Years", False),
        ("age", "21.5 Years", False),
        ("age", "-1 Years", False),
        ("registry_no", "NCT01234567", True),
        ("registry_no", "GRANT/7", True),
        ("registry_no", "NCT999", False),
        ("", "anything", True),
    ],
)
def test_a_text_with_a_format_is_as_its_format_says(name, text, is_right):
    assert (answers.format_fault(name, text) == "") is is_right


@given(st.sampled_from(sorted(answers.FORMATS)), st.text(max_size=70))
def test_any_text_is_judged_by_any_format(name, text):
    assert isinstance(answers.format_fault(name, text), str)


@pytest.mark.parametrize(
    "lines", ['kind = "text"\nformat = "iban"', 'kind = "date"\nformat = "age"']
)
def test_a_format_that_is_unknown_or_of_no_text_is_refused(lines):
    with pytest.raises(form.FormFault, match="may have the format"):
        form.parse(spec(f'field = "acronym"\nlabel = "T"\n{lines}'))


@given(ANYTHING, ANYTHING)
def test_a_mark_tells_values_apart(one, other):
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (form.mark(one) == form.mark(other)) == is_same


# -- nearly the same title ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("Night light and sleep", "Sleep and NIGHT light: a trial", True),
        ("Aspirin after stroke", "Aspirin after myocardial infarction", False),
        ("A randomised trial", "A controlled trial", False),
        ("", "Sleep", False),
        ("鼻咽癌 免疫", "鼻咽癌 免疫", True),
    ],
)
def test_titles_are_near_when_they_share_their_telling_words(one, other, is_near):
    assert (duplicates.likeness(one, other) >= duplicates.NEAR) is is_near


def test_the_nearest_come_first_and_others_not_at_all():
    others = [(1, "Sleep"), (2, "Night light and sleep"), (3, "Night light, sleep and noise")]
    assert duplicates.nearest("night light and sleep", others, most=5) == [2, 3]
    assert duplicates.nearest("night light and sleep", others, most=1) == [2]


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_the_same_both_ways_and_between_0_and_1(one, other):
    assert duplicates.likeness(one, other) == duplicates.likeness(other, one)
    assert 0 <= duplicates.likeness(one, other) <= 1


def test_every_kind_of_question_is_asked_somewhere():
    kinds = {one.kind for one in QUESTIONS.values()}
    kinds |= {part.kind for one in QUESTIONS.values() for part in one.parts}
    assert kinds == set(QuestionKind)


@pytest.mark.parametrize(
    ("before", "change", "said"),
    [
        ({"minimum_age": "18 Years"}, {"maximum_age": "17 Years"}, ["maximum_age"]),
        ({"maximum_age": "17 Years"}, {"minimum_age": "18 Years"}, ["maximum_age"]),
        ({"minimum_age": "18 Years", "maximum_age": "9 Years"}, {"acronym": "DUSK"}, []),
        ({"minimum_age": "18 Years", "maximum_age": "9 Years"}, {"maximum_age": "21 Years"}, []),
        (
            {"minimum_age": "18 Years", "maximum_age": "9 Years"},
            {"maximum_age": "8 Years"},
            ["maximum_age"],
        ),
        ({}, {"start_dtc": "2026"}, []),
    ],
)
def test_a_change_is_blamed_for_what_it_makes_worse_alone(before, change, said):
    found = coherence.added(coherence.misfits, before, {**before, **change})
    assert [one.field for one in found] == said

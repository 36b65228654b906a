"""Registering a study by hand, as each of the cast may; nothing typed is lost, nobody is overwritten."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.coordination.registry.actions import drafts as actions
from tembusu.coordination.registry.forms import anchor
from tembusu.coordination.registry.models import Study, StudyDraft
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.terms import StudyState
from tembusu.coordination.registry.tests.draft_answers import WHOLE, posted

SECTIONS = [one.key for one in rules.sections()]


@pytest.fixture
def draft(cast, bodies):
    return actions.start_registration(
        title="Night light and sleep in hospital",
        on_behalf_of=bodies.damar,
        by=cast.sponsor,
        at=timezone.now(),
    )


@pytest.fixture
def whole(draft, cast):
    """A draft that answers everything that publishing needs."""
    return save(draft, cast.sponsor, WHOLE)


def save(draft, by, answers):
    draft.refresh_from_db()
    return actions.save_draft(
        draft=draft, answers=answers, revision=draft.revision, by=by, at=timezone.now()
    )


def publish(draft, by, at=None):
    return actions.publish_study(draft=draft, by=by, at=at or timezone.now())


def page_url(draft, key=SECTIONS[0]):
    return reverse("registry:draft_section", args=[draft.study_id, key])


def text(answer):
    return " ".join(answer.content.decode().split())


# -- opening ------------------------------------------------------------------------------------


def test_a_sponsor_opens_a_draft_for_its_own_organisation(enter, cast, bodies):
    client = enter(cast.sponsor)
    url = reverse("registry:register")
    assert "Damar Therapeutics" in text(client.get(url))
    answer = client.post(url, {"title": "  Sleep   in wards ", "behalf": bodies.damar.pk})
    made = StudyDraft.objects.get()
    assert answer["Location"] == page_url(made)
    assert made.answers["brief_title"] == "Sleep in wards"
    assert made.answers["lead_sponsor"] == {"name": "Damar Therapeutics"}
    assert made.study.state == StudyState.DRAFT


def test_nobody_registers_for_an_organisation_of_others(enter, cast, bodies):
    client = enter(cast.rival)
    url = reverse("registry:register")
    assert "Damar" not in text(client.get(url))
    answer = client.post(url, {"title": "Sleep", "behalf": bodies.damar.pk})
    assert "Choose one of the organisations shown." in text(answer)
    assert not StudyDraft.objects.exists()


def test_a_keeper_finds_the_organisation_first(enter, cast, bodies):
    client = enter(cast.analyst)
    url = reverse("registry:register")
    assert "behalf" not in client.get(url).content.decode()
    answer = client.post(url, {"title": "Sleep", "find": "kempas", "go": "find"})
    assert "Kempas Medical Centre" in text(answer)
    assert "Sleep" in text(answer)
    unknown = client.post(url, {"title": "Sleep", "find": "zebra", "go": "find"})
    assert "No organisation has “zebra” in a name." in text(unknown)
    # Whatever is wrong leads to a field that stands on the page.
    for data in ({}, {"title": "Sleep", "find": "zebra", "behalf": bodies.kempas.pk}):
        refused = client.post(url, data).content.decode()
        links = re.findall(r'<li><a href="#(\w+)">', refused)
        assert "id_find" in links
        assert all(f'id="{link}"' in refused for link in links)
    client.post(url, {"title": "Sleep", "find": "kempas", "behalf": bodies.kempas.pk})
    assert StudyDraft.objects.get().study.sponsor == bodies.kempas


@pytest.mark.parametrize(
    ("who", "reason"), [("nobody", "It needs the role"), ("administrator", "It needs the role")]
)
def test_who_may_not_register_reads_why(who, reason, enter, cast):
    client = enter(getattr(cast, who))
    url = reverse("registry:register")
    assert reason in text(client.get(url))
    client.post(url, {"title": "Sleep", "behalf": 1})
    assert not StudyDraft.objects.exists()


def test_a_study_with_nearly_this_title_is_shown_before_a_draft_is_opened(
    enter, cast, bodies, register
):
    client = enter(cast.sponsor)
    url = reverse("registry:register")
    sent = {"title": "VN-118 in nasopharyngeal carcinoma: a trial", "behalf": bodies.damar.pk}
    answer = client.post(url, sent)
    assert "Is it one of these?" in text(answer)
    assert register.lantern.number in text(answer)
    assert not StudyDraft.objects.exists()
    sure = {**sent, "sure": rules.mark(sent["title"]), "go": "sure"}
    # Being sure of one title says nothing of another.
    assert not client.post(url, {**sure, "title": "VN-118 and carcinoma, nasopharyngeal"}).get(
        "Location"
    )
    assert client.post(url, sure)["Location"]
    assert StudyDraft.objects.count() == 1


@pytest.mark.parametrize("number", ["NCT09990001", "nct 09990001"])
def test_a_number_that_stands_here_leads_to_its_study(number, enter, cast, bodies, register):
    sent = {"title": "Something else", "number": number, "behalf": bodies.damar.pk, "go": "sure"}
    answer = enter(cast.sponsor).post(reverse("registry:register"), sent)
    assert "This number stands here already" in text(answer)
    assert reverse("registry:study", args=[register.lantern.pk]) in text(answer)
    assert not StudyDraft.objects.exists()


def test_a_draft_of_others_is_not_told_by_the_question(enter, cast, bodies, draft):
    sent = {"title": "Night light and sleep in hospital", "behalf": bodies.sena.pk}
    answer = enter(cast.rival).post(reverse("registry:register"), sent)
    assert answer.status_code == 302


def test_a_new_number_is_the_drafts_first_answer(enter, cast, bodies):
    sent = {"title": "Sleep", "number": "NCT09998888", "behalf": bodies.damar.pk}
    enter(cast.sponsor).post(reverse("registry:register"), sent)
    assert StudyDraft.objects.get().answers["secondary_ids"] == [{"id_text": "NCT09998888"}]


@pytest.mark.parametrize("title", ["", "   ", "x" * 301])
def test_a_title_that_no_record_holds_is_refused_beside_the_field(title, enter, cast, bodies):
    sent = {"title": title, "behalf": bodies.damar.pk}
    answer = enter(cast.sponsor).post(reverse("registry:register"), sent)
    assert answer.status_code == 200
    assert answer.context["form"].errors["title"]


# -- the pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SECTIONS)
def test_a_page_keeps_what_was_answered_and_shows_it_again(key, enter, cast, draft):
    client = enter(cast.sponsor)
    answer = client.post(page_url(draft, key), posted(key, WHOLE, revision=draft.revision))
    assert answer["Location"] == page_url(draft, key), (
        answer.context and answer.context["form"].errors
    )
    draft.refresh_from_db()
    part = next(one for one in rules.sections() if one.key == key)
    expected = {q.field: WHOLE[q.field] for q in part.questions if q.field in WHOLE}
    assert {name: draft.answers[name] for name in expected} == expected
    # What the page shows is what it would send: saving it unchanged is no save.
    shown = client.get(page_url(draft, key)).context["form"]
    again = {name: bound.value() for name, bound in ((n, shown[n]) for n in shown.fields)}
    again |= dict(shown.carried)
    sent = {name: value for name, value in again.items() if value is not None}
    client.post(page_url(draft, key), {**sent, "revision": draft.revision, "go": "next"})
    before = draft.revision
    draft.refresh_from_db()
    assert draft.revision == before


def test_a_draft_is_continued_where_an_answer_is_still_needed(enter, cast, draft):
    url = reverse("registry:draft", args=[draft.study_id])
    assert enter(cast.sponsor).get(url)["Location"] == page_url(draft, "identity")
    save(draft, cast.sponsor, {"official_title": "A Trial of Light"})
    assert enter(cast.sponsor).get(url)["Location"] == page_url(draft, "people")
    save(draft, cast.sponsor, WHOLE)
    check = reverse("registry:draft_check", args=[draft.study_id])
    assert enter(cast.sponsor).get(url)["Location"] == check


@pytest.mark.parametrize(
    ("key", "field", "typed", "said"),
    [
        ("progress", "start_dtc", "14th of never", "Write a year, a month or a day"),
        ("progress", "start_dtc", "2026-02-30", "does not exist"),
        ("progress", "start_dtc", "0226-09-14", "The year 226 can"),
        ("participants", "enrolment_count", "some", "Write a whole number"),
        ("participants", "enrolment_count", "-4", "greater than or equal to 0"),
        ("participants", "enrolment_count", "99999999999999999999", "less than or equal to"),
        ("participants", "sex", "OTHER", "not one of the available choices"),
        ("identity", "acronym", "A" * 61, "1 characters too long"),
        ("science", "phases", "PHASE9", "not one of the available choices"),
        ("science", "conditions", "x" * 2001, "1 characters too long"),
        ("identity", "brief_title", "a\u202eb", "turns the direction of words"),
        ("identity", "secondary_ids-0-id_text", "GR\u2066ANT", "turns the direction of words"),
        ("science", "conditions", "Sleep\r\nLi\x07ght", "be printed"),
        ("identity", "secondary_ids-0-id_text", "NCT999", "3 digits after NCT"),
        ("people", "public_contacts-0-email", "not-an-email", "no e-mail address"),
        ("people", "public_contacts-0-phone", "at the desk", "digits are needed"),
        ("participants", "minimum_age", "adult", "Write a number and Years"),
        ("progress", "start_dtc", "03/04/2100", "write 2100-04-03 or 2100-03-04"),
        ("progress", "completion_dtc", "2099-12-31", "lies before the first enrolment"),
        ("science", "phases", ["NA", "PHASE1"], "not both"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    key, field, typed, said, enter, cast, draft
):
    client, asked = enter(cast.sponsor), field.partition("-")[0]
    before = draft.answers
    sent = posted(key, WHOLE, revision=draft.revision) | {field: typed, "go": "next"}
    assert client.post(page_url(draft, key), sent)["Location"] == page_url(draft, key)
    # The right answers of the page are saved; the wrong one leaves what was answered before.
    draft.refresh_from_db()
    part = next(one for one in rules.sections() if one.key == key)
    expected = {q.field: WHOLE[q.field] for q in part.questions if q.field in WHOLE}
    expected[asked] = before.get(asked)
    assert {name: draft.answers.get(name) for name in expected} == expected
    # What was typed stands beside what is wrong with it, whoever opens the page and whenever.
    for reader in (client, enter(cast.analyst)):
        shown = reader.get(page_url(draft, key)).context["form"]
        assert shown[field].value() in (typed, [typed])
        assert said in shown.errors[field].as_text()
    shown = client.get(page_url(draft, key))
    assert "to put right" in text(shown)
    assert shown.context["revision"] == draft.revision


def test_what_is_put_right_or_emptied_is_typed_no_longer(enter, cast, draft):
    client = enter(cast.sponsor)
    sent = {"start_dtc": "someday", "completion_dtc": "never", "go": "draft"}
    client.post(page_url(draft, "progress"), {**sent, "revision": 0})
    draft.refresh_from_db()
    assert set(draft.typed) == {"start_dtc", "completion_dtc"}
    mended = {**sent, "start_dtc": "2100-01-01", "completion_dtc": "", "revision": 1}
    client.post(page_url(draft, "progress"), mended)
    draft.refresh_from_db()
    assert draft.typed == {}
    assert draft.answers["start_dtc"] == "2100-01-01"
    assert "completion_dtc" not in draft.answers


def test_a_page_with_something_wrong_sent_again_is_no_save(enter, cast, draft):
    client = enter(cast.sponsor)
    sent = {"start_dtc": "someday", "go": "draft"}
    client.post(page_url(draft, "progress"), {**sent, "revision": 0})
    client.post(page_url(draft, "progress"), {**sent, "revision": 1})
    draft.refresh_from_db()
    assert draft.revision == 1


def test_what_is_typed_and_no_answer_stops_publishing(enter, cast, whole):
    client = enter(cast.sponsor)
    sent = posted("identity", WHOLE, revision=whole.revision) | {"acronym": "A" * 61}
    client.post(page_url(whole), sent)
    said = text(client.get(check_url(whole)))
    assert f"“{'A' * 61}” is no answer yet." in said
    assert f"{page_url(whole)}#id_acronym" in said
    whole.refresh_from_db()
    answer = client.post(check_url(whole), {"revision": whole.revision})
    assert "Put right first, or empty: Acronym." in text(answer)
    assert not whole.study.registrations.exists()
    resumed = client.get(reverse("registry:draft", args=[whole.study_id]))
    assert resumed["Location"] == page_url(whole)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-09", "2026-09"),
        ("2026", "2026"),
        ("14 Sep 2026", "2026-09-14"),
        ("14/09/2026", "2026-09-14"),
        ("2026-4-3", "2026-04-03"),
        (" 2026-09-14 ", "2026-09-14"),
    ],
)
def test_a_date_is_kept_as_precisely_as_it_was_said(typed, kept, enter, cast, draft):
    sent = {"start_dtc": typed, "revision": draft.revision, "go": "draft"}
    enter(cast.sponsor).post(page_url(draft, "progress"), sent)
    draft.refresh_from_db()
    assert draft.answers["start_dtc"] == kept


def test_the_oldest_age_is_not_below_the_youngest(enter, cast, draft):
    ages = {"minimum_age": "21 Years", "maximum_age": "20 Years"}
    sent = posted("participants", {**WHOLE, **ages}, revision=draft.revision)
    answer = enter(cast.sponsor).post(page_url(draft, "participants"), sent, follow=True)
    assert "below the youngest" in answer.context["form"].errors["maximum_age"].as_text()
    draft.refresh_from_db()
    assert draft.answers["minimum_age"] == "21 Years"
    assert "maximum_age" not in draft.answers


def test_a_date_says_the_forms_that_it_takes(enter, cast, draft):
    said = text(enter(cast.sponsor).get(page_url(draft, "progress")))
    assert "2026-09-14 or 14 Sep 2026" in said


def test_a_number_of_too_few_digits_opens_no_draft(enter, cast, bodies):
    sent = {"title": "Sleep", "number": "NCT999", "behalf": bodies.damar.pk}
    answer = enter(cast.sponsor).post(reverse("registry:register"), sent)
    assert "3 digits after NCT" in text(answer)
    assert not StudyDraft.objects.exists()


def test_a_long_text_is_kept_with_the_ends_of_lines_that_records_have(enter, cast, draft):
    sent = {"eligibility_text": "Inclusion:\r\n\r\n* Adults", "revision": draft.revision}
    enter(cast.sponsor).post(page_url(draft, "participants"), {**sent, "go": "draft"})
    draft.refresh_from_db()
    assert draft.answers["eligibility_text"] == "Inclusion:\n\n* Adults"


@pytest.mark.parametrize(("typed", "kept"), [("1,200", 1200), ("1 200", 1200), ("0", 0)])
def test_a_number_is_read_as_people_write_it(typed, kept, enter, cast, draft):
    sent = {"enrolment_count": typed, "revision": draft.revision, "go": "draft"}
    enter(cast.sponsor).post(page_url(draft, "participants"), sent)
    draft.refresh_from_db()
    assert draft.answers["enrolment_count"] == kept


@pytest.mark.parametrize(
    ("typed", "kept"), [("true", True), ("false", False), ("", None), (None, None)]
)
def test_no_is_an_answer_and_not_said_is_none(typed, kept, enter, cast, draft):
    sent = {"revision": draft.revision, "go": "draft"}
    sent |= {} if typed is None else {"has_results": typed}
    enter(cast.sponsor).post(page_url(draft, "progress"), sent)
    draft.refresh_from_db()
    assert draft.answers.get("has_results") is kept


# -- rows without scripts -----------------------------------------------------------------------


def test_a_row_is_added_and_what_was_typed_is_saved_with_it(enter, cast, draft):
    client = enter(cast.sponsor)
    typed = {"primary_outcomes": [{"measure": "Hours of sleep"}]}
    sent = posted("science", typed, revision=0, go="add:primary_outcomes")
    answer = client.post(page_url(draft, "science"), sent)
    # The page is entered at the new row.
    assert answer["Location"].endswith("?blank=primary_outcomes:1#id_primary_outcomes-1-measure")
    shown = client.get(answer["Location"].split("#")[0]).context["form"]
    assert shown["primary_outcomes-0-measure"].value() == "Hours of sleep"
    assert shown["primary_outcomes-1-measure"].value() == ""
    # Once more, though the second row stands empty still.
    again = posted("science", {"primary_outcomes": [{"measure": "Hours of sleep"}, {}]})
    again |= {"revision": 1, "go": "add:primary_outcomes"}
    assert "primary_outcomes:2" in client.post(page_url(draft, "science"), again)["Location"]


def test_a_row_is_added_to_a_page_that_can_not_be_saved_yet(enter, cast, draft):
    typed = posted("people", {"collaborators": [{"name": "Sena"}]}, revision=0)
    typed |= {"lead_sponsor-kind": "NONSENSE", "go": "add:collaborators"}
    client = enter(cast.sponsor)
    answer = client.post(page_url(draft, "people"), typed)
    assert answer["Location"].endswith("#id_collaborators-1-name")
    shown = client.get(answer["Location"]).context["form"]
    assert "lead_sponsor-kind" in shown.errors
    assert shown["collaborators-0-name"].value() == "Sena"
    assert "collaborators-1-name" in shown.fields


def test_a_row_is_removed_and_blank_ones_fall_away(enter, cast, draft):
    rows = [{"name": "First"}, {"name": "Second"}, {}]
    sent = posted("people", {"collaborators": rows}, revision=0, go="remove:collaborators:0")
    answer = enter(cast.sponsor).post(page_url(draft, "people"), sent)
    # The page is entered where it says which row is gone; the blank one still stands.
    place = "?blank=collaborators:1&removed=collaborators:1#gone-collaborators"
    assert answer["Location"] == page_url(draft, "people") + place
    draft.refresh_from_db()
    assert draft.answers["collaborators"] == [{"name": "Second"}]


def test_rows_with_something_wrong_are_added_to_and_taken_from(enter, cast, draft):
    client = enter(cast.sponsor)
    rows = [{"name": "Desk", "email": "nowhere"}, {"name": "Office", "email": "a@b.example"}]
    sent = posted("people", {"public_contacts": rows}, revision=0, go="add:public_contacts")
    answer = client.post(page_url(draft, "people"), sent)
    assert answer["Location"].endswith("#id_public_contacts-2-name")
    shown = client.get(answer["Location"]).context["form"]
    names = [shown[f"public_contacts-{no}-name"].value() for no in range(3)]
    assert names == ["Desk", "Office", None]
    assert list(shown.errors) == ["public_contacts-0-email"]
    again = posted("people", {"public_contacts": rows}, revision=1, go="remove:public_contacts:0")
    client.post(page_url(draft, "people"), again)
    draft.refresh_from_db()
    assert draft.answers["public_contacts"] == [{"name": "Office", "email": "a@b.example"}]
    assert draft.typed == {}


def test_a_list_that_is_full_says_so(enter, cast, draft):
    many = [{"name": f"Body {no}"} for no in range(rules.MOST_ROWS)]
    save(draft, cast.sponsor, {"collaborators": many})
    said = text(enter(cast.sponsor).get(page_url(draft, "people")))
    assert "150 rows are the most that fit." in said
    assert 'value="add:collaborators"' not in said


@pytest.mark.parametrize("n", ["-1", "x", "", "999999", "1e9", "٣"])
def test_a_forged_count_of_rows_does_no_harm(n, enter, cast, draft):
    sent = {"collaborators-n": n, "collaborators-0-was": "7", "revision": 0, "go": "remove:x:9"}
    answer = enter(cast.sponsor).post(page_url(draft, "people"), sent)
    assert answer.status_code == 302


@pytest.mark.parametrize("go", ["add:nothing", "remove:", "nonsense", "add:", "remove:a:b:c"])
def test_an_unknown_button_only_saves(go, enter, cast, draft):
    sent = posted("identity", {"brief_title": "Another title"}, revision=0, go=go)
    enter(cast.sponsor).post(page_url(draft), sent)
    draft.refresh_from_db()
    assert draft.answers["brief_title"] == "Another title"


# -- two people at once -------------------------------------------------------------------------


def opened(client, draft, key):
    shown = client.get(page_url(draft, key))
    return {"revision": shown.context["revision"], "base": shown.context["base"]}


def test_the_second_of_two_people_is_refused_and_sees_both_answers(enter, cast, draft):
    client = enter(cast.sponsor)
    base = opened(client, draft, "identity")
    save(draft, cast.analyst, {"brief_title": "Title of the analyst", "acronym": "DUSK"})
    sent = posted("identity", {"brief_title": "Title of the sponsor"}) | base
    answer = client.post(page_url(draft), sent)
    said = text(answer)
    assert "Somebody else saved this draft meanwhile" in said
    assert "Nadia saved this draft" in said
    assert "Title of the analyst" in said
    assert "Title of the sponsor" in said
    draft.refresh_from_db()
    assert draft.answers["brief_title"] == "Title of the analyst"
    # I changed the title; the acronym I left as it was, so the other's is proposed.
    keep = {one.field: one.keep for one in answer.context["differing"]}
    assert keep == {"brief_title": "mine", "acronym": "theirs"}

    chosen = {f"keep-{name}": side for name, side in keep.items()}
    fresh = {"revision": answer.context["revision"], "base": answer.context["base"]}
    client.post(page_url(draft), {**sent, **chosen, **fresh})
    draft.refresh_from_db()
    assert draft.answers["brief_title"] == "Title of the sponsor"
    assert draft.answers["acronym"] == "DUSK"


def test_a_third_save_meanwhile_is_refused_again(enter, cast, draft):
    client = enter(cast.sponsor)
    base = opened(client, draft, "identity")
    save(draft, cast.analyst, {"acronym": "DUSK"})
    sent = posted("identity", {"brief_title": "Mine"}) | base
    answer = client.post(page_url(draft), sent)
    save(draft, cast.analyst, {"acronym": "DAWN"})
    again = sent | {"revision": answer.context["revision"], "keep-acronym": "theirs"}
    assert "Somebody else saved" in text(client.post(page_url(draft), again))


def test_a_save_of_another_page_leaves_nothing_to_choose(enter, cast, draft):
    client = enter(cast.sponsor)
    base = opened(client, draft, "identity")
    save(draft, cast.analyst, {"enrolment_count": 7})
    sent = posted("identity", draft.answers) | base
    answer = client.post(page_url(draft), sent)
    assert "Nothing on this page differs" in text(answer)


@pytest.mark.parametrize("base", ["", "[]", "{", "9" * 50_000, '{"brief_title": 3}', "null"])
def test_a_forged_base_does_no_harm(base, enter, cast, draft):
    save(draft, cast.analyst, {"acronym": "DUSK"})
    sent = posted("identity", {"brief_title": "Mine"}, revision=0, base=base)
    assert "Somebody else saved" in text(enter(cast.sponsor).post(page_url(draft), sent))


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "1.0"])
def test_a_forged_revision_is_a_stale_one(revision, enter, cast, draft):
    save(draft, cast.analyst, {"acronym": "DUSK"})
    sent = posted("identity", {"brief_title": "Mine"}, revision=revision)
    assert "Somebody else saved" in text(enter(cast.sponsor).post(page_url(draft), sent))


def test_what_another_typed_and_is_no_answer_is_offered_too(enter, cast, draft):
    client = enter(cast.sponsor)
    base = opened(client, draft, "progress")
    enter(cast.analyst).post(
        page_url(draft, "progress"), {"start_dtc": "soon", "revision": 0, "go": "draft"}
    )
    sent = {"overall_status": "RECRUITING", "completion_dtc": "late", "go": "draft"} | base
    answer = client.post(page_url(draft, "progress"), sent)
    differing = {one.field: (one.theirs, one.mine, one.keep) for one in answer.context["differing"]}
    assert differing == {
        "overall_status": ("", "Recruiting", "mine"),
        "start_dtc": ("soon", "", "theirs"),
        "completion_dtc": ("", "late", "mine"),
    }
    fresh = {"revision": answer.context["revision"], "keep-start_dtc": "theirs"}
    client.post(page_url(draft, "progress"), {**sent, **fresh})
    draft.refresh_from_db()
    assert draft.typed == {
        "start_dtc": {"start_dtc": ["soon"]},
        "completion_dtc": {"completion_dtc": ["late"]},
    }
    assert draft.answers["overall_status"] == "RECRUITING"


def test_my_own_save_in_another_window_is_called_mine(enter, cast, draft):
    client = enter(cast.sponsor)
    base = opened(client, draft, "identity")
    save(draft, cast.sponsor, {"acronym": "DUSK"})
    said = text(client.post(page_url(draft), posted("identity", {"brief_title": "Mine"}) | base))
    assert "You saved this draft in another window on" in said
    assert "What you saved there" in said
    assert "Somebody else" not in said


def test_a_window_from_before_publishing_changes_nothing_unasked(enter, cast, whole):
    client = enter(cast.sponsor)
    base = opened(client, whole, "identity")
    publish(whole, cast.sponsor)
    sent = posted("identity", {**WHOLE, "brief_title": "Mine"}) | base
    answer = client.post(page_url(whole), sent)
    assert "was published meanwhile" in text(answer)
    assert "open a change" in text(answer)
    whole.refresh_from_db()
    assert whole.answers["brief_title"] == WHOLE["brief_title"]
    fresh = {"revision": answer.context["revision"], "base": answer.context["base"]}
    client.post(page_url(whole), {**sent, **fresh})
    whole.refresh_from_db()
    assert whole.answers["brief_title"] == "Mine"


# -- who may ------------------------------------------------------------------------------------

SEES = {
    "analyst": True,
    "lead": True,
    "sponsor": True,
    "rival": False,
    "representative": False,
    "administrator": False,
    "nobody": False,
}


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_a_draft_exists_only_for_those_who_may_see_it(who, sees, enter, cast, draft):
    client = enter(getattr(cast, who))
    pk = draft.study_id
    for name in ("draft", "draft_check", "draft_discard"):
        answer = client.get(reverse(f"registry:{name}", args=[pk]))
        assert (answer.status_code != 404) is sees, name
    answer = client.post(page_url(draft), posted("identity", WHOLE, revision=0))
    assert (answer.status_code != 404) is sees
    listed = client.get(reverse("registry:drafts") + "?whose=all")
    assert (draft.study.number in text(listed)) is sees


def test_who_only_sees_a_draft_reads_it_with_the_reason(enter, cast, draft):
    from tembusu.foundation.people import actions as people
    from tembusu.foundation.people.terms import Role

    people.grant_role(
        person=cast.nobody,
        role=Role.MONITOR,
        scope=draft.study.scope,
        by=None,
        at=timezone.now(),
    )
    client = enter(cast.nobody)
    said = text(client.get(page_url(draft)))
    assert "Night light and sleep in hospital" in said
    assert "It needs the role" in said
    assert '<form class="form draft-form"' not in said
    client.post(page_url(draft), posted("identity", {"brief_title": "Mine"}, revision=0))
    check = reverse("registry:draft_check", args=[draft.study_id])
    assert "It needs the role" in text(client.get(check))
    draft.refresh_from_db()
    assert draft.answers["brief_title"] == "Night light and sleep in hospital"


@pytest.mark.parametrize("key", ["nothing", "check", "x" * 200])
def test_a_page_that_the_form_does_not_have_is_not_found(key, enter, cast, draft):
    assert enter(cast.sponsor).get(page_url(draft, key)).status_code == 404


# -- check and publish --------------------------------------------------------------------------


def check_url(draft):
    return reverse("registry:draft_check", args=[draft.study_id])


def test_an_incomplete_draft_is_not_published_and_says_what_it_lacks(enter, cast, draft):
    client = enter(cast.sponsor)
    save(draft, cast.sponsor, {"public_contacts": [{"email": "office@hospital.example"}]})
    said = text(client.get(check_url(draft)))
    assert "Scientific title" in said
    assert "Row 1 lacks Name or office." in said
    assert f"{page_url(draft, 'people')}#head-public_contacts" in said
    answer = client.post(check_url(draft), {"revision": draft.revision})
    assert answer.status_code == 200
    draft.study.refresh_from_db()
    assert draft.study.state == StudyState.DRAFT


def test_a_whole_draft_is_published_and_says_where_it_is_seen(enter, cast, whole):
    client = enter(cast.sponsor)
    assert "Publish this registration?" in text(client.get(check_url(whole)))
    answer = client.post(check_url(whole), {"revision": whole.revision})
    done = client.get(answer["Location"])
    assert f"{whole.study.number} is published" in text(done)
    assert reverse("registry:study", args=[whole.study_id]) in text(done)
    assert (
        enter(cast.rival).get(reverse("registry:study", args=[whole.study_id])).status_code == 200
    )


def test_what_was_saved_after_it_was_read_is_not_published(enter, cast, whole):
    client = enter(cast.sponsor)
    read = client.get(check_url(whole)).context["draft"].revision
    save(whole, cast.analyst, {"acronym": "DUSK"})
    answer = client.post(check_url(whole), {"revision": read})
    assert "Nadia saved this draft" in text(answer)
    whole.study.refresh_from_db()
    assert whole.study.state == StudyState.DRAFT
    whole.refresh_from_db()
    assert answer.context["form"]["revision"].value() == whole.revision


def test_a_change_of_a_published_study_is_a_new_version(enter, cast, whole):
    publish(whole, cast.sponsor)
    client = enter(cast.sponsor)
    said = text(client.get(check_url(whole)))
    assert "Nothing differs from version 1" in said
    assert client.post(check_url(whole), {"revision": whole.revision}).status_code == 200
    save(whole, cast.sponsor, {"enrolment_count": 240})
    said = text(client.get(check_url(whole)))
    assert "Publish version 2?" in said
    assert "What changes" in said
    whole.refresh_from_db()
    client.post(check_url(whole), {"revision": whole.revision})
    registration = whole.study.registrations.get()
    assert registration.version_no == 2
    assert registration.versions.get(version_no=1).record["enrolment_count"] == 120


@pytest.mark.parametrize(
    ("start", "badge", "words"),
    [
        (12, "Prospective", "lies 12 days after today: registration will be prospective."),
        (1, "Prospective", "lies 1 day after today"),
        (0, "Prospective", "is today: registration will be prospective."),
        (-12, "Retrospective", "lies 12 days before today: registration will be retrospective."),
        (None, "Not known", "is not answered yet"),
    ],
)
def test_the_page_says_whether_registration_will_be_in_time(
    start, badge, words, enter, cast, draft
):
    if start is not None:
        day = timezone.localdate() + timedelta(days=start)
        save(draft, cast.sponsor, {"start_dtc": day.isoformat()})
    answer = enter(cast.sponsor).get(check_url(draft))
    assert answer.context["timeliness"].badge.word == badge
    assert words in text(answer)


def test_a_start_that_knows_only_its_month_may_leave_it_open(enter, cast, draft):
    month = timezone.localdate().strftime("%Y-%m")
    save(draft, cast.sponsor, {"start_dtc": month})
    assert "give the day" in text(enter(cast.sponsor).get(check_url(draft)))


def test_numbers_elsewhere_say_what_they_tie_together(enter, cast, register, draft):
    named = [{"id_text": "NCT09990001"}, {"id_text": "ISRCTN12345678"}, {"id_text": "GRANT/7"}]
    save(draft, cast.sponsor, {"secondary_ids": named})
    said = text(enter(cast.sponsor).get(check_url(draft)))
    assert f"{register.lantern.number} stands here under it" in said
    assert "Its record joins this study if it names the same sponsor." in said
    assert "it is kept as text" in said


def test_what_fits_badly_together_is_published_once_somebody_looked(enter, cast, whole):
    client = enter(cast.sponsor)
    save(whole, cast.sponsor, {"countries": ["Singapore", "Atlantis"]})
    shown = client.get(check_url(whole))
    assert "&#x27;Atlantis&#x27; is no country" in text(shown)
    assert f"{page_url(whole, 'participants')}#id_countries" in text(shown)
    assert "I have checked these" in text(shown)
    assert not shown.context["blocked"]
    sent = {"revision": shown.context["draft"].revision}
    answer = client.post(check_url(whole), sent)
    [said] = answer.context["form"].errors["checked"]
    assert said == "Tick this once you have looked at what is worth a second look."
    assert not whole.study.registrations.exists()
    assert client.post(check_url(whole), {**sent, "checked": "on"}).status_code == 302


def test_without_a_doubt_no_tick_is_asked_for(enter, cast, whole):
    assert "I have checked these" not in text(enter(cast.sponsor).get(check_url(whole)))


def test_what_was_saved_wrong_before_blocks_with_its_section(enter, cast, whole):
    # As a draft stands that was saved before its questions had formats.
    answers = {**whole.answers, "minimum_age": "adult", "completion_dtc": "2020"}
    StudyDraft.objects.filter(pk=whole.pk).update(answers=answers)
    client = enter(cast.sponsor)
    shown = client.get(check_url(whole))
    assert [one.act for one in shown.context["blocked"]] == ["Youngest age", "Completion"]
    assert f"{page_url(whole, 'participants')}#id_minimum_age" in text(shown)
    answer = client.post(check_url(whole), {"revision": whole.revision, "checked": "on"})
    assert answer.status_code == 200
    assert not whole.study.registrations.exists()


def test_titles_are_shown_as_text(enter, cast, draft):
    save(draft, cast.sponsor, {"brief_title": "<script>alert(1)</script>"})
    client = enter(cast.sponsor)
    for url in (page_url(draft), check_url(draft), reverse("registry:drafts")):
        assert "<script>alert(1)" not in client.get(url).content.decode()


# -- giving up ----------------------------------------------------------------------------------


def test_a_draft_is_given_up_with_a_reason_only(enter, cast, draft):
    client = enter(cast.sponsor)
    url = reverse("registry:draft_discard", args=[draft.study_id])
    assert client.post(url, {"reason": "  "}).status_code == 200
    assert client.post(url, {"reason": "Registered twice"}).status_code == 302
    assert Study.objects.get(pk=draft.study_id).state == StudyState.DISCARDED
    assert client.get(url).status_code == 404
    with pytest.raises(actions.DraftRefused, match="discarded"):
        actions.save_draft(
            draft=draft, answers={"acronym": "X"}, revision=0, by=cast.sponsor, at=timezone.now()
        )


def test_a_published_study_is_not_given_up(enter, cast, whole):
    publish(whole, cast.sponsor)
    url = reverse("registry:draft_discard", args=[whole.study_id])
    answer = enter(cast.sponsor).post(url, {"reason": "Registered twice"})
    assert "what was published stays" in text(answer)
    assert Study.objects.get(pk=whole.study_id).state == StudyState.PUBLISHED


@pytest.mark.parametrize(
    ("who", "status"), [("sponsor", 302), ("analyst", 302), ("rival", 404), ("nobody", 404)]
)
def test_a_draft_that_was_given_up_is_taken_up_again(who, status, enter, cast, draft):
    url = reverse("registry:draft_reopen", args=[draft.study_id])
    assert enter(cast.sponsor).post(url).status_code == 404
    discard = reverse("registry:draft_discard", args=[draft.study_id])
    enter(cast.sponsor).post(discard, {"reason": "Not funded"})
    client = enter(getattr(cast, who))
    listed = text(client.get(reverse("registry:drafts") + "?whose=given-up"))
    assert (url in listed) is (status == 302)
    shown = client.get(url)
    assert shown.status_code == (200 if status == 302 else 404)
    assert ("Not funded" in text(shown)) is (status == 302)
    assert client.post(url).status_code == status
    state = Study.objects.get(pk=draft.study_id).state
    assert state == (StudyState.DRAFT if status == 302 else StudyState.DISCARDED)
    if status == 302:
        assert draft.study.number in text(client.get(reverse("registry:drafts") + "?whose=all"))


# -- the list -----------------------------------------------------------------------------------


def test_the_list_holds_what_waits_to_be_published(enter, cast, whole):
    client = enter(cast.sponsor)
    url = reverse("registry:drafts")
    assert whole.study.number in text(client.get(url))
    publish(whole, cast.sponsor)
    assert "Nothing waits" in text(client.get(url))
    save(whole, cast.analyst, {"acronym": "DUSK"})
    said = text(client.get(url))
    assert "Changed since published" in said
    assert "by Nadia" in said


def test_mine_are_those_that_i_worked_on(enter, cast, draft):
    url = reverse("registry:drafts")
    assert draft.study.number not in text(enter(cast.analyst).get(url))
    assert draft.study.number in text(enter(cast.analyst).get(f"{url}?whose=all"))
    save(draft, cast.analyst, {"acronym": "DUSK"})
    assert draft.study.number in text(enter(cast.analyst).get(url))


@pytest.mark.parametrize(
    ("query", "status"),
    [("q=night+light", 200), ("q=%00", 200), ("after=nonsense", 404), ("q=" + "x" * 5000, 200)],
)
def test_odd_addresses_get_a_clear_answer(query, status, enter, cast, draft):
    answer = enter(cast.sponsor).get(f"{reverse('registry:drafts')}?{query}")
    assert answer.status_code == status


def test_pages_of_a_draft_ask_the_database_few_questions(
    enter, cast, whole, django_assert_max_num_queries
):
    client = enter(cast.sponsor)
    with django_assert_max_num_queries(42):
        client.get(page_url(whole, "people"))
    with django_assert_max_num_queries(52):
        client.get(check_url(whole))


def test_the_base_of_a_page_tells_each_answer(enter, cast, draft):
    base = json.loads(enter(cast.sponsor).get(page_url(draft)).context["base"])
    assert base["brief_title"] == rules.mark("Night light and sleep in hospital")
    assert base["acronym"] == rules.mark(None)


@pytest.mark.parametrize(
    ("query", "holds"),
    [("", True), ("stands=new", False), ("stands=changed", True), ("stands=odd", True)],
)
def test_the_list_is_narrowed_to_new_drafts_or_changes_and_so_is_its_file(
    query, holds, enter, cast, whole
):
    publish(whole, cast.sponsor)
    save(whole, cast.sponsor, {"acronym": "=DUSK"})
    client = enter(cast.sponsor)
    assert (
        whole.study.number in text(client.get(f"{reverse('registry:drafts')}?{query}"))
    ) is holds
    file = client.get(f"{reverse('registry:drafts_export')}?{query}")
    lines = b"".join(file).decode().splitlines()
    assert lines[0].endswith(
        "Number,Title,On behalf of,Stands,WHO items answered,Still needed,Last saved,By"
    )
    assert len(lines) == (2 if holds else 1)
    if holds:
        assert "Changed since published" in lines[1]


def test_the_file_of_drafts_holds_what_a_person_may_see(enter, cast, draft):
    url = reverse("registry:drafts_export") + "?whose=all"
    assert len(b"".join(enter(cast.analyst).get(url)).splitlines()) == 2
    assert len(b"".join(enter(cast.rival).get(url)).splitlines()) == 1


# -- what is worth a second look, where it is typed -----------------------------------------------


def test_a_country_that_is_not_known_is_doubted_where_it_is_typed(enter, cast, whole):
    client, url = enter(cast.sponsor), page_url(whole, "participants")
    typed = WHOLE | {"countries": ["Singapor"]}
    sent = posted("participants", typed, revision=whole.revision, go="next")
    answer = client.post(url, sent)
    assert answer["Location"] == page_url(whole, "progress")
    following = text(client.get(answer["Location"]))
    assert "is saved." in following
    doubt = "&#x27;Singapor&#x27; is no country that we know by this name. Did you mean Singapore?"
    assert f'<a href="{url}#id_countries">Countries of recruitment</a>: {doubt}' in following
    assert "Worth a second look" in text(client.get(url))
    assert doubt in text(client.get(url))
    assert doubt not in text(client.get(page_url(whole, "progress")))


def test_every_answer_is_led_to_by_what_takes_the_focus(enter, cast, whole):
    client = enter(cast.sponsor)
    for part in rules.sections():
        page = client.get(page_url(whole, part.key)).content.decode()
        for question in part.questions:
            place = anchor(question)
            [tag] = re.findall(rf'<(\w+)[^>]*\bid="{place}"', page)
            assert tag in ("input", "select", "textarea", "legend"), place


def test_the_steps_say_on_the_link_which_page_this_is(enter, cast, draft):
    page = text(enter(cast.sponsor).get(page_url(draft)))
    assert f'<a href="{page_url(draft)}" aria-current="step">' in page

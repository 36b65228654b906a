"""What a draft shows, what it counts and what it publishes say the same; what is too much is told."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.coordination.registry.actions import drafts as actions
from tembusu.coordination.registry.models import StudyDraft, StudySite
from tembusu.coordination.registry.tests.draft_answers import WHOLE, posted
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import Role


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
    return save(draft, cast.sponsor, WHOLE)


def save(draft, by, answers):
    draft.refresh_from_db()
    return actions.save_draft(
        draft=draft, answers=answers, revision=draft.revision, by=by, at=timezone.now()
    )


def page_url(draft, key="identity"):
    return reverse("registry:draft_section", args=[draft.study_id, key])


def check_url(draft):
    return reverse("registry:draft_check", args=[draft.study_id])


def text(answer):
    return " ".join(answer.content.decode().split())


def heading(answer):
    return re.search(r"<h1[^>]*>\s*(.*?)\s*</h1>", text(answer))[1]


def shown_item(answer, name):
    return next(one for one in answer.context["items"] if one.name == name)


def send(client, draft, key, **changes):
    draft.refresh_from_db()
    sent = posted(key, draft.answers, revision=draft.revision) | changes
    answer = client.post(page_url(draft, key), sent, follow=True)
    draft.refresh_from_db()
    return answer


# -- an emptied answer is open --------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "   ", "\0", "\u200b", "\u3000\u200d", "\x01"])
def test_an_emptied_title_is_open_wherever_it_is_shown(typed, enter, cast, whole):
    client = enter(cast.sponsor)
    counted = client.get(check_url(whole)).context["meter"].value
    answer = send(client, whole, "identity", brief_title=typed)
    assert answer.context["form"]["brief_title"].value() in ("", None)
    assert "brief_title" not in whole.answers
    assert whole.typed == {}
    shown = client.get(check_url(whole))
    assert heading(shown) == f"{whole.study.number}, without a public title"
    assert shown_item(shown, "Public title").lacks == "still needed"
    assert shown.context["meter"].value == counted - 1
    assert "Not answered: Public title." in text(shown)
    listed = text(client.get(reverse("registry:drafts")))
    assert f"{whole.study.number}, without a public title" in listed
    refused = client.post(check_url(whole), {"revision": whole.revision})
    assert "Still to be answered: Public title." in text(refused)


def test_what_is_to_be_put_right_counts_as_open(enter, cast, whole):
    client = enter(cast.sponsor)
    counted = client.get(check_url(whole)).context["meter"].value
    send(client, whole, "identity", brief_title="x" * 301)
    shown = client.get(check_url(whole))
    assert heading(shown) == f"{whole.study.number}, without a public title"
    assert shown_item(shown, "Public title").lacks == "to be put right"
    assert shown.context["meter"].value == counted - 1
    send(client, whole, "identity", brief_title="Night light")
    assert client.get(check_url(whole)).context["meter"].value == counted


def test_an_item_says_what_the_list_of_what_is_needed_says(enter, cast, draft):
    save(draft, cast.sponsor, {"public_contacts": [{"name": "Study office"}]})
    shown = enter(cast.sponsor).get(check_url(draft))
    # Sponsors count as a source of support; the form asks for the others all the same.
    support = shown_item(shown, "Source(s) of monetary or material support")
    assert support.lacks == "still needed"
    contact = shown_item(shown, "Contact for public queries")
    assert contact.lacks == "not whole"
    assert contact.url.endswith("#head-public_contacts")
    assert "Row 1 lacks Telephone or E-mail." in text(shown)
    answered = sum(not one.lacks for one in shown.context["items"])
    assert shown.context["meter"].value == answered


def test_what_can_not_be_published_yet_shows_the_button_and_why(enter, cast, draft, whole):
    client = enter(cast.sponsor)
    button = re.compile(r'<button type="button"[^>]*aria-disabled="true"[^>]*> Publish </button>')
    assert not button.search(text(client.get(check_url(whole))))
    save(whole, cast.sponsor, {"conditions": [], "countries": ["Atlantis"]})
    said = text(client.get(check_url(whole)))
    assert button.search(said)
    # What fits badly is told before the rest is answered; nothing is to be ticked yet.
    assert "Atlantis&#x27; is no country" in said
    assert "I have checked these" not in said


def test_a_refused_publishing_holds_nothing_to_be_lost(enter, cast, whole):
    save(whole, cast.sponsor, {"countries": ["Atlantis"]})
    whole.refresh_from_db()
    answer = enter(cast.sponsor).post(check_url(whole), {"revision": whole.revision})
    assert answer.context["form"].errors["checked"]
    assert 'data-guard="kept"' in answer.content.decode()


# -- who stands behind it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "is_doubted"),
    [
        ("Damar Therapeutics", False),
        ("DAMAR Therapeutics Ltd", False),
        ("Kempas Medical Centre", True),
    ],
)
def test_a_sponsor_of_another_name_is_published_once_somebody_looked(
    named, is_doubted, enter, cast, whole
):
    save(whole, cast.sponsor, {"lead_sponsor": {"name": named}})
    whole.refresh_from_db()
    client = enter(cast.sponsor)
    said = "on behalf of Damar Therapeutics; the sponsor named is Kempas Medical Centre."
    assert (said in text(client.get(check_url(whole)))) is is_doubted
    answer = client.post(check_url(whole), {"revision": whole.revision})
    assert (answer.status_code == 302) is not is_doubted
    assert whole.study.registrations.exists() is not is_doubted
    if is_doubted:
        ticked = {"revision": whole.revision, "checked": "on"}
        assert client.post(check_url(whole), ticked).status_code == 302


def test_numbers_of_this_register_are_known(enter, cast, register, draft):
    own, other = draft.study.number, register.lantern.number
    rows = [{"id_text": one} for one in (own, other.lower().replace("-", " "), "TMB-999999")]
    save(draft, cast.sponsor, {"secondary_ids": rows})
    client = enter(cast.sponsor)
    said = {one["text"]: one["says"] for one in client.get(check_url(draft)).context["numbers"]}
    assert said[own] == "It is this study's already."
    assert "of another study" in said[other]
    assert "no study that you may see" in said["TMB-999999"]


# -- more than fits -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "field", "other"),
    [
        ("identity", "brief_title", {"acronym": "DUSK"}),
        ("people", "public_contacts-0-email", {"support_sources": "Gelam"}),
        ("progress", "start_dtc", {"overall_status": "RECRUITING"}),
        ("participants", "sex", {"minimum_age": "21 Years"}),
    ],
)
def test_what_is_far_too_long_is_not_kept_and_the_rest_is(key, field, other, enter, cast, whole):
    client, before = enter(cast.sponsor), dict(whole.answers)
    huge = "x" * 100_000
    answer = send(client, whole, key, **{field: huge}, **other)
    shown = answer.context["form"]
    assert answer.status_code == 200
    assert answer.redirect_chain == []
    assert "Too much was typed here" in shown.errors[field].as_text()
    assert shown[field].value() == huge
    assert 'data-guard="unkept"' in answer.content.decode()
    assert whole.typed == {}
    asked = field.partition("-")[0]
    assert whole.answers[asked] == before[asked] if asked in before else True
    [name] = other
    assert whole.answers[name] != before.get(name)
    # What was saved is what the page is compared with from here on.
    assert answer.context["revision"] == whole.revision


def test_what_is_far_too_long_is_shown_in_part_beside_what_another_saved(enter, cast, draft):
    save(draft, cast.analyst, {"brief_title": "Title of the analyst"})
    sent = posted("identity", {"brief_title": "x" * 100_000}, revision=0)
    answer = enter(cast.sponsor).post(page_url(draft), sent)
    [title] = [one for one in answer.context["differing"] if one.field == "brief_title"]
    assert len(title.mine) == 5_001
    assert answer.context["form"]["brief_title"].value() == "x" * 100_000


def test_an_action_keeps_no_more_than_the_form(cast, draft):
    with pytest.raises(actions.DraftRefused, match="too much was typed"):
        actions.save_draft(
            draft=draft,
            answers={},
            typed={"acronym": {"acronym": ["x" * 20_001]}},
            revision=0,
            by=cast.sponsor,
            at=timezone.now(),
        )


@pytest.mark.parametrize("n", ["151", "99999", "1000000", "9" * 400])
def test_a_list_has_no_more_rows_than_fit_whatever_is_said(n, enter, cast, draft):
    sent = {"collaborators-n": n, "collaborators-0-name": "Sena", "lead_sponsor-kind": "NONE"}
    send(enter(cast.sponsor), draft, "people", **sent)
    assert draft.answers["collaborators"] == [{"name": "Sena"}]
    many = {"public_contacts-n": n, "public_contacts-0-email": "nowhere"}
    send(enter(cast.sponsor), draft, "people", **many)
    assert draft.typed["public_contacts"]["public_contacts-n"] == ["150"]


# -- rows, headings, faults -----------------------------------------------------------------------


def test_one_of_two_blank_rows_is_removed_and_it_is_said(enter, cast, draft):
    client = enter(cast.sponsor)
    sent = posted("people", {"collaborators": [{"name": "Sena"}, {}, {}]}, revision=0)
    answer = client.post(page_url(draft, "people"), sent | {"go": "remove:collaborators:1"})
    place, _, anchor = answer["Location"].partition("#")
    shown = client.get(place)
    assert shown.context["form"].n_rows("collaborators") == 2
    said = "Row 2 of Secondary sponsors and collaborators is removed; 2 rows are left."
    assert said in text(shown)
    assert f'id="{anchor}" tabindex="-1"' in text(shown)


@pytest.mark.parametrize("removed", ["", "nothing:1", "collaborators:", "brief_title:2", "x" * 99])
def test_a_forged_notice_of_a_removed_row_says_nothing(removed, enter, cast, draft):
    shown = enter(cast.sponsor).get(page_url(draft, "people"), {"removed": removed})
    assert "is removed" not in text(shown)


def test_faults_say_in_which_row_they_are(enter, cast, draft):
    rows = {"public_contacts": [{"name": "Desk", "email": "a"}, {"name": "Hall", "email": "b"}]}
    sent = posted("people", rows, revision=0)
    said = text(enter(cast.sponsor).post(page_url(draft, "people"), sent, follow=True))
    assert "Contact for the public 1, E-mail: " in said
    assert "Contact for the public 2, E-mail: " in said


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Sleep", "Sleep"),
        ("Nightlight " * 20, "Nightlight " * 13 + "Nightlight…"),
        ("光" * 200, "光" * 159 + "…"),
    ],
)
def test_a_long_title_is_cut_between_words(title, shown, enter, cast, draft):
    save(draft, cast.sponsor, {"brief_title": title.strip()})
    assert heading(enter(cast.sponsor).get(page_url(draft))) == shown


def test_a_title_is_one_line_in_the_record_and_wraps_on_both_pages(enter, cast, draft):
    client = enter(cast.sponsor)
    for url in (page_url(draft), reverse("registry:register")):
        assert '<textarea name="' in text(client.get(url)).split("Public title")[1][:900]
    send(client, draft, "identity", brief_title="Night light\r\n  and sleep")
    assert draft.answers["brief_title"] == "Night light and sleep"


@pytest.mark.parametrize("name", ["draft", "draft_published"])
def test_sending_something_to_a_page_that_only_shows_says_so(name, enter, cast, whole):
    answer = enter(cast.sponsor).post(reverse(f"registry:{name}", args=[whole.study_id]))
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]
    assert "Nothing was changed." in text(answer)
    assert "<title>Error: " in text(answer)


# -- opening, and who may -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("find", "said"),
    [
        ("kempas", "1 organisation for “kempas”. Choose below."),
        ("zebra", "No organisation has “zebra” in a name."),
    ],
)
def test_looking_for_an_organisation_lands_on_what_was_found(find, said, enter, cast, bodies):
    client, url = enter(cast.analyst), reverse("registry:register")
    assert 'id="found"' not in client.get(url).content.decode()
    shown = client.get(url).content.decode()
    assert shown.count('formaction="#found"') == 2  # the button, and what Enter presses
    answer = text(client.post(url, {"title": "Sleep", "find": find, "go": "find"}))
    assert said in answer
    assert answer.count('id="found" tabindex="-1"') == 1
    assert said in re.search(r"<title>(.*?)</title>", answer)[1]


def test_a_title_with_a_hidden_sign_is_refused_where_it_is_typed(enter, cast, bodies):
    sent = {"title": "Sleep\u202e peels", "behalf": bodies.damar.pk}
    answer = enter(cast.sponsor).post(reverse("registry:register"), sent)
    assert "turns the direction of words" in answer.context["form"].errors["title"].as_text()
    assert not StudyDraft.objects.exists()


def test_who_may_not_register_reads_why_among_the_drafts(enter, cast, register):
    site = StudySite.objects.first()
    people.grant_role(
        person=cast.nobody,
        role=Role.PRINCIPAL_INVESTIGATOR,
        scope=site.scope,
        by=None,
        at=timezone.now(),
    )
    said = text(enter(cast.nobody).get(reverse("registry:drafts")))
    assert reverse("registry:register") not in said.split("<main", 1)[1]
    assert "Ask the research office of your institution" in said
    assert reverse("registry:register") in text(enter(cast.sponsor).get(reverse("registry:drafts")))

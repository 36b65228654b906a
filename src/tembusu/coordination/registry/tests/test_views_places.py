"""The review queue: one decision settles every location of a name, and can be taken again."""

import pytest
from django.urls import reverse

from tembusu.coordination.registry.actions import places as actions
from tembusu.coordination.registry.models import Place, StudySite
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core import audit
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.models import Organisation
from tembusu.foundation.people.terms import OrganisationKind


@pytest.mark.parametrize("who", ["sponsor", "representative", "administrator", "nobody"])
def test_the_queue_exists_only_for_those_who_may_decide(enter, cast, unclear, who):
    client = enter(getattr(cast, who))
    for url in ("/places/", f"/places/{unclear.pk}/"):
        assert client.get(url).status_code == 404
    for verb in ("settle", "reject", "register"):
        assert client.post(f"/places/{unclear.pk}/{verb}/", {"reason": "x"}).status_code == 404
    assert client.post("/places/accept/", {"row": [unclear.pk]}).status_code == 404
    assert client.post("/places/undo/", {"decision": f"{unclear.pk} "}).status_code == 404
    unclear.refresh_from_db()
    assert unclear.decided_at is None
    assert selectors.count_open(getattr(cast, who)) is None
    assert selectors.count_by_state(getattr(cast, who)) == {}


def test_a_name_says_what_its_decision_settles(enter, cast, unclear):
    page = enter(cast.analyst).get("/places/?state=unresolved").content.decode()
    assert "Halia Clinic West" in page
    assert "settles 3 locations in 2 studies" in page


def test_one_decision_settles_all_its_studies_and_says_by_whom(enter, cast, bodies, unclear):
    client = enter(cast.analyst)
    response = client.post(
        f"/places/{unclear.pk}/settle/",
        {"organisation": bodies.kempas.pk, "back": "/places/?state=unresolved"},
    )
    assert response["Location"] == "/places/?state=unresolved"
    assert StudySite.objects.filter(organisation_id=bodies.kempas.pk).count() == 2
    page = client.get(f"/places/{unclear.pk}/").content.decode()
    assert "Decided by Nadia" in page
    assert "What was decided" in page
    settled = client.get("/places/?state=settled").content.decode()
    assert "Kempas Medical Centre" in settled


def test_a_decision_is_undone_by_deciding_again(enter, cast, bodies, unclear):
    client = enter(cast.analyst)
    for body in (bodies.kempas, bodies.raintree):
        client.post(f"/places/{unclear.pk}/settle/", {"organisation": body.pk})
    unclear.refresh_from_db()
    assert unclear.organisation_id == bodies.raintree.pk
    assert not StudySite.objects.filter(organisation_id=bodies.kempas.pk).exists()
    client.post(f"/places/{unclear.pk}/reject/", {"reason": "It closed in 2019."})
    unclear.refresh_from_db()
    assert (unclear.state, unclear.explanation) == (PlaceState.REJECTED, "It closed in 2019.")


def test_the_next_import_finds_the_decision(enter, cast, bodies, unclear, bring):
    enter(cast.analyst).post(f"/places/{unclear.pk}/settle/", {"organisation": bodies.kempas.pk})
    where = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}
    bring(trial(31, locations=[where]))
    assert StudySite.objects.filter(organisation_id=bodies.kempas.pk).count() == 3


@pytest.mark.parametrize("organisation", ["", "x", "0", "999999", "99999999999999999999999"])
def test_an_organisation_that_is_not_there_is_404(enter, cast, unclear, organisation):
    response = enter(cast.analyst).post(
        f"/places/{unclear.pk}/settle/", {"organisation": organisation}
    )
    assert response.status_code == 404


@pytest.mark.parametrize("reason", ["", "   "])
def test_no_institution_needs_a_reason(enter, cast, unclear, reason):
    response = enter(cast.analyst).post(f"/places/{unclear.pk}/reject/", {"reason": reason})
    assert response.status_code == 200
    assert response.context["reject_form"].errors
    unclear.refresh_from_db()
    assert unclear.state == PlaceState.UNRESOLVED


def test_an_institution_is_registered_from_the_name_and_settled(enter, cast, unclear):
    client = enter(cast.analyst)
    form = client.get(f"/places/{unclear.pk}/").context["register_form"]
    assert form.initial == {"name": "Halia Clinic West", "city": "Singapore", "country": "SG"}
    client.post(f"/places/{unclear.pk}/register/", {**form.initial, "kind": "institution"})
    unclear.refresh_from_db()
    assert unclear.organisation.name == "Halia Clinic West"


@pytest.mark.parametrize("name", ["Local Institution", "Research Site"])
def test_a_name_of_no_particular_place_becomes_no_institution(name, enter, cast, bring):
    bring(trial(13, locations=[{"facility": name, "city": "Singapore", "country": "Singapore"}]))
    place = Place.objects.get(name=name)
    client = enter(cast.analyst)
    form = client.get(f"/places/{place.pk}/").context["register_form"]
    assert form.initial["name"] == ""
    sent = {**form.initial, "kind": "institution", "name": name}
    answer = client.post(f"/places/{place.pk}/register/", sent)
    assert "names no institution" in answer.content.decode()
    assert not Organisation.objects.filter(name=name).exists()
    client.post(f"/places/{place.pk}/register/", {**sent, "name": "Halia Clinic West"})
    place.refresh_from_db()
    assert place.organisation.name == "Halia Clinic West"


def test_an_institution_that_is_registered_already_is_refused_and_nothing_changes(
    enter, cast, bodies, unclear
):
    response = enter(cast.analyst).post(
        f"/places/{unclear.pk}/register/",
        {
            "name": "Kempas Medical Centre",
            "city": "Singapore",
            "country": "SG",
            "kind": "institution",
        },
    )
    assert "registered already" in str(response.context["register_form"].errors)
    unclear.refresh_from_db()
    assert unclear.organisation is None
    assert Organisation.objects.filter(name="Kempas Medical Centre").count() == 1


def test_another_organisation_is_found_by_part_of_its_name(enter, cast, unclear):
    client = enter(cast.analyst)
    found = client.get(f"/places/{unclear.pk}/?find=kempas").context["found"]
    assert [one.name for one in found] == ["Kempas Medical Centre"]
    assert (
        "No organisation bears" in client.get(f"/places/{unclear.pk}/?find=zzzz").content.decode()
    )


@pytest.fixture
def proposed(unclear, bodies):
    """The same name with a proposal."""
    unclear.state = PlaceState.PROPOSED
    unclear.alternatives = [[bodies.kempas.pk, 0.83], [bodies.raintree.pk, 0.7]]
    unclear.explanation = "Close to Kempas Medical Centre"
    unclear.save()
    return unclear


def test_a_proposal_is_shown_with_its_confidence_and_accepted_in_bulk(
    enter, cast, bodies, proposed
):
    client = enter(cast.analyst)
    page = client.get("/places/").content.decode()
    assert "83% alike" in page
    assert "Kempas Medical Centre" in page
    assert selectors.count_open(cast.analyst) == 1
    response = client.post("/places/accept/", {"row": [proposed.pk, "x", "999"]}, follow=True)
    assert "1 name settled, in 2 studies" in response.content.decode()
    proposed.refresh_from_db()
    assert (proposed.organisation_id, proposed.decided_by) == (bodies.kempas.pk, cast.analyst)


def test_bulk_without_a_proposal_settles_nothing(enter, cast, unclear):
    response = enter(cast.analyst).post("/places/accept/", {"row": [unclear.pk]}, follow=True)
    assert "Nothing was settled" in response.content.decode()


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/places/../x\r\nA:b", "javascript:alert(1)"],
)
def test_a_decision_leads_back_within_the_queue_only(enter, cast, bodies, unclear, back):
    response = enter(cast.analyst).post(
        f"/places/{unclear.pk}/settle/", {"organisation": bodies.kempas.pk, "back": back}
    )
    assert response["Location"].startswith("/places/")


def test_the_home_country_comes_first_then_the_most_frequent(enter, cast, bring):
    def at(name, country):
        return {"facility": name, "city": "Town", "country": country}

    bring(
        trial(1, locations=[at("Ulin Clinic", "France")] * 3 + [at("Jati Clinic", "Singapore")]),
        trial(2, locations=[at("Nibong Clinic", "Singapore")] * 2 + [at("Lumut Clinic", "France")]),
    )
    response = enter(cast.analyst).get("/places/?state=unresolved")
    assert [line["place"].name for line in response.context["lines"]] == [
        "Nibong Clinic",
        "Jati Clinic",
        "Ulin Clinic",
        "Lumut Clinic",
    ]
    only = enter(cast.analyst).get("/places/?state=unresolved&country=France&q=lumut")
    assert [line["place"].name for line in only.context["lines"]] == ["Lumut Clinic"]


@pytest.mark.parametrize("query", ["state=zzz", "country=%00", "q=" + "x" * 5000, "find=%00"])
def test_odd_addresses_show_a_queue(enter, cast, unclear, query):
    client = enter(cast.analyst)
    assert client.get(f"/places/?{query}").status_code == 200
    assert client.get(f"/places/{unclear.pk}/?{query}").status_code == 200
    assert client.get("/places/?after=zzz").status_code == 404


def test_the_queue_asks_the_database_a_bounded_number_of_times(
    enter, cast, bring, django_assert_max_num_queries
):
    many = [{"facility": f"Clinic {no}", "city": "Lyon", "country": "France"} for no in range(60)]
    bring(trial(1, locations=many))
    assert Place.objects.count() == 60
    client = enter(cast.analyst)
    with django_assert_max_num_queries(44):
        client.get("/places/?state=unresolved")


def test_the_page_says_before_the_button_what_will_follow(enter, cast, proposed):
    page = enter(cast.analyst).get(f"/places/{proposed.pk}/").content.decode()
    words = " ".join(page.split())
    said = "3 locations in 2 studies become Kempas Medical Centre; the next import remembers it."
    assert words.index(said) < words.index("This one")
    assert "3 locations in 2 studies become the institution that you choose" in words
    assert words.index("This one") < words.index("Where it occurs")


def test_a_decision_is_said_with_the_way_back_until_the_next_act(enter, cast, bodies, unclear):
    client = enter(cast.analyst)
    sent = {"organisation": bodies.kempas.pk, "seen": ""}
    page = client.post(f"/places/{unclear.pk}/settle/", sent, follow=True)
    offer = page.context["decided"]
    assert offer.said == "“Halia Clinic West” is Kempas Medical Centre: settled in 2 studies."
    assert offer.is_new
    # Whoever opens the page again, or another one, still finds the way back; it takes no focus then.
    for url in ("/places/", f"/places/{unclear.pk}/"):
        page = client.get(url)
        assert page.context["decided"].marks == offer.marks
        assert "autofocus" not in page.content.decode()
    back = client.post("/places/undo/", {"decision": offer.marks}, follow=True)
    assert "Undone: “Halia Clinic West” is not resolved, as before." in back.content.decode()
    assert client.get("/places/").context["decided"] is None
    unclear.refresh_from_db()
    assert (unclear.state, unclear.decided_at) == (PlaceState.UNRESOLVED, None)
    assert not StudySite.objects.exists()


def test_many_decisions_are_undone_at_once(enter, cast, proposed):
    client = enter(cast.analyst)
    page = client.post("/places/accept/", {"row": [proposed.pk]}, follow=True)
    client.post("/places/undo/", {"decision": page.context["decided"].marks})
    proposed.refresh_from_db()
    assert (proposed.state, len(proposed.alternatives)) == (PlaceState.PROPOSED, 2)


def test_the_page_of_a_decided_name_offers_to_undo_it(enter, cast, bodies, unclear):
    client = enter(cast.analyst)
    client.post(f"/places/{unclear.pk}/reject/", {"reason": "It closed in 2019."})
    client.get("/places/")
    page = client.get(f"/places/{unclear.pk}/")
    assert "Undo this decision" in page.content.decode()
    client.post("/places/undo/", {"decision": page.context["undo_mark"]})
    unclear.refresh_from_db()
    assert unclear.state == PlaceState.UNRESOLVED
    again = client.post("/places/undo/", {"decision": page.context["undo_mark"]}, follow=True)
    assert "Somebody took back" in again.content.decode()


@pytest.mark.parametrize("mark", ["", "x", "1", "99999999999999999999 x", "-1 x", "²  x"])
def test_odd_marks_undo_nothing(enter, cast, unclear, mark):
    answer = enter(cast.analyst).post("/places/undo/", {"decision": mark}, follow=True)
    assert answer.status_code == 200


def test_who_decides_second_is_told_and_loses_nothing(enter, cast, bodies, unclear):
    enter(cast.analyst).post(f"/places/{unclear.pk}/settle/", {"organisation": bodies.kempas.pk})
    client = enter(cast.lead)
    sent = {"organisation": bodies.raintree.pk, "seen": ""}
    answer = client.post(f"/places/{unclear.pk}/settle/", sent, follow=True)
    assert "Nadia decided" in answer.content.decode()
    answer = client.post(f"/places/{unclear.pk}/reject/", {"reason": "Closed", "seen": ""})
    assert "Nadia decided" in answer.content.decode()
    assert "Closed" in answer.content.decode()
    sent = {"name": "Halia Clinic", "city": "", "country": "SG", "kind": "institution", "seen": ""}
    answer = client.post(f"/places/{unclear.pk}/register/", sent)
    assert "Nadia decided" in answer.content.decode()
    assert not Organisation.objects.filter(name="Halia Clinic").exists()
    unclear.refresh_from_db()
    assert unclear.organisation_id == bodies.kempas.pk


def test_after_find_the_number_found_takes_the_focus(enter, cast, unclear):
    client = enter(cast.analyst)
    page = client.get(f"/places/{unclear.pk}/?find=kempas").content.decode()
    words = " ".join(page.split())
    assert "1 organisation with “kempas” in a name" in words
    heading = words[words.index("<h4") : words.index("</h4>")]
    assert 'id="found"' in heading
    assert "autofocus" in heading
    assert 'action="#found"' in words


def test_what_is_found_begins_with_the_names_country(enter, cast, bodies, unclear):
    for country in ("FR", "SG"):
        people.register_organisation(
            kind=OrganisationKind.INSTITUTION,
            name=f"Angsana {country}",
            country=country,
            by=None,
            at=AT,
        )
    found = enter(cast.analyst).get(f"/places/{unclear.pk}/?find=angsana").context["found"]
    assert [one.name for one in found] == ["Angsana SG", "Angsana FR"]


def test_every_study_of_a_name_is_listed(enter, cast, bring, bodies):
    where = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}
    bring(*(trial(no, f"Trial {no}", locations=[where]) for no in range(1, 13)))
    place = Place.objects.get(name="Halia Clinic West")
    client = enter(cast.analyst)
    page = " ".join(client.get(f"/places/{place.pk}/").content.decode().split())
    assert "4 more: show all 12 studies" in page
    rows = client.get(f"/places/{place.pk}/studies/").context["page"].rows
    assert [row.index.title for row in rows] == [f"Trial {no}" for no in range(12, 0, -1)]
    assert enter(cast.sponsor).get(f"/places/{place.pk}/studies/").status_code == 404


def test_settling_without_the_right_is_refused_by_the_action_itself(cast, bodies, unclear):
    from django.core.exceptions import PermissionDenied
    from django.utils import timezone

    with pytest.raises(PermissionDenied):
        actions.settle_place(
            place=unclear, organisation_id=bodies.kempas.pk, by=cast.sponsor, at=timezone.now()
        )


def registered(client, place):
    """Settle a name with an organisation that is registered for it; return the marks to undo it."""
    initial = client.get(f"/places/{place.pk}/").context["register_form"].initial
    sent = {**initial, "kind": "institution"}
    page = client.post(f"/places/{place.pk}/register/", sent, follow=True)
    return page.context["decided"].marks


def test_undoing_withdraws_what_the_decision_registered(enter, cast, unclear):
    before = unclear.explanation
    client = enter(cast.analyst)
    marks = registered(client, unclear)
    body = Organisation.objects.get(name="Halia Clinic West")
    page = client.post("/places/undo/", {"decision": marks}, follow=True).content.decode()
    assert "is not resolved, as before. Halia Clinic West, which that decision registered" in page
    assert not Organisation.objects.filter(name="Halia Clinic West").exists()
    unclear.refresh_from_db()
    assert (unclear.state, unclear.explanation) == (PlaceState.UNRESOLVED, before)
    event = audit.last_event(f"people.Organisation:{body.pk}")
    assert (event.event, event.by) == ("people.organisation.withdrawn", "Nadia")
    registered(client, unclear)
    assert Organisation.objects.filter(name="Halia Clinic West").count() == 1


def test_what_others_need_by_now_stays_and_undoing_says_why(enter, cast, unclear, bring):
    client = enter(cast.analyst)
    marks = registered(client, unclear)
    body = Organisation.objects.get(name="Halia Clinic West")
    where = {"facility": "Halia Clinic East", "city": "Singapore", "country": "Singapore"}
    bring(trial(31, locations=[where]))
    other = Place.objects.get(name="Halia Clinic East")
    client.post(f"/places/{other.pk}/settle/", {"organisation": body.pk})
    page = client.post("/places/undo/", {"decision": marks}, follow=True).content.decode()
    assert "Halia Clinic West stays registered: it is needed by 1 place and 1 study site." in page
    url = reverse("people:organisation", args=[body.pk])
    assert f'<a href="{url}">Open Halia Clinic West</a>' in page
    unclear.refresh_from_db()
    assert unclear.organisation is None
    assert unclear.explanation.startswith("Halia Clinic West is registered since")


def test_undoing_another_decision_leaves_the_organisation_alone(enter, cast, unclear):
    client = enter(cast.analyst)
    registered(client, unclear)
    body = Organisation.objects.get(name="Halia Clinic West")
    client.post(f"/places/{unclear.pk}/reject/", {"reason": "It closed in 2019."})
    page = client.post(f"/places/{unclear.pk}/settle/", {"organisation": body.pk}, follow=True)
    client.post("/places/undo/", {"decision": page.context["decided"].marks})
    unclear.refresh_from_db()
    assert unclear.state == PlaceState.REJECTED
    assert Organisation.objects.filter(pk=body.pk).exists()


@pytest.fixture
def three(bring):
    """Three unresolved names of one country, by how often they occur, and one of another."""

    def at(name, country):
        return {"facility": name, "city": "Town", "country": country}

    names = ["Ulin Clinic"] * 3 + ["Jati Clinic"] * 2 + ["Lumut Clinic"]
    bring(
        trial(1, locations=[at(name, "France") for name in names] + [at("Nibong Clinic", "Chad")])
    )
    return [Place.objects.get(name=name) for name in ("Ulin Clinic", "Jati Clinic", "Lumut Clinic")]


def test_deciding_goes_on_with_the_next_name_of_the_queue(enter, cast, bodies, three):
    client, queue = enter(cast.analyst), "state=unresolved&country=France"
    first = client.get(f"/places/?{queue}").context["lines"][0]
    assert first["place"] == three[0]
    page = client.get(first["url"])
    assert page.context["queue"].query == queue
    sent = {"organisation": bodies.kempas.pk, "seen": "", "queue": queue}
    page = client.post(f"/places/{three[0].pk}/settle/", sent, follow=True)
    assert page.context["place"] == three[1]
    assert page.context["decided"].said.startswith("“Ulin Clinic” is Kempas Medical Centre")
    assert page.context["crumbs"][0].url == f"/places/?{queue}"
    sent = {"reason": "It closed.", "seen": "", "queue": queue}
    page = client.post(f"/places/{three[1].pk}/reject/", sent, follow=True)
    assert page.context["place"] == three[2]
    last = client.post(f"/places/{three[2].pk}/reject/", sent)
    assert last["Location"] == f"/places/?{queue}"


@pytest.mark.parametrize("queue", ["", "x", "state=zzz", "state=%00", "country=France", "%" * 2000])
def test_what_is_no_queue_leads_to_the_list(enter, cast, bodies, three, queue):
    sent = {"organisation": bodies.kempas.pk, "queue": queue}
    answer = enter(cast.analyst).post(f"/places/{three[0].pk}/settle/", sent)
    assert answer["Location"] == "/places/"


def test_the_number_in_the_menu_says_what_it_counts(enter, cast, proposed, three):
    page = " ".join(enter(cast.analyst).get("/places/").content.decode().split())
    assert '<span class="away"> wait for a decision</span>' in page
    said = "1 name waits for a decision: 1 proposal, and 0 in Singapore that are not resolved."
    assert said in page


@pytest.mark.parametrize("verb", ["settle", "reject", "register"])
def test_the_address_of_a_decision_opened_again_leads_to_the_name(enter, cast, unclear, verb):
    answer = enter(cast.analyst).get(f"/places/{unclear.pk}/{verb}/")
    assert answer["Location"] == f"/places/{unclear.pk}/"
    assert enter(cast.sponsor).get(f"/places/{unclear.pk}/{verb}/").status_code == 404


@pytest.mark.parametrize("verb", ["reject", "register"])
def test_a_decision_with_something_missing_says_so_in_its_title(enter, cast, unclear, verb):
    page = enter(cast.analyst).post(f"/places/{unclear.pk}/{verb}/", {}).content.decode()
    assert "<title>Error: Halia Clinic West" in " ".join(page.split())


@pytest.mark.parametrize("country", ["ZZ", "Singapor", "S", ""])
def test_an_institution_is_registered_in_a_country_that_there_is(enter, cast, unclear, country):
    sent = {"name": "Halia Clinic West", "kind": "institution", "country": country}
    page = enter(cast.analyst).post(f"/places/{unclear.pk}/register/", sent)
    [said] = page.context["register_form"].errors["country"]
    assert "This field is required." in said or "ISO 3166" in said
    assert not Organisation.objects.filter(name="Halia Clinic West").exists()


def test_a_country_is_given_by_its_name_too(enter, cast, unclear):
    sent = {"name": "Halia Clinic West", "kind": "institution", "country": "Viet Nam"}
    enter(cast.analyst).post(f"/places/{unclear.pk}/register/", sent)
    assert Organisation.objects.get(name="Halia Clinic West").country == "VN"


def test_the_list_that_is_shown_is_named(enter, cast, proposed):
    client = enter(cast.analyst)
    assert "<title>Places: Proposals" in client.get("/places/").content.decode()
    client.post(f"/places/{proposed.pk}/reject/", {"reason": "A street."})
    page = client.get("/places/").content.decode()
    assert "<title>Places: Not resolved" in page
    assert "Places: Not resolved</h1>" in " ".join(page.split()).replace(" </h1>", "</h1>")

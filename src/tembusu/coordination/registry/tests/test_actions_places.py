"""Locations find their organisations, and one decision on a name settles all that share it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.actions import index, places
from tembusu.coordination.registry.actions.places import deciding
from tembusu.coordination.registry.models import (
    Place,
    Registration,
    StudyIndex,
    StudyLocation,
    StudySite,
)
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.models import AuditEvent, OutboxEvent
from tembusu.foundation.core.states import IllegalMove
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import Role

pytestmark = pytest.mark.django_db

LATER, LAST = AT + timedelta(hours=1), AT + timedelta(hours=2)
HALIA = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}
RAIN = {"facility": "Rain Tree General Hospital", "city": "Singapore", "country": "Singapore"}
RAIN_WARD = RAIN | {"facility": "Rain Tree General Hospital, Department of Haematology"}
NOWHERE = {"facility": "Research Site", "city": "Lyon", "country": "France"}


def at(no, *locations, updated="2026-02-01"):
    return trial(no, locations=list(locations), updated=updated)


def study_of(no):
    return Registration.objects.get(registry_no=f"NCT0999{no:04}").study


def sites_of(no):
    sites = StudySite.objects.filter(study=study_of(no))
    return set(sites.values_list("organisation__names__name", flat=True))


def organisations_in_index(no):
    facets = StudyIndex.objects.get(study=study_of(no)).facets
    return {int(f.removeprefix("organisation:")) for f in facets if f.startswith("organisation:")}


def place(name):
    return Place.objects.get(name=name)


def settle(name, body, by, at=AT, **more):
    return places.settle_place(place=place(name), organisation_id=body.pk, by=by, at=at, **more)


def undo(*names, by, at=LATER):
    seen = {place(name).pk: selectors.mark(place(name)) for name in names}
    return places.undo_decisions(seen=seen, by=by, at=at)


def meaning(name):
    """Return all that a decision may change of a place."""
    return Place.objects.filter(name=name).values(*deciding.MEANING).get()


# -- when records come in -----------------------------------------------------------------------


def test_a_name_is_one_place_in_however_many_trials(bring):
    bring(at(1, HALIA, HALIA), at(2, HALIA, NOWHERE))
    assert {p.name: p.n_locations for p in Place.objects.all()} == {
        "Halia Clinic West": 3,
        "Research Site": 1,
    }
    assert place("Research Site").state == PlaceState.PLACEHOLDER
    assert StudyLocation.objects.count() == 4


def test_a_known_organisation_becomes_a_site_once_however_it_is_spelt(bring, bodies):
    bring(at(1, RAIN, RAIN_WARD))
    assert sites_of(1) == {"Rain Tree General Hospital"}
    assert organisations_in_index(1) == {bodies.raintree.pk}
    site = StudySite.objects.get()
    assert site.scope.parent_id == study_of(1).scope_id


def test_a_location_without_a_name_is_a_placeholder_that_is_counted(bring):
    bring(at(1, {"city": "Singapore", "country": "Singapore"}))
    found = Place.objects.get()
    assert (found.name, found.n_locations) == (places.NAMELESS, 1)
    assert found.organisation is None


def test_locations_that_go_are_counted_down_and_their_sites_end(bring, bodies):
    bring(at(1, RAIN, HALIA), at(2, RAIN))
    bring(at(1, HALIA, updated="2026-02-09"))
    assert place("Rain Tree General Hospital").n_locations == 1
    assert sites_of(1) == set()
    assert sites_of(2) == {"Rain Tree General Hospital"}
    assert organisations_in_index(1) == set()
    bring(at(1, updated="2026-02-10"))
    assert place("Halia Clinic West").n_locations == 0


def test_a_site_where_somebody_holds_a_role_stays_when_its_location_goes(bring, bodies, cast):
    bring(at(1, RAIN))
    people.grant_role(
        person=cast.nobody,
        role=Role.SITE_COORDINATOR,
        scope=StudySite.objects.get().scope,
        by=None,
        at=AT,
    )
    bring(at(1, HALIA, updated="2026-02-09"))
    assert sites_of(1) == {"Rain Tree General Hospital"}
    assert organisations_in_index(1) == {bodies.raintree.pk}


def test_a_location_that_stays_keeps_its_site(bring, bodies):
    bring(at(1, RAIN))
    before = StudySite.objects.get().pk
    bring(at(1, RAIN, HALIA, updated="2026-02-09"))
    assert StudySite.objects.get().pk == before


# -- when somebody decides ----------------------------------------------------------------------


def test_one_decision_settles_every_occurrence_and_the_next_import_remembers(bring, bodies, cast):
    bring(at(1, HALIA, HALIA), at(2, HALIA))
    assert settle("Halia Clinic West", bodies.kempas, cast.analyst).n_studies == 2
    for no in (1, 2):
        assert sites_of(no) == {"Kempas Medical Centre"}
        assert organisations_in_index(no) == {bodies.kempas.pk}
    bring(at(3, HALIA))
    assert sites_of(3) == {"Kempas Medical Centre"}
    found = place("Halia Clinic West")
    assert (found.state, found.decided_by, found.n_locations) == (
        PlaceState.SETTLED,
        cast.analyst,
        4,
    )


def test_a_decision_during_an_import_is_heard_by_its_next_batch(bring, bodies, cast):
    matching = places.Matching.load()
    bring(at(1, HALIA))
    matching.place_all([places.Located(study_of(1), {"locations": [HALIA]})], at=AT)
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    bring(at(2))
    matching.place_all([places.Located(study_of(2), {"locations": [HALIA]})], at=AT)
    assert sites_of(2) == {"Kempas Medical Centre"}


def test_another_decision_takes_back_what_only_this_name_gave(bring, bodies, cast):
    bring(at(1, HALIA), at(2, HALIA, RAIN))
    settle("Halia Clinic West", bodies.raintree, cast.analyst)
    assert sites_of(1) == {"Rain Tree General Hospital"}
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    assert sites_of(1) == {"Kempas Medical Centre"}
    assert sites_of(2) == {"Rain Tree General Hospital", "Kempas Medical Centre"}
    assert organisations_in_index(1) == {bodies.kempas.pk}


def test_a_name_that_stands_for_nothing_gives_no_site_now_or_later(bring, bodies, cast):
    bring(at(1, RAIN))
    with pytest.raises(places.PlaceRefused):
        places.reject_place(
            place=place("Rain Tree General Hospital"), by=cast.analyst, at=AT, reason=" "
        )
    places.reject_place(
        place=place("Rain Tree General Hospital"), by=cast.analyst, at=AT, reason="Another one"
    )
    assert sites_of(1) == set()
    bring(at(2, RAIN))
    assert sites_of(2) == set()
    places.rematch_places(by=cast.analyst, at=AT)
    assert place("Rain Tree General Hospital").state == PlaceState.REJECTED


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("analyst", True),
        ("lead", True),
        ("sponsor", False),
        ("representative", False),
        ("nobody", False),
    ],
)
def test_only_who_keeps_the_register_decides(bring, bodies, cast, who, may):
    bring(at(1, HALIA))
    by = getattr(cast, who)
    if may:
        assert settle("Halia Clinic West", bodies.kempas, by).n_studies == 1
        return
    with pytest.raises(PermissionDenied):
        settle("Halia Clinic West", bodies.kempas, by)
    with pytest.raises(PermissionDenied):
        places.reject_place(place=place("Halia Clinic West"), by=by, at=AT, reason="no")
    with pytest.raises(PermissionDenied):
        places.rematch_places(by=by, at=AT)
    assert place("Halia Clinic West").decided_at is None


def test_a_decision_leaves_who_what_and_why_and_is_announced(bring, bodies, cast):
    bring(at(1, HALIA))
    places.settle_place(
        place=place("Halia Clinic West"),
        organisation_id=bodies.kempas.pk,
        by=cast.analyst,
        at=AT,
        reason="Their letter",
    )
    event = AuditEvent.objects.get(event="registry.place.settled")
    assert (event.by_id, event.reason) == (cast.analyst.pk, "Their letter")
    assert event.change["organisation"] == [None, bodies.kempas.pk]
    assert OutboxEvent.objects.latest("pk").payload == {"study_ids": [study_of(1).pk]}


def test_new_organisations_are_found_in_names_that_nobody_decided(bring, bodies, cast):
    bring(at(1, HALIA), at(2, NOWHERE))
    from tembusu.foundation.people.terms import OrganisationKind

    people.register_organisation(
        kind=OrganisationKind.INSTITUTION,
        name="Halia Clinic West",
        country="SG",
        city="Singapore",
        by=None,
        at=AT,
    )
    assert places.rematch_places(by=None, at=AT) == {"names": 1, "studies": 1}
    assert sites_of(1) == {"Halia Clinic West"}
    assert places.rematch_places(by=None, at=AT) == {"names": 0, "studies": 0}


# -- deciding otherwise, undoing, two people at once --------------------------------------------


def test_who_has_a_role_at_a_site_keeps_it_when_its_name_gets_another_meaning(bring, bodies, cast):
    bring(at(1, RAIN))
    people.grant_role(
        person=cast.nobody,
        role=Role.SITE_COORDINATOR,
        scope=StudySite.objects.get().scope,
        by=None,
        at=AT,
    )
    settle("Rain Tree General Hospital", bodies.kempas, cast.analyst)
    assert sites_of(1) == {"Rain Tree General Hospital", "Kempas Medical Centre"}


def test_the_same_decision_twice_is_refused(bring, bodies, cast):
    bring(at(1, HALIA))
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    with pytest.raises(places.PlaceRefused, match="already"):
        settle("Halia Clinic West", bodies.kempas, cast.lead, LATER)
    assert place("Halia Clinic West").decided_by == cast.analyst


def test_a_closed_organisation_is_refused(bring, bodies, cast):
    bring(at(1, HALIA))
    bodies.kempas.is_active = False
    bodies.kempas.save()
    with pytest.raises(places.PlaceRefused, match="closed"):
        settle("Halia Clinic West", bodies.kempas, cast.analyst)
    assert place("Halia Clinic West").state == PlaceState.UNRESOLVED


def test_the_second_of_two_people_is_told_and_overwrites_nothing(bring, bodies, cast):
    bring(at(1, HALIA))
    seen = selectors.mark(place("Halia Clinic West"))
    settle("Halia Clinic West", bodies.kempas, cast.analyst, seen=seen)
    with pytest.raises(places.StalePlace, match=r"Nadia decided .* Kempas Medical Centre"):
        settle("Halia Clinic West", bodies.raintree, cast.lead, LATER, seen=seen)
    with pytest.raises(places.StalePlace):
        places.reject_place(
            place=place("Halia Clinic West"), by=cast.lead, at=LATER, reason="x", seen=seen
        )
    assert sites_of(1) == {"Kempas Medical Centre"}


def test_undoing_puts_back_the_earlier_state_and_its_sites(bring, bodies, cast):
    bring(at(1, RAIN), at(2, RAIN, HALIA))
    before = meaning("Rain Tree General Hospital")
    settle("Rain Tree General Hospital", bodies.kempas, cast.analyst)
    assert sites_of(1) == {"Kempas Medical Centre"}
    [done] = undo("Rain Tree General Hospital", by=cast.lead)
    assert done.n_studies == 2
    assert meaning("Rain Tree General Hospital") == before
    for no in (1, 2):
        assert sites_of(no) == {"Rain Tree General Hospital"}
        assert organisations_in_index(no) == {bodies.raintree.pk}
    event = AuditEvent.objects.get(event="registry.place.undone")
    assert event.by_id == cast.lead.pk
    assert event.change["organisation"] == [bodies.kempas.pk, bodies.raintree.pk]
    assert len(OutboxEvent.objects.latest("pk").payload["study_ids"]) == 2


def test_decisions_are_undone_one_after_the_other(bring, bodies, cast):
    bring(at(1, HALIA))
    untold = meaning("Halia Clinic West")
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    first = meaning("Halia Clinic West")
    places.reject_place(place=place("Halia Clinic West"), by=cast.lead, at=LATER, reason="Closed")
    undo("Halia Clinic West", by=cast.lead, at=LAST)
    assert meaning("Halia Clinic West") == first
    assert sites_of(1) == {"Kempas Medical Centre"}
    undo("Halia Clinic West", by=cast.lead, at=LAST)
    assert meaning("Halia Clinic West") == untold
    assert sites_of(1) == set()


def test_an_import_after_undoing_finds_the_name_as_before(bring, bodies, cast):
    bring(at(1, HALIA))
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    undo("Halia Clinic West", by=cast.analyst)
    bring(at(2, HALIA))
    assert sites_of(2) == set()


def test_what_somebody_decided_since_is_not_undone(bring, bodies, cast):
    bring(at(1, HALIA))
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    seen = {place("Halia Clinic West").pk: selectors.mark(place("Halia Clinic West"))}
    settle("Halia Clinic West", bodies.raintree, cast.lead, LATER)
    with pytest.raises(places.StalePlace, match="Weiling"):
        places.undo_decisions(seen=seen, by=cast.analyst, at=LAST)
    assert sites_of(1) == {"Rain Tree General Hospital"}


def test_proposals_are_accepted_at_once_and_undone_at_once(bring, bodies, cast):
    bring(at(1, HALIA, RAIN), at(2, NOWHERE, HALIA))
    Place.objects.filter(name="Halia Clinic West").update(
        state=PlaceState.PROPOSED, alternatives=[[bodies.kempas.pk, 0.8]]
    )
    seen = {one.pk: selectors.mark(one) for one in Place.objects.all()}
    [done] = places.accept_proposals(seen=seen, by=cast.analyst, at=AT)
    assert (done.place.name, done.n_studies) == ("Halia Clinic West", 2)
    assert sites_of(2) == {"Kempas Medical Centre"}
    assert AuditEvent.objects.filter(event="registry.place.settled").count() == 1
    undo("Halia Clinic West", by=cast.analyst)
    assert place("Halia Clinic West").state == PlaceState.PROPOSED
    assert place("Halia Clinic West").alternatives == [[bodies.kempas.pk, 0.8]]
    assert places.accept_proposals(seen={}, by=cast.analyst, at=LAST) == []


def test_only_who_keeps_the_register_accepts_and_undoes(bring, bodies, cast):
    bring(at(1, HALIA))
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    for who in (cast.sponsor, cast.representative, cast.administrator, cast.nobody):
        with pytest.raises(PermissionDenied):
            undo("Halia Clinic West", by=who)
        with pytest.raises(PermissionDenied):
            places.accept_proposals(seen={}, by=who, at=LATER)
    assert place("Halia Clinic West").organisation_id == bodies.kempas.pk


# -- moves: each cell through the real actions --------------------------------------------------


def put(state, bodies):
    """Make the place be in a state, whoever or whatever brought it there."""
    body = bodies.raintree if state is PlaceState.SETTLED else None
    Place.objects.filter(name="Halia Clinic West").update(state=state, organisation=body)


@pytest.mark.parametrize("present", list(PlaceState))
def test_a_person_moves_a_name_from_any_state(present, bring, bodies, cast):
    bring(at(1, HALIA))
    put(present, bodies)
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    assert place("Halia Clinic West").state == PlaceState.SETTLED
    undo("Halia Clinic West", by=cast.analyst)
    assert place("Halia Clinic West").state == present
    places.reject_place(place=place("Halia Clinic West"), by=cast.analyst, at=LAST, reason="No")
    assert place("Halia Clinic West").state == PlaceState.REJECTED
    undo("Halia Clinic West", by=cast.analyst)
    assert place("Halia Clinic West").state == present


@pytest.mark.parametrize("present", list(PlaceState))
def test_what_nobody_decided_is_not_undone(present, bring, bodies, cast):
    bring(at(1, HALIA))
    put(present, bodies)
    before = meaning("Halia Clinic West")
    with pytest.raises(places.PlaceRefused, match="Nobody decided"):
        undo("Halia Clinic West", by=cast.analyst)
    assert meaning("Halia Clinic West") == before


@pytest.mark.parametrize("present", [one for one in PlaceState if one != PlaceState.REJECTED])
def test_matching_again_moves_what_nobody_decided(present, bring, bodies, cast):
    bring(at(1, HALIA))
    put(present, bodies)
    places.rematch_places(by=None, at=LATER)
    assert place("Halia Clinic West").state == PlaceState.UNRESOLVED


def test_matching_again_never_moves_a_rejected_name(bring, bodies, cast):
    bring(at(1, HALIA))
    put(PlaceState.REJECTED, bodies)
    before = meaning("Halia Clinic West")
    with pytest.raises(IllegalMove):
        places.rematch_places(by=None, at=LATER)
    assert meaning("Halia Clinic West") == before


def test_the_index_says_the_same_as_if_it_were_made_again(bring, bodies, cast):
    bring(at(1, HALIA, RAIN), at(2, HALIA))
    settle("Halia Clinic West", bodies.kempas, cast.analyst)
    rows = StudyIndex.objects.order_by("pk").values("pk", "facets", "site_scope_ids")
    after = list(rows.all())
    index.refresh([row["pk"] for row in after])
    assert list(rows.all()) == after
    undo("Halia Clinic West", by=cast.analyst)
    assert organisations_in_index(2) == set()

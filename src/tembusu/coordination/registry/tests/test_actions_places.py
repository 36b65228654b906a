"""Locations find their organisations, and one decision on a name settles all that share it."""

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.actions import places
from tembusu.coordination.registry.models import (
    Place,
    Registration,
    Study,
    StudyIndex,
    StudyLocation,
    StudySite,
)
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.models import AuditEvent, OutboxEvent
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import Role

pytestmark = pytest.mark.django_db

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


def settle(name, body, by):
    return places.settle_place(place=place(name), organisation_id=body.pk, by=by, at=AT)


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
    assert settle("Halia Clinic West", bodies.kempas, cast.analyst) == 2
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
        assert settle("Halia Clinic West", bodies.kempas, by) == 1
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


def test_counts_that_went_wrong_are_counted_again(bring):
    bring(at(1, HALIA), at(2, NOWHERE))
    Place.objects.update(n_locations=9)
    StudyLocation.objects.filter(place__name="Research Site").delete()
    places.recount(Place.objects.values_list("pk", flat=True))
    assert {p.name: p.n_locations for p in Place.objects.all()} == {
        "Halia Clinic West": 1,
        "Research Site": 0,
    }
    assert Study.objects.count() == 2

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from tembusu.foundation.people import actions, selectors
from tembusu.foundation.people.models import Invitation, Membership, Organisation, Person
from tembusu.foundation.people.terms import NameKind, OrganisationKind, Role, ScopeKind

from .conftest import AT

pytestmark = pytest.mark.django_db


def test_scopes_of_reach_down_to_everything_below(cast, bodies, study):
    assert selectors.scopes_of(cast.cluster_office) == {
        body.scope_id for body in (bodies.meranti, bodies.raintree, bodies.kempas, bodies.board)
    }
    assert selectors.scopes_of(cast.sponsor) == {
        bodies.damar.scope_id,
        study.scope.pk,
        study.site.pk,
        study.other_site.pk,
    }
    assert selectors.scopes_of(cast.coordinator) == {study.site.pk}
    assert selectors.scopes_of(cast.nobody) == set()
    assert selectors.scopes_of(AnonymousUser()) == set()


@pytest.mark.parametrize(
    ("roles", "reaches"),
    [
        (None, True),
        ([], False),
        ([Role.SPONSOR_MANAGER], True),
        ([Role.SPONSOR_MANAGER, Role.MONITOR], True),
        ([Role.MONITOR], False),
    ],
)
def test_scopes_of_count_only_the_roles_asked_for(cast, study, roles, reaches):
    assert (study.site.pk in selectors.scopes_of(cast.sponsor, roles)) is reaches


def test_scopes_of_asks_the_database_once_for_each_user_object(cast, django_assert_num_queries):
    person = Person.objects.get(pk=cast.sponsor.pk)
    with django_assert_num_queries(1):
        selectors.scopes_of(person)
        selectors.scopes_of(person)


def test_a_changed_answer_does_not_change_what_is_kept(cast):
    selectors.scopes_of(cast.sponsor).clear()
    assert selectors.scopes_of(cast.sponsor)


def test_a_new_role_counts_at_once_on_the_same_user_object(cast, bodies):
    assert not selectors.holds(cast.nobody, {Role.SPONSOR_MANAGER}, bodies.damar.scope_id)
    actions.grant_role(
        person=cast.nobody, role=Role.SPONSOR_MANAGER, scope=bodies.damar.scope, by=None, at=AT
    )
    assert selectors.holds(cast.nobody, {Role.SPONSOR_MANAGER}, bodies.damar.scope_id)


def test_an_ended_role_and_a_closed_account_hold_nothing(cast, bodies):
    scope_id = bodies.damar.scope_id
    membership = cast.sponsor.memberships.get()
    actions.end_role(membership=membership, reason="Left", by=None, at=AT)
    assert not selectors.holds(Person.objects.get(pk=cast.sponsor.pk), set(Role), scope_id)
    Person.objects.filter(pk=cast.rival.pk).update(is_active=False)
    rival = Person.objects.get(pk=cast.rival.pk)
    assert not selectors.holds_anywhere(rival, set(Role))
    assert selectors.scopes_of(rival) == set()


@pytest.mark.parametrize(
    ("who", "at", "role", "expected"),
    [
        ("sponsor", "scope", Role.SPONSOR_MANAGER, True),
        ("sponsor", "site", Role.SPONSOR_MANAGER, True),
        ("sponsor", "site", Role.MONITOR, False),
        ("rival", "site", Role.SPONSOR_MANAGER, False),
        ("investigator", "site", Role.PRINCIPAL_INVESTIGATOR, True),
        ("investigator", "scope", Role.PRINCIPAL_INVESTIGATOR, False),
        ("investigator", "other_site", Role.PRINCIPAL_INVESTIGATOR, False),
    ],
)
def test_holds_looks_up_and_never_down_or_sideways(cast, study, who, at, role, expected):
    person, scope = getattr(cast, who), getattr(study, at)
    assert selectors.holds(person, {role}, scope.pk) is expected


def test_a_moved_body_takes_its_scope_along(cast, bodies):
    actions.place_organisation(organisation=bodies.kempas, parent=bodies.angsana, by=None, at=AT)
    office = Person.objects.get(pk=cast.cluster_office.pk)
    assert bodies.kempas.scope_id not in selectors.scopes_of(office)


def test_people_of_one_institution_see_nothing_of_another(cast, bodies, join):
    neighbour = join("Hafiz", Role.INSTITUTION_REPRESENTATIVE, bodies.kempas.scope)
    seen = Organisation.objects.visible_to(cast.representative)
    assert list(seen) == [bodies.raintree]
    assert neighbour not in Person.objects.visible_to(cast.representative)
    assert not Membership.objects.visible_to(cast.representative).exclude(
        person=cast.representative
    )
    with pytest.raises(Http404):
        selectors.get_organisation(cast.representative, bodies.kempas.pk)
    with pytest.raises(Http404):
        selectors.get_membership(cast.representative, neighbour.memberships.get().pk)
    with pytest.raises(Http404):
        selectors.get_scope(cast.representative, bodies.kempas.scope_id)
    with pytest.raises(Http404):
        selectors.get_person(cast.representative, neighbour.pk)
    with pytest.raises(Http404):
        selectors.get_account(cast.cluster_office, cast.representative.pk)


def test_the_administrator_sees_accounts_and_bodies_but_no_study(cast, bodies, study):
    administrator = cast.administrator
    assert set(Organisation.objects.visible_to(administrator)) == set(Organisation.objects.all())
    assert set(Person.objects.visible_to(administrator)) == set(Person.objects.all())
    assert study.scope.pk not in selectors.scopes_of(administrator)
    with pytest.raises(Http404):
        selectors.get_scope(administrator, study.scope.pk)


def test_the_coordinating_body_sees_every_body_but_not_its_people(cast, bodies):
    assert set(Organisation.objects.visible_to(cast.lead)) == set(Organisation.objects.all())
    assert cast.sponsor not in Person.objects.visible_to(cast.lead)
    assert not selectors.list_members(cast.lead, bodies.damar)


def test_invitations_are_seen_by_their_sender_and_scope_alone(cast, bodies):
    actions.invite_person(
        email="new@hospital.example",
        full_name="New",
        role=Role.INSTITUTION_REPRESENTATIVE,
        scope=bodies.raintree.scope,
        by=cast.cluster_office,
        at=AT,
    )
    assert Invitation.objects.visible_to(cast.cluster_office).count() == 1
    assert Invitation.objects.visible_to(cast.representative).count() == 1
    assert not Invitation.objects.visible_to(cast.sponsor)


@pytest.mark.parametrize(
    ("who", "staff"),
    [("coordinator", True), ("administrator", True), ("learner", False), ("nobody", False)],
)
def test_staff_are_those_whose_roles_need_a_second_factor(cast, who, staff):
    assert selectors.is_staff_person(getattr(cast, who)) is staff


ALIKE = [
    ("Rain Tree Hosptal", "Rain Tree General Hospital"),  # a letter left out
    ("Raintree General Hospital", "Rain Tree General Hospital"),  # a blank left out
    ("hospital rain", "Rain Tree General Hospital"),  # another order
    ("Jeluttong", "Jelutong Heart Centre"),  # a letter doubled
    ("Kempsa Medical", "Kempas Medical Centre"),  # two letters turned round
    ("Jelutong Hart Center", "Jelutong Heart Centre"),  # two slips
    ("Angsana Univercity", "Angsana University"),  # a wrong letter
    ("Damr Therapeutic", "Damar Therapeutics"),
]


@pytest.mark.parametrize(("text", "meant"), ALIKE)
def test_a_body_is_found_in_spite_of_slips(cast, bodies, text, meant):
    rows = selectors.list_organisations(cast.administrator, text=text)
    assert [row.name for row in rows] == [meant]


@pytest.mark.parametrize("text", ["zebra crossing", "hospitable Wombat", "qqq", "x" * 400])
def test_what_nothing_is_like_finds_nothing(cast, bodies, text):
    assert list(selectors.list_organisations(cast.administrator, text=text)) == []
    assert not selectors.is_called(cast.administrator, text)


def test_a_guess_stays_within_what_one_may_see(cast, bodies):
    assert not selectors.list_organisations(cast.rival, text="Meranti Helth")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rain", ["Rain Tree General Hospital"]),
        ("TREE general", ["Rain Tree General Hospital"]),
        ("rt", ["Rain Tree General Hospital"]),
        ("RTGH", ["Rain Tree General Hospital"]),
        ("meranti general", ["Rain Tree General Hospital"]),
        ("ospital", ["Rain Tree General Hospital"]),
        ("100%", []),
        ("zebra", []),
    ],
)
def test_a_body_is_found_by_a_part_of_any_of_its_names(cast, bodies, text, found):
    for name, kind in (("RTGH", NameKind.ACRONYM), ("Meranti General Hosp", NameKind.FORMER)):
        actions.add_alias(organisation=bodies.raintree, name=name, kind=kind, by=None, at=AT)
    rows = selectors.list_organisations(cast.administrator, text=text)
    assert [row.name for row in rows.order_by("name")] == found


def test_filters_narrow_within_what_is_visible(cast, bodies):
    clusters = selectors.list_organisations(cast.lead, kinds=[OrganisationKind.CLUSTER])
    assert {row.name for row in clusters} == {"Meranti Health", "Angsana Health"}
    assert not selectors.list_organisations(cast.lead, countries=["CH"])
    assert not selectors.list_organisations(cast.rival, kinds=[OrganisationKind.CLUSTER])


def test_find_by_name_needs_the_whole_name_and_the_country(cast, bodies):
    assert selectors.find_by_name(None, "rain tree  general hospital") == [bodies.raintree]
    assert selectors.find_by_name(None, "Rain Tree") == []
    assert selectors.find_by_name(None, "Rain Tree General Hospital", country="MY") == []
    assert selectors.find_by_name(cast.rival, "Rain Tree General Hospital") == []


def test_the_directory_names_every_active_body(bodies):
    actions.add_alias(
        organisation=bodies.raintree, name="RTGH", kind=NameKind.ACRONYM, by=None, at=AT
    )
    Organisation.objects.filter(pk=bodies.kempas.pk).update(is_active=False)
    entries = {entry.name: entry for entry in selectors.directory()}
    assert entries["Rain Tree General Hospital"].acronyms == ("RTGH",)
    assert "Kempas Medical Centre" not in entries


def test_holders_are_those_on_the_scope_and_above(cast, study):
    assert selectors.holders([Role.SPONSOR_MANAGER, Role.MONITOR], study.site.pk) == [
        cast.sponsor,
        cast.monitor,
    ]


def test_scopes_are_named_by_their_rooms_and_otherwise_by_their_kind(bodies, study):
    named = selectors.name_scopes([bodies.raintree.scope, actions.platform_scope()])
    assert named[bodies.raintree.scope_id].name == "Rain Tree General Hospital"
    assert named[actions.platform_scope().pk].name == "The platform"


def test_moving_a_scope_below_itself_is_refused(study):
    with pytest.raises(ValueError, match="below itself"):
        actions.move_scope(scope=study.scope, parent=study.site)


def test_make_scopes_keeps_the_order_of_the_parents(bodies):
    parents = [bodies.damar.scope, None, bodies.sena.scope]
    made = actions.make_scopes(kind=ScopeKind.STUDY, parents=parents)
    assert [scope.parent for scope in made] == parents

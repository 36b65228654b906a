import pytest
from django.utils import timezone

from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.people import demo, selectors, sign_in
from tembusu.foundation.people.models import Membership, Organisation, OrganisationName, Person
from tembusu.foundation.people.terms import OrganisationKind, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(settings):
    settings.TEMBUSU_SYNTHETIC = True
    demo.load(timezone.now())


def test_each_role_has_an_account_that_can_sign_in(loaded):
    assert {player.role for player in demo.PEOPLE} == set(Role)
    for email, _, sees in demo.demo_accounts():
        person = Person.objects.get(email=email)
        assert person.check_password(demo.DEMO_PASSWORD)
        assert sign_in.has_second_factor(person)
        assert len(sign_in.demonstration_code(person)) == 7
        assert sees


def test_roles_of_bodies_and_platform_are_held(loaded):
    for player in demo.PEOPLE:
        person = demo.person_as(player.role)
        expected = {player.role} if player.place else set()
        assert selectors.roles_anywhere(person) == expected


def test_three_clusters_stand_with_their_hospitals(loaded):
    clusters = Organisation.objects.filter(kind=OrganisationKind.CLUSTER)
    assert clusters.count() == 3
    assert all(cluster.children.filter(kind="institution").count() >= 2 for cluster in clusters)
    assert {body.kind for body in Organisation.objects.all()} >= set(OrganisationKind)


def test_loading_again_changes_nothing(loaded):
    tables = (Organisation, OrganisationName, Person, Membership, AuditEvent)
    before = [table.objects.count() for table in tables]
    demo.load(timezone.now())
    assert [table.objects.count() for table in tables] == before


def test_loading_again_does_not_give_back_a_role_that_somebody_ended(loaded):
    row = Membership.objects.get(person=demo.person_as(Role.BOARD_MEMBER))
    Membership.objects.filter(pk=row.pk).update(ended_at=timezone.now(), reason="Left")
    demo.load(timezone.now())
    assert not selectors.roles_anywhere(demo.person_as(Role.BOARD_MEMBER))


def test_every_address_is_distinct_and_reserved_for_examples():
    emails = [player.email for player in demo.PEOPLE]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(sign_in.DEMO_DOMAIN) for email in emails)


@pytest.mark.parametrize(("synthetic", "production"), [(False, False), (True, True)])
def test_the_demo_refuses_to_load_beside_real_data(settings, synthetic, production):
    settings.TEMBUSU_SYNTHETIC, settings.PRODUCTION = synthetic, production
    with pytest.raises(RuntimeError, match="synthetic"):
        demo.load(timezone.now())
    assert not Organisation.objects.exists()

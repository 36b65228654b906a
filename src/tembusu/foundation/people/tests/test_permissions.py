"""The permission matrix, cell by cell: every act, every role, in scope and out of it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from tembusu.foundation.people import actions, permissions, selectors
from tembusu.foundation.people.models import Membership, Organisation
from tembusu.foundation.people.terms import Act, Role, ScopeKind, acts, register_act

from .conftest import AT

OWN = {key: act for key, act in acts().items() if act.room == "people"}


@pytest.fixture
def holder(join, bodies):
    """A person who holds just one role, on the record's scope or on an unrelated one."""

    def make(role, *, in_scope):
        person = join("Holder")
        scope = bodies.raintree.scope if in_scope else bodies.sena.scope
        Membership.objects.create(person=person, role=role, scope=scope, granted_at=AT)
        return person

    return make


@pytest.mark.django_db
@pytest.mark.parametrize("in_scope", [True, False], ids=["in scope", "out of scope"])
@pytest.mark.parametrize("role", sorted(Role))
def test_each_cell_of_the_matrix_holds(holder, bodies, role, in_scope):
    person = holder(role, in_scope=in_scope)
    scope_id = bodies.raintree.scope_id
    for row in selectors.matrix():
        if row.role is not role or row.room != "people":
            continue
        allowed = row.in_scope if in_scope else row.out_of_scope
        act = OWN[f"{row.room}.{row.act}"]
        assert selectors.may(person, act, scope_id) is allowed, act.key
        if allowed:
            selectors.check(person, act, scope_id)
        else:
            with pytest.raises(PermissionDenied, match="It needs the role"):
                selectors.check(person, act, scope_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", sorted(permissions.SEE_ORGANISATION.roles | permissions.SEE_ORGANISATION.everywhere)
)
def test_what_is_visible_agrees_with_the_matrix(holder, bodies, role):
    act = permissions.SEE_ORGANISATION
    here = holder(role, in_scope=True)
    assert Organisation.objects.visible_to(here).filter(pk=bodies.raintree.pk).exists()
    elsewhere = Organisation.objects.visible_to(here).filter(pk=bodies.kempas.pk).exists()
    assert elsewhere is act.allows(role, in_scope=False)


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(OWN))
def test_nobody_without_a_role_may_do_anything(cast, bodies, key):
    for user in (cast.nobody, AnonymousUser()):
        with pytest.raises(PermissionDenied):
            selectors.check(user, OWN[key], bodies.raintree.scope_id)


@pytest.mark.django_db
def test_a_role_further_up_counts_below(cast, bodies):
    act = permissions.RENAME_ORGANISATION
    assert selectors.may(cast.cluster_office, act, bodies.raintree.scope_id)
    assert not selectors.may(cast.cluster_office, act, bodies.jelutong.scope_id)
    assert not selectors.may(cast.representative, act, bodies.meranti.scope_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "place", "roles"),
    [
        (
            "cluster_office",
            "raintree",
            {Role.CLUSTER_RESEARCH_OFFICE, Role.INSTITUTION_REPRESENTATIVE},
        ),
        ("cluster_office", "jelutong", set()),
        ("representative", "raintree", {Role.INSTITUTION_REPRESENTATIVE}),
        ("representative", "meranti", set()),
        ("secretary", "board", {Role.BOARD_MEMBER}),
        ("coordinator", "raintree", set()),
        ("nobody", "raintree", set()),
    ],
)
def test_grantable_roles_follow_the_table(cast, bodies, who, place, roles):
    scope_id = getattr(bodies, place).scope_id
    assert permissions.grantable(getattr(cast, who), scope_id) == roles


@pytest.mark.django_db
def test_the_administrator_grants_at_bodies_but_opens_no_study(cast, study, bodies):
    granted = permissions.grantable(cast.administrator, bodies.raintree.scope_id)
    assert Role.INSTITUTION_REPRESENTATIVE in granted
    with pytest.raises(PermissionDenied):
        permissions.check_can_grant(cast.administrator, Role.MONITOR, study.scope.pk)


def test_the_matrix_has_a_row_for_each_role_and_act():
    rows = selectors.matrix()
    assert len(rows) == len(acts()) * len(Role)
    assert {row.in_scope for row in rows} == {True, False}


def test_an_act_is_registered_once():
    act = permissions.REGISTER_ORGANISATION
    assert register_act(act) is act
    with pytest.raises(ValueError, match="Two acts"):
        register_act(Act("people", "register_organisation", frozenset(), None, "something else"))


def test_an_act_that_no_role_may_do_says_so():
    act = Act("people", "nothing", frozenset(), ScopeKind.STUDY, "do nothing")
    assert selectors.why_not(AnonymousUser(), act) == "No role may do nothing."


@pytest.mark.django_db
def test_an_act_on_a_record_needs_the_record(cast):
    assert not selectors.may(cast.representative, permissions.RENAME_ORGANISATION)
    assert actions.platform_scope().pk == selectors.platform_scope_id()

from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tembusu.foundation.core.models import AuditEvent, Notification
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, rules, selectors
from tembusu.foundation.people.models import (
    ApiToken,
    Invitation,
    Membership,
    Organisation,
    OrganisationName,
    Person,
    Scope,
)
from tembusu.foundation.people.terms import (
    DatedName,
    NameKind,
    OrganisationKind,
    Role,
    ScopeKind,
    TokenScope,
)

from .conftest import AT, PASSWORD

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)


def last_event():
    return AuditEvent.objects.order_by("-id").first()


# -- bodies -------------------------------------------------------------------------------------


def test_a_registered_body_has_scope_name_and_trace(cast, bodies):
    body = actions.register_organisation(
        kind=OrganisationKind.INSTITUTION,
        name="  Keruing   General Hospital ",
        country="sg",
        city="Bukit Keruing",
        ror_id="https://ror.org/02mhbdp94",
        parent=bodies.meranti,
        named_since=date(2001, 5, 1),
        other_names=[
            DatedName("KGH", NameKind.ACRONYM),
            DatedName("KGH", NameKind.ACRONYM),
            DatedName("Keruing General Hospital"),
        ],
        by=cast.lead,
        at=LATER,
    )
    assert (body.name, body.country, body.ror_id) == (
        "Keruing General Hospital",
        "SG",
        "02mhbdp94",
    )
    assert body.scope.parent == bodies.meranti.scope
    assert {(n.name, n.kind, n.valid_from) for n in body.names.all()} == {
        ("Keruing General Hospital", NameKind.OFFICIAL, date(2001, 5, 1)),
        ("KGH", NameKind.ACRONYM, None),
    }
    event = last_event()
    assert (event.event, event.by_id, event.at) == (
        "people.organisation.registered",
        cast.lead.pk,
        LATER,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "Rain Tree General Hospital"},
        {"country": "SGP"},
        {"ror_id": "02mhbdp95"},
        {"kind": OrganisationKind.SPONSOR},
        {"other_names": [DatedName("Second", NameKind.OFFICIAL)]},
    ],
)
def test_a_body_that_cannot_be_leaves_nothing_behind(cast, bodies, wrong):
    before = (Organisation.objects.count(), Scope.objects.count(), AuditEvent.objects.count())
    facts = {
        "kind": OrganisationKind.INSTITUTION,
        "name": "Keruing General Hospital",
        "country": "SG",
        "city": "Bandar",
        "parent": bodies.meranti,
        "by": cast.lead,
        "at": AT,
    }
    with pytest.raises(Refusal), transaction.atomic():
        actions.register_organisation(**{**facts, **wrong})
    assert before == (
        Organisation.objects.count(),
        Scope.objects.count(),
        AuditEvent.objects.count(),
    )


def test_the_same_ror_id_is_registered_once(bodies):
    facts = {"kind": OrganisationKind.SPONSOR, "country": "CH", "by": None, "at": AT}
    actions.register_organisation(name="One", ror_id="02mhbdp94", **facts)
    with pytest.raises(rules.NameRefused, match="One"):
        actions.register_organisation(name="Two", ror_id="02mhbdp94", **facts)


def test_a_body_that_nothing_stands_on_is_withdrawn(cast, bodies):
    body = actions.register_organisation(
        kind=OrganisationKind.INSTITUTION, name="Keruing", country="SG", by=cast.lead, at=AT
    )
    pk, scope_id = body.pk, body.scope_id
    with pytest.raises(PermissionDenied):
        actions.withdraw_organisation(organisation=body, by=cast.sponsor, at=LATER, reason="Slip")
    actions.withdraw_organisation(organisation=body, by=cast.lead, at=LATER, reason="Slip")
    assert not Organisation.objects.filter(pk=pk).exists()
    assert not Scope.objects.filter(pk=scope_id).exists()
    event = last_event()
    assert (event.event, event.reason) == ("people.organisation.withdrawn", "Slip")
    assert event.change["name"] == "Keruing"


def test_a_body_with_people_or_other_names_stays(cast, bodies):
    body = actions.register_organisation(
        kind=OrganisationKind.CLUSTER, name="Keruing", country="SG", by=cast.lead, at=AT
    )
    below = actions.register_organisation(
        kind=OrganisationKind.INSTITUTION,
        name="Keruing East",
        country="SG",
        parent=body,
        by=cast.lead,
        at=AT,
    )
    with pytest.raises(
        rules.BodyInUse, match="Keruing stays registered: it is needed by 1 organisation"
    ):
        actions.withdraw_organisation(organisation=body, by=cast.lead, at=LATER, reason="Slip")
    actions.add_alias(organisation=below, name="KE", by=cast.lead, at=LATER)
    with pytest.raises(rules.BodyInUse, match="other names"):
        actions.withdraw_organisation(organisation=below, by=cast.lead, at=LATER, reason="Slip")
    assert Organisation.objects.filter(pk__in=[body.pk, below.pk]).count() == 2


@pytest.mark.parametrize("who", ["representative", "sponsor", "coordinator", "nobody"])
def test_registering_needs_the_right(cast, who):
    with pytest.raises(PermissionDenied, match="Coordinating"):
        actions.register_organisation(
            kind=OrganisationKind.SPONSOR,
            name="New",
            country="SG",
            by=getattr(cast, who),
            at=AT,
        )


def test_a_renamed_body_keeps_its_former_name_with_dates(cast, bodies):
    actions.rename_organisation(
        organisation=bodies.raintree,
        name="Rain Tree University Hospital",
        on=date(2026, 2, 1),
        by=cast.representative,
        at=AT,
        reason="Joined the university",
    )
    bodies.raintree.refresh_from_db()
    assert bodies.raintree.name == "Rain Tree University Hospital"
    names = {(n.name, n.kind): (n.valid_from, n.valid_to) for n in bodies.raintree.names.all()}
    assert names == {
        ("Rain Tree University Hospital", NameKind.OFFICIAL): (date(2026, 2, 1), None),
        ("Rain Tree General Hospital", NameKind.FORMER): (None, date(2026, 2, 1)),
    }
    assert selectors.find_by_name(None, "Rain Tree General Hospital") == [bodies.raintree]
    assert last_event().reason == "Joined the university"


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("Rain Tree General Hospital", date(2026, 2, 1)),
        ("Kempas Medical Centre", date(2026, 2, 1)),
        ("Rain Tree Hospital", date(2026, 3, 2)),
    ],
)
def test_a_wrong_new_name_is_refused(cast, bodies, name, on):
    with pytest.raises(rules.NameRefused):
        actions.rename_organisation(
            organisation=bodies.raintree, name=name, on=on, by=cast.lead, at=AT
        )


def test_another_institutions_representative_renames_nothing(cast, bodies):
    with pytest.raises(PermissionDenied):
        actions.rename_organisation(
            organisation=bodies.kempas,
            name="Mine",
            on=AT.date(),
            by=cast.representative,
            at=AT,
        )


def test_a_further_name_is_added_once_and_never_as_official(cast, bodies):
    facts = {"organisation": bodies.raintree, "by": cast.lead, "at": AT}
    actions.add_alias(name="RTGH", kind=NameKind.ACRONYM, **facts)
    with pytest.raises(rules.NameRefused, match="already"):
        actions.add_alias(name="rtgh", kind=NameKind.ACRONYM, **facts)
    with pytest.raises(rules.NameRefused, match="rename"):
        actions.add_alias(name="Other", kind=NameKind.OFFICIAL, **facts)
    with pytest.raises(rules.NameRefused, match="end after"):
        actions.add_alias(
            name="Old", valid_from=date(2020, 1, 2), valid_to=date(2020, 1, 2), **facts
        )


def test_a_body_is_placed_and_never_below_itself(cast, bodies):
    facts = {"by": cast.administrator, "at": AT}
    actions.place_organisation(organisation=bodies.kempas, parent=bodies.angsana, **facts)
    bodies.kempas.refresh_from_db()
    assert bodies.kempas.parent == bodies.angsana
    assert bodies.kempas.scope.parent == bodies.angsana.scope
    with pytest.raises(rules.ParentRefused):
        actions.place_organisation(organisation=bodies.angsana, parent=bodies.kempas, **facts)
    with pytest.raises(rules.ParentRefused):
        actions.place_organisation(organisation=bodies.kempas, parent=bodies.damar, **facts)
    actions.place_organisation(organisation=bodies.kempas, parent=None, **facts)
    assert Scope.objects.get(pk=bodies.kempas.scope_id).parent is None


# -- roles --------------------------------------------------------------------------------------


def test_a_granted_role_leaves_trace_and_tells_the_person(cast, bodies):
    membership = actions.grant_role(
        person=cast.nobody,
        role=Role.INSTITUTION_REPRESENTATIVE,
        scope=bodies.raintree.scope,
        by=cast.representative,
        at=AT,
        reason="Maternity cover",
    )
    assert (membership.granted_by, membership.granted_at) == (cast.representative, AT)
    event = last_event()
    assert event.event == "people.membership.granted"
    assert set(event.records) == {
        f"people.Membership:{membership.pk}",
        f"people.Person:{cast.nobody.pk}",
        f"people.Organisation:{bodies.raintree.pk}",
    }
    assert "Rain Tree" in Notification.objects.get(person=cast.nobody).text


@pytest.mark.parametrize(
    ("who", "role", "place"),
    [
        ("representative", Role.INSTITUTION_REPRESENTATIVE, "kempas"),
        ("representative", Role.CLUSTER_RESEARCH_OFFICE, "meranti"),
        ("representative", Role.SPONSOR_MANAGER, "raintree"),
        ("lead", Role.COORDINATING_LEAD, "raintree"),
        ("secretary", Role.BOARD_CHAIR, "board"),
        ("learner", Role.LEARNER, "university"),
        ("sponsor", Role.SPONSOR_MANAGER, "sena"),
        ("nobody", Role.LEARNER, "university"),
    ],
)
def test_nobody_grants_what_their_role_does_not_give(cast, bodies, join, who, role, place):
    newcomer = join("Newcomer")
    before = Membership.objects.count()
    with pytest.raises(PermissionDenied):
        actions.grant_role(
            person=newcomer,
            role=role,
            scope=getattr(bodies, place).scope,
            by=getattr(cast, who),
            at=AT,
        )
    assert Membership.objects.count() == before


def test_an_administrator_cannot_open_a_study_to_anybody(cast, study):
    with pytest.raises(PermissionDenied):
        actions.grant_role(
            person=cast.nobody,
            role=Role.MONITOR,
            scope=study.scope,
            by=cast.administrator,
            at=AT,
        )


@pytest.mark.parametrize(
    ("by", "person", "role", "place", "says"),
    [
        ("cluster_office", "cluster_office", Role.INSTITUTION_REPRESENTATIVE, "raintree", "thems"),
        ("cluster_office", "representative", Role.INSTITUTION_REPRESENTATIVE, "raintree", "alread"),
        ("cluster_office", "nobody", Role.INSTITUTION_REPRESENTATIVE, "meranti", "can't be held"),
        ("administrator", "nobody", Role.PLATFORM_ADMINISTRATOR, "raintree", "platform"),
    ],
)
def test_a_role_that_cannot_be_held_is_refused(cast, bodies, by, person, role, place, says):
    with pytest.raises(rules.RoleRefused, match=says):
        actions.grant_role(
            person=getattr(cast, person),
            role=role,
            scope=getattr(bodies, place).scope,
            by=getattr(cast, by),
            at=AT,
        )


@pytest.mark.parametrize(
    ("person", "role", "at", "allowed"),
    [
        ("statistician", Role.UNBLINDED_STATISTICIAN, "scope", False),
        ("coordinator", Role.UNBLINDED_STATISTICIAN, "scope", False),
        ("nobody", Role.UNBLINDED_STATISTICIAN, "scope", True),
        ("statistician", Role.DATA_MANAGER, "scope", True),
    ],
)
def test_nobody_is_unblinded_beside_a_blind_role(cast, study, person, role, at, allowed):
    facts = {
        "person": getattr(cast, person),
        "role": role,
        "scope": getattr(study, at),
        "by": cast.sponsor,
        "at": AT,
    }
    if allowed:
        actions.grant_role(**facts)
    else:
        with pytest.raises(rules.RoleRefused, match="blind"):
            actions.grant_role(**facts)


def test_another_study_does_not_stand_against_unblinding(cast, bodies):
    other = actions.make_scope(kind=ScopeKind.STUDY, parent=bodies.damar.scope)
    actions.grant_role(
        person=cast.statistician,
        role=Role.UNBLINDED_STATISTICIAN,
        scope=other,
        by=cast.sponsor,
        at=AT,
    )


def test_a_closed_account_gets_no_role(cast, bodies):
    Person.objects.filter(pk=cast.nobody.pk).update(is_active=False)
    with pytest.raises(rules.RoleRefused, match="closed"):
        actions.grant_role(
            person=cast.nobody, role=Role.LEARNER, scope=bodies.university.scope, by=None, at=AT
        )


def test_an_ended_role_says_who_when_why_and_can_be_granted_again(cast, bodies):
    membership = cast.representative.memberships.get()
    actions.end_role(
        membership=membership, reason=" Left the hospital ", by=cast.cluster_office, at=LATER
    )
    membership.refresh_from_db()
    assert (membership.ended_at, membership.ended_by, membership.reason) == (
        LATER,
        cast.cluster_office,
        "Left the hospital",
    )
    assert "Left the hospital" in Notification.objects.get(person=cast.representative).text
    with pytest.raises(rules.RoleRefused, match="ended already"):
        actions.end_role(membership=membership, reason="Again", by=cast.cluster_office, at=LATER)
    actions.grant_role(
        person=cast.representative,
        role=Role.INSTITUTION_REPRESENTATIVE,
        scope=bodies.raintree.scope,
        by=cast.cluster_office,
        at=LATER,
    )


def test_anybody_lays_down_their_own_role(cast):
    membership = cast.coordinator.memberships.get()
    actions.end_role(membership=membership, reason="New post", by=cast.coordinator, at=LATER)
    assert not selectors.roles_anywhere(Person.objects.get(pk=cast.coordinator.pk))


@pytest.mark.parametrize("who", ["rival", "representative", "monitor", "nobody"])
def test_ending_needs_the_right_to_grant(cast, who):
    with pytest.raises(PermissionDenied):
        actions.end_role(
            membership=cast.sponsor.memberships.get(),
            reason="Because",
            by=getattr(cast, who),
            at=LATER,
        )


def test_the_last_administrator_cannot_leave_until_another_is_there(cast, join):
    own = cast.administrator.memberships.get()
    with pytest.raises(rules.RoleRefused, match="Grant it to another person first"):
        actions.end_role(membership=own, reason="Tired", by=cast.administrator, at=LATER)
    actions.grant_role(
        person=cast.nobody,
        role=Role.PLATFORM_ADMINISTRATOR,
        scope=actions.platform_scope(),
        by=cast.administrator,
        at=AT,
    )
    actions.end_role(membership=own, reason="Tired", by=cast.administrator, at=LATER)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ended_at": AT},
        {"ended_at": AT - timedelta(seconds=1), "reason": "x"},
        {"reason": "still active"},
    ],
)
def test_the_database_keeps_ends_whole(cast, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=cast.sponsor.memberships.get().pk).update(**wrong)


def test_the_database_refuses_self_grants_and_second_official_names(cast, bodies):
    own = cast.sponsor.memberships.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=own.pk).update(granted_by=cast.sponsor)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationName.objects.create(
            organisation=bodies.damar, name="Second", kind=NameKind.OFFICIAL
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Scope.objects.create(kind=ScopeKind.PLATFORM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=cast.sponsor.pk).update(email="Ines@Hospital.example")


# -- invitations --------------------------------------------------------------------------------


def invite(cast, bodies, **changes):
    facts = {
        "email": "New.Person@Hospital.example",
        "full_name": "New Person",
        "role": Role.INSTITUTION_REPRESENTATIVE,
        "scope": bodies.raintree.scope,
        "by": cast.cluster_office,
        "at": AT,
    }
    return actions.invite_person(**{**facts, **changes})


def test_an_invitation_is_mailed_on_commit_and_its_secret_kept_as_a_hash(
    cast, bodies, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation, secret = invite(cast, bodies)
        assert not mail.outbox
    (message,) = mail.outbox
    assert message.to == ["new.person@hospital.example"]
    assert f"/people/invitations/{secret}/accept/" in message.body
    assert "Nurul invites you" in message.body
    assert "Rain Tree General Hospital" in message.body
    row = str(Invitation.objects.filter(pk=invitation.pk).values().get())
    assert secret not in row
    assert secret not in str(list(AuditEvent.objects.values()))


def test_an_accepted_invitation_makes_the_account_and_the_role(cast, bodies):
    _, secret = invite(cast, bodies)
    membership = actions.accept_invitation(
        secret=secret, full_name="Newly Named", password=PASSWORD, at=LATER
    )
    person = membership.person
    assert (person.email, person.full_name) == ("new.person@hospital.example", "Newly Named")
    assert person.check_password(PASSWORD)
    assert membership.granted_by == cast.cluster_office
    assert last_event().event == "people.invitation.accepted"
    assert last_event().by_id == person.pk


def test_an_invitation_works_once(cast, bodies):
    _, secret = invite(cast, bodies)
    actions.accept_invitation(secret=secret, password=PASSWORD, at=LATER)
    with pytest.raises(rules.InvitationRefused, match="accepted before"):
        actions.accept_invitation(secret=secret, password=PASSWORD, at=LATER)


def test_an_expired_revoked_or_altered_link_opens_nothing(cast, bodies):
    invitation, secret = invite(cast, bodies)
    with pytest.raises(rules.InvitationRefused, match="expired"):
        actions.accept_invitation(secret=secret, password=PASSWORD, at=AT + rules.INVITATION_LIFE)
    for tampered in (secret[:-1], secret + "A", secret.swapcase(), "", invitation.token_sha256):
        with pytest.raises(rules.InvitationRefused, match="not known"):
            actions.accept_invitation(secret=tampered, password=PASSWORD, at=LATER)
    actions.revoke_invitation(invitation=invitation, by=cast.cluster_office, at=LATER)
    with pytest.raises(rules.InvitationRefused, match="withdrawn"):
        actions.accept_invitation(secret=secret, password=PASSWORD, at=LATER)
    assert not Person.objects.filter(email="new.person@hospital.example").exists()


@pytest.mark.parametrize("password", ["", "short", "password1234", "new.person@hospital"])
def test_a_weak_password_makes_no_account(cast, bodies, password):
    _, secret = invite(cast, bodies)
    with pytest.raises(rules.PersonRefused), transaction.atomic():
        actions.accept_invitation(secret=secret, password=password, at=LATER)
    assert not Person.objects.filter(email="new.person@hospital.example").exists()


def test_an_invitation_is_worth_its_senders_right_on_the_day(cast, bodies):
    _, secret = invite(cast, bodies)
    actions.end_role(
        membership=cast.cluster_office.memberships.get(), reason="Left", by=None, at=LATER
    )
    with pytest.raises(rules.InvitationRefused, match="may no longer grant"):
        actions.accept_invitation(secret=secret, password=PASSWORD, at=LATER)


def test_who_has_an_account_accepts_signed_in_and_only_as_themselves(cast, bodies):
    _, secret = invite(cast, bodies, email=cast.nobody.email)
    with pytest.raises(rules.InvitationRefused, match="Sign in"):
        actions.accept_invitation(secret=secret, password="another fine password", at=LATER)
    with pytest.raises(rules.InvitationRefused, match="another address"):
        actions.accept_invitation(secret=secret, by=cast.rival, at=LATER)
    assert Person.objects.get(pk=cast.nobody.pk).check_password(PASSWORD)
    membership = actions.accept_invitation(secret=secret, by=cast.nobody, at=LATER)
    assert membership.person == cast.nobody


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"email": "nowhere"}, rules.PersonRefused),
        ({"full_name": " "}, rules.NameRefused),
        ({"role": Role.SITE_COORDINATOR}, PermissionDenied),
        ({"role": Role.CLUSTER_RESEARCH_OFFICE}, rules.RoleRefused),
        ({"email": "nurul@hospital.example"}, rules.RoleRefused),
        ({"email": "lakshmi@hospital.example"}, rules.RoleRefused),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(cast, bodies, changes, refusal):
    with pytest.raises(refusal):
        invite(cast, bodies, **changes)


def test_the_same_invitation_is_not_open_twice(cast, bodies):
    invite(cast, bodies)
    with pytest.raises(rules.InvitationRefused, match="open invitation"):
        invite(cast, bodies)
    invite(cast, bodies, at=AT + rules.INVITATION_LIFE)


def test_only_its_sender_or_a_granter_withdraws_an_invitation(cast, bodies):
    invitation, _ = invite(cast, bodies)
    with pytest.raises(PermissionDenied):
        actions.revoke_invitation(invitation=invitation, by=cast.rival, at=LATER)
    actions.revoke_invitation(invitation=invitation, by=cast.representative, at=LATER)
    with pytest.raises(rules.InvitationRefused):
        actions.revoke_invitation(invitation=invitation, by=cast.cluster_office, at=LATER)


def test_the_first_administrator_is_invited_while_there_is_none(db):
    invitation, secret = actions.invite_first_administrator(
        email="first@hospital.example", full_name="First", at=AT
    )
    assert invitation.role == Role.PLATFORM_ADMINISTRATOR
    actions.accept_invitation(secret=secret, password=PASSWORD, at=AT)
    with pytest.raises(rules.RoleRefused, match="First"):
        actions.invite_first_administrator(
            email="second@hospital.example", full_name="Second", at=LATER
        )


# -- persons and tokens -------------------------------------------------------------------------


def test_a_person_is_registered_once_whatever_the_capitals(cast):
    with pytest.raises(rules.PersonRefused, match="already"):
        actions.register_person(email="INES@hospital.example", full_name="X", by=None, at=AT)
    with pytest.raises(PermissionDenied):
        actions.register_person(email="x@y.example", full_name="X", by=cast.sponsor, at=AT)


def test_a_changed_name_is_traced(cast):
    actions.rename_person(full_name=" Ines  Duarte ", by=cast.sponsor, at=LATER)
    assert last_event().change == {"full_name": ["Ines", "Ines Duarte"]}
    with pytest.raises(rules.NameRefused):
        actions.rename_person(full_name="Ines Duarte", by=cast.sponsor, at=LATER)


def test_a_token_is_shown_once_and_kept_as_a_hash(cast):
    token, secret = actions.issue_token(
        name="nightly",
        scopes=[TokenScope.STUDIES_READ, TokenScope.STUDIES_READ],
        expires_at=AT + timedelta(days=30),
        by=cast.sponsor,
        at=AT,
    )
    assert token.scopes == [TokenScope.STUDIES_READ]
    assert secret not in str(ApiToken.objects.values().get())
    assert secret not in str(list(AuditEvent.objects.values()))
    assert last_event().event == "people.token.issued"


def test_a_token_is_revoked_by_its_person_once(cast):
    token, _ = actions.issue_token(
        name="nightly",
        scopes=[TokenScope.STUDIES_READ],
        expires_at=AT + timedelta(days=30),
        by=cast.sponsor,
        at=AT,
    )
    with pytest.raises(rules.TokenRefused, match="own person"):
        actions.revoke_token(token=token, by=cast.rival, at=LATER)
    actions.revoke_token(token=token, by=cast.sponsor, at=LATER)
    with pytest.raises(rules.TokenRefused, match="before"):
        actions.revoke_token(token=token, by=cast.sponsor, at=LATER)


def test_the_database_refuses_a_token_of_more_than_a_year(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.create(
            person=cast.sponsor,
            name="forever",
            token_sha256="0" * 64,
            scopes=[TokenScope.STUDIES_READ],
            issued_at=AT,
            expires_at=AT + timedelta(days=366),
        )

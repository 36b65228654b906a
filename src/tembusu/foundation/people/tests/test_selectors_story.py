"""The trails of bodies and accounts, told in the words of people."""

import pytest
from django.urls import reverse

from tembusu.foundation.core import trail
from tembusu.foundation.people import actions, models
from tembusu.foundation.people.terms import NameKind, OrganisationKind, Role

from .conftest import AT

pytestmark = pytest.mark.django_db


def changes_of(slug, record):
    story = trail.story(slug)
    told = trail.tell(story, record)
    return {
        entry.event: [(c.field, c.before, c.after) for c in entry.shown]
        for entry in told
        if not entry.is_spare
    }


def test_an_accounts_trail_names_roles_and_places_as_people_do(cast, bodies):
    person = cast.lead
    membership = models.Membership.objects.filter(person=person).latest("pk")
    actions.end_role(membership=membership, by=cast.administrator, at=AT, reason="She retired.")
    told = changes_of("person", person)
    assert told["people.membership.ended"][0] == ("Role", "Coordinating lead", "")
    fields = {field for rows in told.values() for field, _, _ in rows}
    assert not {"vault id", "is superuser", "id", "scope"} & fields
    words = str(told)
    assert "coordinating_lead" not in words
    assert str(person.vault_id) not in words


def test_a_bodys_trail_names_its_kind_and_its_names(cast):
    body = actions.register_organisation(
        kind=OrganisationKind.ETHICS_BOARD, name="Keruing", country="SG", by=cast.lead, at=AT
    )
    actions.add_alias(organisation=body, name="KRG", kind=NameKind.ACRONYM, by=cast.lead, at=AT)
    told = changes_of("organisation", body)
    assert ("Kind", "", "Ethics board") in told["people.organisation.registered"]
    assert sorted(told["people.organisation.alias_added"]) == [
        ("Kind", "", "Acronym"),
        ("Name", "", "KRG"),
    ]


def test_a_granted_role_says_where_it_is_held(cast, bodies):
    membership = models.Membership.objects.filter(role=Role.COORDINATING_LEAD).latest("pk")
    told = changes_of("person", membership.person)
    rows = [row for rows in told.values() for row in rows]
    where = [after for field, _, after in rows if field in ("Where", "Role: Where")]
    assert where
    assert not any(text.isdigit() or text.startswith("organisation ") for text in where)


def test_the_export_of_a_trail_keeps_everything(signed_in, cast):
    url = reverse("core:trail_export", args=["person", cast.lead.pk])
    answer = b"".join(signed_in(cast.lead).get(url).streaming_content).decode()
    assert str(cast.lead.vault_id) in answer

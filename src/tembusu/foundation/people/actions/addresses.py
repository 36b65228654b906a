"""Changing one's own e-mail address: asked for here, done by the link sent to the new one.

The link is what was asked, sealed with the person's own key: nobody else can make or open one, no
table keeps the address before it is theirs, and it ends with the person.
"""

import json
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from tembusu.foundation.core import audit, vault
from tembusu.foundation.people import rules, selectors
from tembusu.foundation.people.models import Person
from tembusu.foundation.people.selectors.persons import NEW_ADDRESS


@audit.act
def ask_for_address(*, email: str, by: Person, at: datetime) -> str:
    """Send a link to an address that somebody wants for their own account; return the link.

    :raises PersonRefused: if it is no address, or theirs already
    """
    address = rules.email_address(email)
    rules.check_new_address(present=by.email, new=address)
    asked = {"from": by.email, "to": address, "until": (at + rules.ADDRESS_LINK_LIFE).isoformat()}
    sealed = vault.seal(json.dumps(asked), owner=by.vault_id, purpose=NEW_ADDRESS)
    text = sealed.translate(str.maketrans("+/", "-_")).rstrip("=")
    link = f"{settings.ORIGIN}{reverse('people:account_address_confirm', args=[text])}"
    audit.record("people.address.asked", on=by, by=by, at=at)
    transaction.on_commit(lambda: _send("address_confirm", address, by, link=link), robust=True)
    return link


@audit.act
def change_address(*, sealed: str, by: Person, at: datetime) -> Person:
    """Give one's account the address to which this link was sent; the old one is told.

    :raises PersonRefused: if the link is another's, was used, is late, or the address is taken
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    asked = selectors.read_address_link(person, sealed)
    rules.check_address_link(
        made_for=asked.made_for,
        present=person.email,
        new=asked.new,
        is_late=at >= asked.until,
        is_taken=Person.objects.filter(email=asked.new).exists(),
    )
    before, person.email = person.email, asked.new
    person.save(update_fields=["email"])
    EmailAddress.objects.filter(user=person).delete()
    audit.record(
        "people.address.changed", on=person, by=by, at=at, change={"email": [before, asked.new]}
    )
    transaction.on_commit(lambda: _send("address_changed", before, person), robust=True)
    return person


def _send(template: str, to: str, person: Person, *, link: str = "") -> None:
    name = settings.TEMBUSU_BRAND["name"]
    facts = {"person": person, "link": link, "name": name}
    body = render_to_string(f"people/email/{template}.txt", facts)
    send_mail(f"{name}: your e-mail address", body, settings.DEFAULT_FROM_EMAIL, [to])

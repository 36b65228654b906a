"""Erasing a person: what they did stays in the ledger, who they were does not.

Name and addresses of an account stand in the clear in the account, its history, its invitations,
and wherever the ledger says who acted. Only the owner of the tables may change those, so erasing
is done from the command line, and by a restore.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection, models
from django.db.models import Q
from psycopg import sql

from tembusu.foundation.core import audit, history, vault
from tembusu.foundation.people import rules
from tembusu.foundation.people.actions import closing
from tembusu.foundation.people.models import Invitation, Membership, Person

LEDGER = sql.Identifier("core_auditevent")
AGAIN = "Erased before; a restored backup had brought the person back."


@dataclass(frozen=True, slots=True)
class _Traces:
    """What tells who a person was, what stands in its place, and the records it is told on."""

    names: frozenset[str]
    addresses: frozenset[str]
    person_id: int
    refs: tuple[str, ...]

    @property
    def pseudonym(self) -> str:
        return f"Erased person {self.person_id}"

    @property
    def address(self) -> str:
        return f"erased-{self.person_id}@erased.invalid"


@audit.act
def erase_person(*, person: Person, reason: str, at: datetime, by: None = None) -> Person:
    """Erase somebody whose account is closed: their key, their name and every address they had.

    The ledger goes on to say what they did, under a pseudonym. Runs as the owner of the tables.

    :raises PersonRefused: for an open account, one erased before, or without a reason
    :raises ErasureListFault: if the list of erasures can't be written
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    why = rules.check_erase(
        reason=reason, is_open=person.is_active, is_erased=vault.is_erased(person.vault_id)
    )
    vault.destroy_key(owner=person.vault_id, at=at)
    audit.record("people.person.erased", on=person, by=by, at=at, reason=why)
    _forget(person)
    return person


@audit.act
def erase_again(*, vault_id: UUID, at: datetime, by: None = None) -> bool:
    """Erase somebody whom a restored backup brought back; return whether it had.

    :param at: when they were erased first
    """
    if not vault.destroy_key(owner=vault_id, at=at):
        return False
    person = Person.objects.select_for_update().filter(vault_id=vault_id).first()
    if person is not None:
        if person.is_active:
            closing.shut(person, reason=AGAIN, by=by, at=at)
        audit.record("people.person.erased", on=person, by=by, at=at, reason=AGAIN)
        _forget(person)
    return True


def _forget(person: Person) -> None:
    """Put a pseudonym in the place of name and addresses, in every table that holds them."""
    traces = _traces_of(person)
    person.full_name, person.email = traces.pseudonym, traces.address
    person.set_unusable_password()
    person.save(update_fields=["full_name", "email", "password"])
    Authenticator.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    _replace_columns(traces)
    _replace_in_ledger(traces)
    _replace_in_contexts(traces)


def _traces_of(person: Person) -> _Traces:
    past = _history_of(Person).objects.filter(pgh_obj_id=person.pk)
    known = [*past.values_list("full_name", "email"), (person.full_name, person.email)]
    addresses = {address for _, address in known}
    invited = Invitation.objects.filter(Q(accepted_by=person) | Q(email__in=addresses))
    known += invited.values_list("full_name", "email")
    roles = Membership.objects.filter(person=person)
    return _Traces(
        names=frozenset(name for name, _ in known),
        addresses=frozenset(address for _, address in known),
        person_id=person.pk,
        refs=tuple(audit.ref(record) for record in (person, *invited, *roles)),
    )


def _replace_columns(traces: _Traces) -> None:
    both = {"full_name": traces.pseudonym, "email": traces.address}
    tables: tuple[Any, ...] = (Invitation, _history_of(Invitation))
    for model in tables:
        model.objects.filter(email__in=traces.addresses).update(**both)
    _history_of(Person).objects.filter(pgh_obj_id=traces.person_id).update(**both)
    for model in (Membership, _history_of(Membership)):
        table, own = sql.Identifier(model._meta.db_table), sql.SQL("person_id = {}")
        where = own.format(traces.person_id)
        _replace_text(table, "reason", "text", traces.names, traces.pseudonym, where)
        _replace_text(table, "reason", "text", traces.addresses, traces.address)


def _history_of(model: type[models.Model]) -> Any:
    return model.pgh_event_model  # type: ignore[attr-defined]


def _replace_in_ledger(traces: _Traces) -> None:
    say = sql.SQL("UPDATE {} SET by = {} WHERE by_id = {}")
    _run(say.format(LEDGER, traces.pseudonym, traces.person_id))
    for column, kind in (("change", "jsonb"), ("reason", "text")):
        _replace_text(LEDGER, column, kind, traces.names, traces.pseudonym, _own_events(traces))
        _replace_text(LEDGER, column, kind, traces.addresses, traces.address)
    notices = sql.Identifier("core_notification")
    _replace_text(notices, "text", "text", traces.names, traces.pseudonym)
    _replace_text(notices, "text", "text", traces.addresses, traces.address)


def _own_events(traces: _Traces) -> sql.Composed:
    """Return the condition of what the person did, or what was done about them.

    Elsewhere the same name may be another person's.
    """
    say = sql.SQL("(by_id = {} OR records && {}::varchar[])")
    return say.format(traces.person_id, list(traces.refs))


def _replace_in_contexts(traces: _Traces) -> None:
    """Replace who acted, and what reasons say, beside each row of history."""
    own = sql.SQL(
        "(pgh_context->>'user' = {} OR pgh_context_id IN (SELECT context_id FROM {} WHERE {}))"
    ).format(str(traces.person_id), LEDGER, _own_events(traces))
    for model in history.event_models():
        table = sql.Identifier(model._meta.db_table)
        _replace_text(table, "pgh_context", "jsonb", traces.names, traces.pseudonym, own)
        _replace_text(table, "pgh_context", "jsonb", traces.addresses, traces.address)


def _replace_text(
    table: sql.Identifier,
    column: str,
    kind: str,
    found: Iterable[str],
    put: str,
    where: sql.Composable | None = None,
) -> None:
    """Replace whole words within a column, whatever their capitals.

    :param kind: ``text`` or ``jsonb``, in which texts are written as JSON writes them
    """
    written = (
        json.dumps(one, ensure_ascii=False)[1:-1] if kind == "jsonb" else one for one in found
    )
    words = "|".join(re.escape(one) for one in sorted(written, key=len, reverse=True))
    say = (
        "UPDATE {table} SET {column} = regexp_replace({column}::text, {words}, {put}, 'gi')::{kind}"
        " WHERE {column}::text ~* {words} AND {where}"
    )
    _run(
        sql.SQL(say).format(
            table=table,
            column=sql.Identifier(column),
            words=sql.Literal(rf"(?<!\w)({words})(?!\w)"),
            put=sql.Literal(put),
            kind=sql.SQL(kind),
            where=where or sql.SQL("TRUE"),
        )
    )


def _run(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))

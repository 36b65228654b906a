"""Who was erased is in no dump, in no later backup, and in no earlier one that is brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.contrib.auth.hashers import make_password
from django.test import Client

from tembusu.config import application, health
from tembusu.config.application import Refused, as_owner
from tembusu.config.backups import bring_back, dump, erasures, take
from tembusu.config.commands import erase, restore
from tembusu.foundation.core import audit, notices, vault
from tembusu.foundation.core.models import AuditEvent, PersonKey
from tembusu.foundation.people import actions
from tembusu.foundation.people.models import Membership, Person
from tembusu.foundation.people.rules import PersonRefused
from tembusu.foundation.people.terms import OrganisationKind, Role, TokenScope

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(days=1)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
PHONE = "+65 6099 4417"
# Every text that was ever told of the person, with capitals and marks that a search could miss.
TOLD = (
    "Zephyrine",
    "O'Quillfeather",
    "zeph.quill@raintree.example",
    "zephyrine@kempas.example",
    "6099 4417",
)


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "keys" / "field.keys"
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    vault.field_keys.cache_clear()
    yield
    vault.field_keys.cache_clear()


@pytest.fixture
def server(postgres_server, fresh_database):
    return replace(
        postgres_server,
        app_url=postgres_server.url("app", database=fresh_database),
        owner_url=postgres_server.url("owner", database=fresh_database),
    )


@pytest.fixture
def administrator(server):
    person = actions.register_person(
        email="salmah@office.example", full_name="Salmah", password=PASSWORD, by=None, at=AT
    )
    actions.grant_role(
        person=person,
        role=Role.PLATFORM_ADMINISTRATOR,
        scope=actions.platform_scope(),
        by=None,
        at=AT,
    )
    return person


@pytest.fixture
def person(administrator):
    """Somebody who did all that leaves a trace: was invited, signed in, renamed, granted, wrote."""
    body = actions.register_organisation(
        kind=OrganisationKind.INSTITUTION,
        name="Rain Tree General Hospital",
        country="SG",
        by=None,
        at=AT,
    )
    _, secret = actions.invite_person(
        email="Zeph.Quill@raintree.example",
        full_name='Zephyrine "Zeph" Quill',
        role=Role.INSTITUTION_REPRESENTATIVE,
        scope=body.scope,
        by=administrator,
        at=AT,
    )
    made = actions.accept_invitation(secret=secret, password=PASSWORD, at=AT).person
    made = actions.rename_person(full_name="Zephyrine O'Quillfeather", by=made, at=AT)
    link = actions.ask_for_address(email="zephyrine@kempas.example", by=made, at=AT)
    sealed = link.rstrip("/").rsplit("/", 2)[-2]
    made = actions.change_address(sealed=sealed, by=made, at=AT)
    colleague = actions.register_person(
        email="lee@raintree.example", full_name="Lee", by=None, at=AT
    )
    actions.grant_role(
        person=colleague,
        role=Role.INSTITUTION_REPRESENTATIVE,
        scope=body.scope,
        reason="Zephyrine O'Quillfeather goes on leave",
        by=made,
        at=AT,
    )
    second = actions.grant_role(
        person=made, role=Role.SPONSOR_MANAGER, scope=body.scope, by=None, at=AT
    )
    actions.end_role(
        membership=second, reason="Zephyrine O'Quillfeather moved on", by=administrator, at=AT
    )
    actions.issue_token(
        name="nightly",
        scopes=[TokenScope.STUDIES_READ],
        expires_at=AT + timedelta(days=30),
        by=made,
        at=AT,
    )
    actions.rename_organisation(
        organisation=body, name="Rain Tree Hospital", on=AT.date(), by=made, at=AT
    )
    sealed_phone = vault.seal(PHONE, owner=made.vault_id, purpose="phone")
    audit.record("test.phone.given", on=made, by=made, at=AT, change={"phone": sealed_phone})
    notices.notify(person=made, text="Dear Zephyrine O'Quillfeather", url="/", at=AT)
    browser = Client()
    browser.force_login(made)
    browser.post("/account/login/", {"login": made.email, "password": f"not {PASSWORD}"})
    return made


def everything(server, folder):
    """Return the whole database as SQL text, as pg_dump writes it."""
    to = folder / "dump.sql"
    words = ["--format=plain", "--inserts", "--no-password", f"--file={to}"]
    with psycopg.connect(server.owner_url) as connection:
        tool = dump.tools_for(dump.major_of(connection)) / "pg_dump"
    dump.run(tool, words, server.owner_url)
    return to.read_text().lower()


def told_in(text):
    return {one for one in TOLD if one.lower() in text or one.lower().replace("'", "''") in text}


def close_and_erase(server, person, administrator):
    actions.close_account(person=person, reason="Left", by=administrator, at=LATER)
    with as_owner(server):
        return actions.erase_person(
            person=person, reason="Asked by Zephyrine O'Quillfeather", at=LATER
        )


def test_an_erased_person_is_in_no_dump(server, person, administrator, tmp_path):
    assert told_in(everything(server, tmp_path)) == set(TOLD) - {"6099 4417"}
    acts = AuditEvent.objects.filter(by_id=person.pk).count()

    close_and_erase(server, person, administrator)
    assert told_in(everything(server, tmp_path)) == set()
    assert AuditEvent.objects.filter(by_id=person.pk, by=f"Erased person {person.pk}").count() == (
        acts
    )
    assert AuditEvent.objects.filter(by="Salmah").exists()


def test_what_was_sealed_for_an_erased_person_is_opened_by_nobody(server, person, administrator):
    sealed = AuditEvent.objects.get(event="test.phone.given").change["phone"]
    assert vault.unseal(sealed, owner=person.vault_id, purpose="phone") == PHONE
    close_and_erase(server, person, administrator)
    assert PersonKey.objects.get(owner=person.vault_id).wrapped is None
    with pytest.raises(vault.Erased):
        vault.unseal(sealed, owner=person.vault_id, purpose="phone")


def back_up(server, folder, name):
    target = folder / name
    files = folder / "files"
    files.mkdir(exist_ok=True)
    return target, take.take(server, files=files, target=target, version="0")


def bring(server, taken, folder):
    """Restore as the command does, and give Django the database that now bears the name."""
    source, manifest = taken
    erased = restore.known_erasures()
    application.close_connections()
    bring_back.bring_back(
        server,
        manifest,
        source=source,
        files=folder / "files",
        finish=lambda name: restore.finish(server, name, erased),
    )


def lose_the_database(server):
    """Leave a database that knows of no erasure, as a new machine has."""
    with as_owner(server):
        PersonKey.objects.update(wrapped=b"another", destroyed_at=None)
        assert vault.erased() == {}


@pytest.mark.parametrize("is_lost", [False, True], ids=["database kept", "database lost"])
def test_an_older_backup_brings_nobody_back(server, person, administrator, tmp_path, is_lost):
    taken = back_up(server, tmp_path, "before.tar")
    close_and_erase(server, person, administrator)
    if is_lost:
        lose_the_database(server)

    bring(server, taken, tmp_path)
    assert told_in(everything(server, tmp_path)) == set()
    again = Person.objects.get(pk=person.pk)
    assert (again.full_name, again.is_active) == (f"Erased person {person.pk}", False)
    assert not Membership.objects.active().filter(person=again).exists()
    assert vault.is_erased(again.vault_id)
    assert Person.objects.get(pk=administrator.pk).full_name == "Salmah"
    assert vault.seal("x", owner=administrator.vault_id, purpose="p")


def test_a_later_backup_holds_nothing_of_them(server, person, administrator, tmp_path):
    close_and_erase(server, person, administrator)
    taken = back_up(server, tmp_path, "after.tar")
    bring(server, taken, tmp_path)
    assert told_in(everything(server, tmp_path)) == set()
    assert erasures.missing() == 0


# -- the list -------------------------------------------------------------------------------------


def test_the_list_names_nobody_and_is_only_added_to(server, person, administrator):
    close_and_erase(server, person, administrator)
    path = vault.erasure_list()
    assert path.read_text() == f"{person.vault_id} {LATER.isoformat()}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert vault.note_erasures(erasures.known()) == 0
    assert vault.noted_erasures() == {person.vault_id: LATER}


def test_nobody_is_erased_while_the_list_cannot_be_written(server, person, administrator):
    actions.close_account(person=person, reason="Left", by=administrator, at=LATER)
    vault.erasure_list().mkdir()
    with as_owner(server), pytest.raises(vault.ErasureListFault, match="can't be written"):
        actions.erase_person(person=person, reason="Asked", at=LATER)
    assert not vault.is_erased(person.vault_id)
    assert Person.objects.get(pk=person.pk).full_name == person.full_name


def test_a_list_that_cannot_be_read_stops_a_restore(server):
    vault.erasure_list().parent.mkdir(parents=True, exist_ok=True)
    vault.erasure_list().write_text("nonsense\n")
    with pytest.raises(Refused, match=r"Line 1 of .* can't be read"):
        restore.known_erasures()
    assert "can't be read" in health.check_erasures(server).told


def test_the_doctor_finds_erasures_that_the_list_has_lost(server, person, administrator):
    close_and_erase(server, person, administrator)
    assert health.check_erasures(server).told == "1 noted"
    vault.erasure_list().unlink()
    found = health.check_erasures(server)
    assert found.told == "1 of the database are not in the list"
    assert "from its copy" in found.mend


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "3 people's keys need field keys that the file lacks"), ("x\n", "is no key"), ("", "")],
    ids=["another file", "damaged", "the right one"],
)
def test_the_doctor_finds_a_key_file_that_does_not_fit(server, person, settings, text, told):
    keys = Path(settings.FIELD_KEYS_FILE)
    if text is None:
        keys.unlink()
        vault.make_field_keys(keys)
    elif text:
        keys.write_text(text)
    vault.field_keys.cache_clear()
    found = health.check_wrapped_keys(server)
    assert told in found.told
    assert found.is_well is not bool(told)


@pytest.mark.parametrize(
    ("is_open", "reason", "told"),
    [(True, "Asked", "Close the account first"), (False, " ", "on what ground")],
)
def test_only_a_closed_account_is_erased_and_with_a_reason(
    server, person, administrator, is_open, reason, told
):
    if not is_open:
        actions.close_account(person=person, reason="Left", by=administrator, at=LATER)
    with as_owner(server), pytest.raises(PersonRefused, match=told):
        actions.erase_person(person=person, reason=reason, at=LATER)


def test_nobody_is_erased_twice_or_opened_again(server, person, administrator):
    close_and_erase(server, person, administrator)
    with as_owner(server), pytest.raises(PersonRefused, match="erased before"):
        actions.erase_person(person=person, reason="Again", at=LATER)
    with pytest.raises(PersonRefused, match="was erased"):
        actions.reopen_account(person=person, reason="Back", by=administrator, at=LATER)


def test_a_namesake_keeps_the_name(server, person, administrator):
    other = actions.register_person(
        email="other@raintree.example", full_name=person.full_name, by=None, at=AT
    )
    other = actions.rename_person(full_name="Another", by=other, at=AT)
    close_and_erase(server, person, administrator)
    event = AuditEvent.objects.get(event="people.person.renamed", by_id=other.pk)
    assert event.change["full_name"][0] == "Zephyrine O'Quillfeather"


def test_the_command_says_what_it_did(server, person, administrator, monkeypatch):
    from contextlib import contextmanager

    @contextmanager
    def here():
        yield server

    monkeypatch.setattr(erase, "application", here)
    asked = CliRunner().invoke(erase.erase_person, ["nobody@x.example", "--reason", "Asked"])
    assert (asked.exit_code, asked.output) == (
        1,
        "tembusu: nobody has the address nobody@x.example.\n",
    )
    actions.close_account(person=person, reason="Left", by=administrator, at=LATER)
    done = CliRunner().invoke(erase.erase_person, [person.email, "--reason", "Asked"])
    assert done.exit_code == 0, done.output
    assert f"called Erased person {person.pk}" in done.output
    assert Person.objects.get(pk=person.pk).password != make_password(PASSWORD)

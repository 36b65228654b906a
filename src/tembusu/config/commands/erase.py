"""``tembusu erase-person``: what only the owner of the tables may do."""

from __future__ import annotations

import click

from tembusu.config.application import Refused, application, as_owner


@click.command(short_help="Erase a person whose account is closed.")
@click.argument("email")
@click.option("--reason", required=True, help="On what ground; the ledger shows it.")
def erase_person(email: str, reason: str) -> None:
    """Erase a person whose account is closed.

    Their key is destroyed, and a pseudonym stands in the place of their name and addresses, in the
    ledger and in history too. Cannot be undone. Runs as the owner of the tables
    (DATABASE_OWNER_URL).
    """
    with application() as server:
        from django.utils import timezone

        from tembusu.foundation.core import vault
        from tembusu.foundation.core.states import Refusal
        from tembusu.foundation.people import actions, selectors

        with as_owner(server):
            person = selectors.person_by_email(email)
            if person is None:
                raise Refused(f"nobody has the address {email}.")
            try:
                erased = actions.erase_person(person=person, reason=reason, at=timezone.now())
            except Refusal as refusal:
                raise Refused(str(refusal)) from refusal
            click.echo(
                f"{email} is erased, and called {erased.full_name} from now on. Backups taken "
                f"before hold the person still; {vault.erasure_list()} sees to it that a restore "
                "erases them again. Keep a copy of that file beside the copy of the field keys."
            )

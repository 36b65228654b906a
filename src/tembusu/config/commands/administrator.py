"""``tembusu invite-administrator``: how the first person gets in."""

from __future__ import annotations

import click

from tembusu.config.application import Refused, application


@click.command(short_help="Invite the first platform administrator.")
@click.argument("email")
@click.argument("full_name")
def invite_administrator(email: str, full_name: str) -> None:
    """Invite the first platform administrator, and print the address that accepts.

    The invitation is sent by e-mail too. Once there is an administrator, it is on screen that they
    invite the next one.
    """
    with application():
        from django.utils import timezone

        from tembusu.foundation.core.states import Refusal
        from tembusu.foundation.people import actions

        try:
            _, secret = actions.invite_first_administrator(
                email=email, full_name=full_name, at=timezone.now()
            )
        except Refusal as refusal:
            raise Refused(str(refusal)) from refusal
        click.echo(actions.link(secret))

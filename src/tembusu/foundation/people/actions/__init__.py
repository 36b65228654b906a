"""Writes about people, split by record. Other rooms import from here.

``by`` is the person who acts; None is the system itself (the command line, a load), which needs no
role and appears as "System" in the ledger.
"""

from tembusu.foundation.people.actions.addresses import ask_for_address, change_address
from tembusu.foundation.people.actions.bodies import (
    add_alias,
    place_organisation,
    register_organisation,
    rename_organisation,
    withdraw_organisation,
)
from tembusu.foundation.people.actions.closing import close_account, reopen_account
from tembusu.foundation.people.actions.erasure import erase_again, erase_person
from tembusu.foundation.people.actions.invitations import (
    accept_invitation,
    invite_first_administrator,
    invite_person,
    link,
    revoke_invitation,
)
from tembusu.foundation.people.actions.persons import (
    register_person,
    rename_person,
    reset_second_factor,
)
from tembusu.foundation.people.actions.roles import end_role, grant_role
from tembusu.foundation.people.actions.scopes import (
    make_scope,
    make_scopes,
    move_scope,
    platform_scope,
)
from tembusu.foundation.people.actions.tokens import issue_token, revoke_token

__all__ = [
    "accept_invitation",
    "add_alias",
    "ask_for_address",
    "change_address",
    "close_account",
    "end_role",
    "erase_again",
    "erase_person",
    "grant_role",
    "invite_first_administrator",
    "invite_person",
    "issue_token",
    "link",
    "make_scope",
    "make_scopes",
    "move_scope",
    "place_organisation",
    "platform_scope",
    "register_organisation",
    "register_person",
    "rename_organisation",
    "rename_person",
    "reopen_account",
    "reset_second_factor",
    "revoke_invitation",
    "revoke_token",
    "withdraw_organisation",
]

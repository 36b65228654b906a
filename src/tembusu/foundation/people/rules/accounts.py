"""Who has an account: its address, its second factor, its closing and reopening."""

import re
from datetime import timedelta

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people.rules.bodies import NameRefused, check_name

ADDRESS_LINK_LIFE = timedelta(days=1)


class PersonRefused(Refusal):
    """A person or an account with which this can't be done."""


def person_name(text: str) -> str:
    """Return a person's name with blanks made single.

    :raises NameRefused: if it is no name, or stands on more than one line
    """
    if len(text.strip().splitlines()) > 1:
        raise NameRefused("The name stands on more than one line. Type it on one.")
    return check_name(text)


_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def email_address(text: str) -> str:
    """Return an e-mail address as we keep it: small letters, no blanks around it.

    :raises PersonRefused: if it is none
    """
    address = text.strip().lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise PersonRefused("Give an e-mail address such as name@hospital.example.")
    return address


def check_reset(*, person_id: int, by_id: int | None, reason: str, has_factor: bool) -> str:
    """Return the reason for taking away a second factor, without blanks around it.

    :raises PersonRefused: for oneself, where there is none, or without a reason
    """
    if person_id == by_id:
        raise PersonRefused("Ask another administrator; nobody weakens their own account.")
    if not has_factor:
        raise PersonRefused("This account has no second factor.")
    return _reason(reason, "Say why, and how you know that the person asked.")


def check_close(
    *,
    person_id: int,
    by_id: int | None,
    reason: str,
    is_open: bool,
    is_administrator: bool,
    n_other_administrators: int,
) -> str:
    """Return the reason for closing an account, without blanks around it.

    :param is_administrator: whether the person is platform administrator
    :param n_other_administrators: other open accounts that are
    :raises PersonRefused: for oneself, a closed account, the last administrator, or no reason
    """
    if person_id == by_id:
        raise PersonRefused("Nobody closes their own account. Ask another administrator.")
    if not is_open:
        raise PersonRefused("This account is closed already.")
    if is_administrator and n_other_administrators == 0:
        raise PersonRefused(
            "This is the last platform administrator, and nobody could open the account again. "
            "Make another person administrator first."
        )
    return _reason(reason, "Say why the account is closed; the trail will show it.")


def check_reopen(*, reason: str, is_open: bool, is_erased: bool) -> str:
    """Return the reason for opening a closed account again, without blanks around it.

    :raises PersonRefused: for an open account, an erased person, or without a reason
    """
    if is_open:
        raise PersonRefused("This account is open already.")
    if is_erased:
        raise PersonRefused("This person was erased. Invite them as somebody new.")
    return _reason(reason, "Say why the account is opened again; the trail will show it.")


def check_erase(*, reason: str, is_open: bool, is_erased: bool) -> str:
    """Return the reason for erasing a person, without blanks around it.

    :raises PersonRefused: for an open account, one erased before, or without a reason
    """
    if is_erased:
        raise PersonRefused("This person was erased before.")
    if is_open:
        raise PersonRefused("Close the account first: its roles, tokens and sessions end with it.")
    return _reason(reason, "Say on what ground the person is erased; the ledger will show it.")


def _reason(text: str, missing: str) -> str:
    if not text.strip():
        raise PersonRefused(missing)
    return text.strip()


def check_new_address(*, present: str, new: str) -> None:
    """Refuse an address that changes nothing.

    :raises PersonRefused: saying so
    """
    if new == present:
        raise PersonRefused("This is your address already.")


def check_address_link(
    *, made_for: str, present: str, new: str, is_late: bool, is_taken: bool
) -> None:
    """Refuse a link that no longer can change the address.

    Whether an address is taken is told only here, to whoever reads its mail.

    :param made_for: the account's address when the link was made
    :raises PersonRefused: saying what to do
    """
    if new == present:
        raise PersonRefused("This is your address already; the link was used before.")
    if is_late or made_for != present:
        raise PersonRefused("This link has expired. Ask for a new one under Your account.")
    if is_taken:
        raise PersonRefused(f"{new} belongs to another account. Give another address.")

"""Who may do what in exchange.

Who may send an extract, its purpose says, and each sees their own. Webhooks are their body's.
"""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from tembusu.foundation.exchange import terms
from tembusu.foundation.exchange.terms import HookState, Purpose
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role, ScopeKind, register_act

if TYPE_CHECKING:
    from tembusu.foundation.exchange.models import Extract


def purposes_of(user: Any) -> list[Purpose]:
    """Return the purposes for which the user may send extracts."""
    if not user.is_authenticated:
        return []
    return [purpose for purpose in terms.purposes() if purpose.may(user)]


def check_can_send(user: Any, purpose: Purpose) -> None:
    """Refuse whoever may not send extracts for this purpose.

    :raises PermissionDenied: naming the purpose
    """
    if not purpose.may(user):
        raise PermissionDenied(f"You can't send an extract of {purpose.title.lower()}.")


def check_is_own(user: Any, extract: "Extract") -> None:
    """Refuse whoever did not send the extract.

    :raises PermissionDenied: always saying whose it is
    """
    if extract.sent_by_id != user.pk:
        raise PermissionDenied("Only its sender works on an extract.")


# -- webhooks -------------------------------------------------------------------------------------

# Those who speak for a body that has a system of its own.
KEEPS = frozenset(
    {
        Role.SPONSOR_MANAGER,
        Role.CRO_MANAGER,
        Role.INSTITUTION_REPRESENTATIVE,
        Role.CLUSTER_RESEARCH_OFFICE,
        Role.BOARD_SECRETARY,
        Role.REGULATOR_REVIEWER,
        Role.COORDINATING_LEAD,
    }
)
OVERSEES = frozenset({Role.PLATFORM_ADMINISTRATOR})

KEEP_WEBHOOKS = Act(
    "exchange",
    "keep_webhooks",
    KEEPS,
    ScopeKind.ORGANISATION,
    "connect an organisation's own system by webhooks",
)
# Accounts and settings are the administrator's, contents of studies are not: so no making, no bodies.
OVERSEE_WEBHOOKS = Act(
    "exchange",
    "oversee_webhooks",
    KEEPS,
    ScopeKind.ORGANISATION,
    "pause or end an organisation's webhooks",
    everywhere=OVERSEES,
)


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in (KEEP_WEBHOOKS, OVERSEE_WEBHOOKS):
        register_act(act)


def oversees_webhooks(user: Any) -> bool:
    """Say whether the user sees every body's webhooks."""
    return people.holds_anywhere(user, OVERSEES)


def scopes_kept(user: Any) -> set[int]:
    """Return the ids of the scopes of whose bodies the user keeps webhooks."""
    return people.scopes_of(user, KEEPS)


def check_can_keep_webhooks(user: Any, scope_id: int) -> None:
    people.check(user, KEEP_WEBHOOKS, scope_id)


def check_can_set_state(user: Any, scope_id: int, to: HookState) -> None:
    """Pausing and ending is the administrator's right too; letting a webhook go on is its body's."""
    people.check(user, KEEP_WEBHOOKS if to is HookState.ACTIVE else OVERSEE_WEBHOOKS, scope_id)

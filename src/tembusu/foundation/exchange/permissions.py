"""Who may do what in exchange. Who may send an extract, its purpose says; each sees their own."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from tembusu.foundation.exchange import terms
from tembusu.foundation.exchange.terms import Purpose

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

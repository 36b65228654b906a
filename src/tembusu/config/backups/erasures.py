"""Who was erased stays erased: a backup taken before holds them again, so they are erased once more
when it is brought back.

Erasures are known from the present database and from the list beside the key file; that list is
what remains where the database is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID


def known() -> dict[UUID, datetime]:
    """Return everybody who was erased, by database or by list, and since when.

    :raises ErasureListFault: if the list can't be read
    """
    from tembusu.foundation.core import vault

    return {**vault.noted_erasures(), **vault.erased()}


def missing() -> int:
    """Return how many erasures of the database are not in the list."""
    from tembusu.foundation.core import vault

    return len(vault.erased().keys() - vault.noted_erasures().keys())


def reapply(erased: Mapping[UUID, datetime]) -> int:
    """Erase these again in the database connected to, as its owner; return how many came back."""
    from tembusu.foundation.core import vault
    from tembusu.foundation.people import actions

    vault.note_erasures(erased)
    return sum(actions.erase_again(vault_id=owner, at=at) for owner, at in erased.items())

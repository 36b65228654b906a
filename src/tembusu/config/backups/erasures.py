"""Who was erased stays erased: a backup taken before holds their keys again, so those are
destroyed once more when it is brought back.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID


def present() -> dict[UUID, datetime]:
    """Return whose keys are destroyed in the present database, and since when."""
    from tembusu.foundation.core import vault

    return vault.erased()


def reapply(erased: dict[UUID, datetime]) -> int:
    """Destroy these keys in the database connected to; return how many had come back."""
    from tembusu.foundation.core import vault

    return sum(vault.destroy_key(owner=owner, at=at) for owner, at in erased.items())

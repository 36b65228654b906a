"""Which organisations of this deployment are the bodies that the pack names."""

from collections.abc import Mapping

from tembusu.foundation.jurisdictions.models import AuthorityBody
from tembusu.foundation.jurisdictions.selectors import held


def organisations_of_authorities() -> Mapping[str, int]:
    """Return the id of the organisation that each body of the pack is, by the body's key."""
    rows = AuthorityBody.objects.filter(pack=held.filed().key)
    return dict(rows.values_list("authority", "organisation_id"))


def organisation_of(authority: str) -> int | None:
    """Return the id of the organisation that a body of the pack is; None if nobody tied them."""
    return organisations_of_authorities().get(authority)


def authority_of(organisation_id: int) -> str | None:
    """Return the key of the body that an organisation is; None if it is none."""
    rows = AuthorityBody.objects.filter(pack=held.filed().key, organisation_id=organisation_id)
    return rows.values_list("authority", flat=True).first()

"""Saying which organisation of this deployment is a body that the pack names."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import permissions
from tembusu.foundation.jurisdictions.actions import versions
from tembusu.foundation.jurisdictions.models import AuthorityBody
from tembusu.foundation.jurisdictions.selectors import asking, held
from tembusu.foundation.jurisdictions.terms import AuthorityKind
from tembusu.foundation.people.terms import OrganisationKind

if TYPE_CHECKING:
    from tembusu.foundation.people.models import Organisation

_O = OrganisationKind
# What an organisation must be to stand for a body of the pack.
FITTING: Mapping[AuthorityKind, frozenset[OrganisationKind]] = {
    AuthorityKind.REGULATOR: frozenset({_O.REGULATOR, _O.AGENCY}),
    AuthorityKind.MINISTRY: frozenset({_O.AGENCY, _O.REGULATOR}),
    AuthorityKind.ETHICS_BOARD: frozenset({_O.ETHICS_BOARD}),
    AuthorityKind.CLUSTER: frozenset({_O.CLUSTER}),
    AuthorityKind.FUNDER: frozenset({_O.FUNDER, _O.AGENCY}),
    AuthorityKind.COORDINATING_BODY: frozenset({_O.COORDINATING_BODY, _O.AGENCY}),
}


class TieRefused(Refusal):
    """A body and an organisation that can't be one."""


@audit.act
def tie_body(
    *, authority: str, organisation: "Organisation", reason: str, by: Any, at: datetime
) -> AuthorityBody:
    """Say that an organisation is the body that the pack calls so; another one it was is let go.

    :param by: None for the system's own demo
    :raises PermissionDenied: if the person does not keep the reference data
    :raises TieRefused: if the kinds don't fit, or the organisation is another body already
    """
    if by is not None:
        permissions.check_can_tie(by)
    pack = held.filed().key
    versions.lock(pack)
    known = asking.authority(authority, timezone.localdate(at))
    if known is None:
        raise TieRefused(f"The reference data names no body '{authority}' today.")
    _check_kinds(known.kind, organisation)
    other = AuthorityBody.objects.filter(pack=pack, organisation_id=organisation.pk)
    if taken := other.exclude(authority=authority).first():
        raise TieRefused(f"{organisation.name} is {taken.authority} already. Untie that one first.")
    row = AuthorityBody.objects.filter(pack=pack, authority=authority).first()
    before = row.organisation.name if row else ""
    if row is None:
        row = AuthorityBody(pack=pack, authority=authority)
    elif row.organisation_id == organisation.pk:
        raise TieRefused(f"{organisation.name} is {authority} already. Nothing is changed.")
    row.organisation, row.tied_at = organisation, at
    row.save()
    audit.record(
        "jurisdictions.body.tied",
        on=[versions.ref(pack, "authorities", authority), audit.ref(row), audit.ref(organisation)],
        by=by,
        at=at,
        change={"organisation": [before, organisation.name]},
        reason=" ".join(reason.split()),
    )
    return row


def _check_kinds(kind: AuthorityKind, organisation: "Organisation") -> None:
    is_a = OrganisationKind(organisation.kind)
    if is_a not in FITTING[kind]:
        wanted = " or ".join(sorted(one.label.lower() for one in FITTING[kind]))
        raise TieRefused(
            f"{organisation.name} is registered as {is_a.label.lower()}; this body must be {wanted}."
        )


@audit.act
def untie_body(*, authority: str, reason: str, by: Any, at: datetime) -> None:
    """Say that no organisation here is the body that the pack calls so.

    :raises PermissionDenied: if the person does not keep the reference data
    :raises TieRefused: if none is, or no reason is given
    """
    permissions.check_can_tie(by)
    said = " ".join(reason.split())
    if not said:
        raise TieRefused("Say why, so that others can judge it later.")
    pack = held.filed().key
    versions.lock(pack)
    row = AuthorityBody.objects.filter(pack=pack, authority=authority).first()
    if row is None:
        raise TieRefused(f"No organisation is tied to {authority}.")
    audit.record(
        "jurisdictions.body.untied",
        on=[
            versions.ref(pack, "authorities", authority),
            audit.ref(row),
            f"people.Organisation:{row.organisation_id}",
        ],
        by=by,
        at=at,
        change={"organisation": [row.organisation.name, ""]},
        reason=said,
    )
    row.delete()

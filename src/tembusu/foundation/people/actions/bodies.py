"""Writes about organisations and their names."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from tembusu.foundation.core import audit
from tembusu.foundation.people import permissions, rules, selectors
from tembusu.foundation.people.actions import scopes
from tembusu.foundation.people.models import Organisation, OrganisationName, Person
from tembusu.foundation.people.terms import DatedName, NameKind, OrganisationKind, ScopeKind


@audit.act
def register_organisation(
    *,
    kind: OrganisationKind,
    name: str,
    country: str,
    by: Person | None,
    at: datetime,
    city: str = "",
    ror_id: str = "",
    parent: Organisation | None = None,
    named_since: date | None = None,
    other_names: Sequence[DatedName] = (),
) -> Organisation:
    """Register a body with its scope, its official name and whatever else it is called.

    :param country: ISO 3166-1 alpha-2
    :raises PermissionDenied: if the person keeps no bodies
    :raises Refusal: if a name, the parent or the ROR id can't be, or the body stands here already
    """
    if by is not None:
        selectors.check(by, permissions.REGISTER_ORGANISATION)
    checked, land = rules.check_name(name), rules.check_country(country)
    ror, town = rules.ror_id(ror_id), " ".join(city.split())
    if parent is not None:
        parent = _locked(parent)
        rules.check_parent(kind, parent=OrganisationKind(parent.kind), ancestors=(), own=None)
    _check_new(checked, land, town, ror)

    organisation = Organisation.objects.create(
        scope=scopes.make_scope(
            kind=ScopeKind.ORGANISATION, parent=parent.scope if parent else None
        ),
        kind=kind,
        name=checked,
        parent=parent,
        country=land,
        city=town,
        ror_id=ror,
        registered_at=at,
    )
    OrganisationName.objects.create(
        organisation=organisation, name=checked, kind=NameKind.OFFICIAL, valid_from=named_since
    )
    _write_names(organisation, other_names, official=checked)
    selectors.forget(by)
    facts = {"name": checked, "kind": kind, "country": land, "ror_id": ror}
    audit.record("people.organisation.registered", on=organisation, by=by, at=at, change=facts)
    return organisation


def _locked(organisation: Organisation) -> Organisation:
    return (
        Organisation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("scope")
        .get(pk=organisation.pk)
    )


def _check_new(name: str, country: str, city: str, ror: str | None) -> None:
    twins = Q(name=name, country=country, city=city)
    if ror is not None:
        twins |= Q(ror_id=ror)
    twin = Organisation.objects.filter(twins).first()
    if twin is not None:
        raise rules.NameRefused(f"{twin.name} ({twin.country}) is registered already.")


def _write_names(organisation: Organisation, names: Sequence[DatedName], *, official: str) -> None:
    seen: set[tuple[str, NameKind, date | None]] = set()
    rows = []
    for one in names:
        text = rules.check_name(one.name)
        if one.kind is NameKind.OFFICIAL:
            raise rules.NameRefused("A body has one official name; give the others another kind.")
        mark = (text, one.kind, one.valid_from)
        if mark in seen or text == official:
            continue
        seen.add(mark)
        rows.append(
            OrganisationName(
                organisation=organisation,
                name=text,
                kind=one.kind,
                valid_from=one.valid_from,
                valid_to=one.valid_to,
            )
        )
    OrganisationName.objects.bulk_create(rows)


@audit.act
def rename_organisation(
    *,
    organisation: Organisation,
    name: str,
    on: date,
    by: Person | None,
    at: datetime,
    reason: str = "",
) -> Organisation:
    """Give a body a new official name from a day on; the present one becomes a former name.

    :param on: the first day of the new name, today at the latest
    :raises PermissionDenied: if the person neither keeps bodies nor speaks for this one
    :raises NameRefused: if the name or the day can't be
    """
    if by is not None:
        selectors.check(by, permissions.RENAME_ORGANISATION, organisation.scope_id)
    organisation = _locked(organisation)
    new = rules.check_name(name)
    present = organisation.names.get(kind=NameKind.OFFICIAL)
    rules.check_rename(
        present=present.name,
        new=new,
        since=present.valid_from,
        on=on,
        today=timezone.localdate(at),
    )
    _check_new(new, organisation.country, organisation.city, None)

    present.kind, present.valid_to = NameKind.FORMER, on
    present.save(update_fields=["kind", "valid_to"])
    OrganisationName.objects.create(
        organisation=organisation, name=new, kind=NameKind.OFFICIAL, valid_from=on
    )
    organisation.name = new
    organisation.save(update_fields=["name"])
    audit.record(
        "people.organisation.renamed",
        on=organisation,
        by=by,
        at=at,
        change={"name": [present.name, new], "on": on.isoformat()},
        reason=reason,
    )
    return organisation


@audit.act
def add_alias(
    *,
    organisation: Organisation,
    name: str,
    by: Person | None,
    at: datetime,
    kind: NameKind = NameKind.ALIAS,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> OrganisationName:
    """Add a name by which a body is found: an alias, an acronym or a former name.

    :raises PermissionDenied: if the person neither keeps bodies nor speaks for this one
    :raises NameRefused: if it is its name already, or the dates can't be
    """
    if by is not None:
        selectors.check(by, permissions.ADD_ALIAS, organisation.scope_id)
    organisation = _locked(organisation)
    text = rules.check_name(name)
    if kind is NameKind.OFFICIAL:
        raise rules.NameRefused("To change the official name, rename the organisation.")
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        raise rules.NameRefused("The name must end after it began.")
    if organisation.names.filter(name__iexact=text, kind__in=[kind, NameKind.OFFICIAL]).exists():
        raise rules.NameRefused(f"{organisation.name} has the name {text} already.")

    row = OrganisationName.objects.create(
        organisation=organisation, name=text, kind=kind, valid_from=valid_from, valid_to=valid_to
    )
    audit.record(
        "people.organisation.alias_added",
        on=[organisation, row],
        by=by,
        at=at,
        change={"name": text, "kind": kind},
    )
    return row


@audit.act
def place_organisation(
    *,
    organisation: Organisation,
    parent: Organisation | None,
    by: Person | None,
    at: datetime,
    reason: str = "",
) -> Organisation:
    """Put a body below another one, or on its own; roles held above follow the new place.

    :raises PermissionDenied: if the person keeps no bodies
    :raises ParentRefused: if the parent is of a wrong kind or stands below the body
    """
    if by is not None:
        selectors.check(by, permissions.PLACE_ORGANISATION)
    organisation = _locked(organisation)
    if parent is not None:
        parent = _locked(parent)
        rules.check_parent(
            OrganisationKind(organisation.kind),
            parent=OrganisationKind(parent.kind),
            ancestors=selectors.ancestors(parent.scope_id),
            own=organisation.scope_id,
        )
    before = organisation.parent.name if organisation.parent else None

    organisation.parent = parent
    organisation.save(update_fields=["parent"])
    scopes.move_scope(scope=organisation.scope, parent=parent.scope if parent else None)
    selectors.forget(by)
    audit.record(
        "people.organisation.placed",
        on=organisation,
        by=by,
        at=at,
        change={"parent": [before, parent.name if parent else None]},
        reason=reason,
    )
    return organisation


@audit.act
def withdraw_organisation(
    *, organisation: Organisation, by: Person | None, at: datetime, reason: str
) -> None:
    """Take back a body that was registered by mistake and that nothing stands on yet.

    Its rows stay in the history, and the ledger says that it was there.

    :raises PermissionDenied: if the person keeps no bodies
    :raises BodyInUse: if it was changed since, or another record needs it; saying which
    """
    if by is not None:
        selectors.check(by, permissions.REGISTER_ORGANISATION)
    organisation = _locked(organisation)
    name = organisation.name
    has_other_names = organisation.names.count() > 1
    rules.check_withdraw(name, has_other_names=has_other_names, needed_by=())
    facts = {"name": name, "kind": organisation.kind, "country": organisation.country}
    scope = organisation.scope
    audit.record(
        "people.organisation.withdrawn",
        on=organisation,
        by=by,
        at=at,
        change=facts,
        reason=reason,
    )
    try:
        with transaction.atomic():
            organisation.names.all().delete()
            organisation.delete()
            scope.delete()
    except ProtectedError as fault:
        rules.check_withdraw(name, has_other_names=False, needed_by=_kinds_in(fault))
    selectors.forget(by)


def _kinds_in(fault: ProtectedError) -> list[tuple[str, str]]:
    metas = [one._meta for one in fault.protected_objects]
    return [(str(meta.verbose_name), str(meta.verbose_name_plural)) for meta in metas]

"""Reads of bodies and their names."""

from collections.abc import Collection, Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Upper
from django.shortcuts import get_object_or_404

from tembusu.foundation.people import rules
from tembusu.foundation.people.models import Organisation, OrganisationName
from tembusu.foundation.people.selectors.reach import User
from tembusu.foundation.people.terms import NamedBody, NameKind, OrganisationKind


def get_organisation(user: User, pk: int) -> Organisation:
    """Return the body if this user may see it; otherwise it does not exist for them (Http404)."""
    visible = Organisation.objects.visible_to(user)
    found: Organisation = get_object_or_404(visible.select_related("parent", "scope"), pk=pk)
    return found


def list_organisations(
    user: User,
    *,
    text: str = "",
    kinds: Collection[OrganisationKind] = (),
    countries: Collection[str] = (),
    parent: Organisation | None = None,
) -> QuerySet[Organisation]:
    """Return the bodies that this user may see, narrowed; not ordered.

    :param text: part of any of the names, or the beginning of one when shorter than three letters
    """
    rows: QuerySet[Organisation] = Organisation.objects.visible_to(user)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    if countries:
        rows = rows.filter(country__in=list(countries))
    if parent is not None:
        rows = rows.filter(parent=parent)
    if wanted := " ".join(text.split()):
        rows = rows.filter(Exists(_called(wanted).filter(organisation=OuterRef("pk"))))
    return rows


def _called(text: str) -> QuerySet[OrganisationName]:
    # Both comparisons are on UPPER(name): the first is served by the trigram index, the second by
    # the pattern index, since a trigram index has nothing to hold on to in one or two letters.
    names = OrganisationName.objects.annotate(upper_name=Upper("name"))
    if len(text) < 3:
        return names.filter(name__istartswith=text)
    return names.filter(name__icontains=text)


def find_by_name(user: User | None, name: str, *, country: str = "") -> list[Organisation]:
    """Return the bodies that have, or had, exactly this name, whatever its capitals.

    :param user: None for a load by the system, which sees every body
    """
    wanted = " ".join(name.split())
    rows = Organisation.objects.all()
    if user is not None:
        rows = rows.visible_to(user)
    if country:
        rows = rows.filter(country=country.upper())
    named = OrganisationName.objects.filter(organisation=OuterRef("pk"), name__iexact=wanted)
    return list(rows.filter(Exists(named)).order_by("name", "pk"))


def find_by_ror_id(ror_id: str) -> Organisation | None:
    """Return the body with this ROR id, given in any of its forms, for loads by the system."""
    return Organisation.objects.filter(ror_id=rules.ror_id(ror_id)).first()


def directory() -> Iterator[NamedBody]:
    """Yield what every active body is called, for matching texts with bodies.

    Not scoped to a user: names of bodies are public reference data, and the matching runs in
    imports. It says nothing about persons or studies.
    """
    names: dict[int, list[tuple[str, str]]] = {}
    held = OrganisationName.objects.exclude(kind=NameKind.OFFICIAL).order_by("pk")
    for organisation_id, kind, name in held.values_list("organisation_id", "kind", "name"):
        names.setdefault(organisation_id, []).append((kind, name))
    for body in Organisation.objects.filter(is_active=True).order_by("pk").iterator(2000):
        others = names.get(body.pk, [])
        yield NamedBody(
            organisation_id=body.pk,
            scope_id=body.scope_id,
            kind=OrganisationKind(body.kind),
            name=body.name,
            aliases=tuple(name for kind, name in others if kind != NameKind.ACRONYM),
            acronyms=tuple(name for kind, name in others if kind == NameKind.ACRONYM),
            city=body.city,
            country=body.country,
            ror_id=body.ror_id,
        )


def list_names(organisation: Organisation) -> list[OrganisationName]:
    """Return a body's names: the official one, then former ones newest first, then the others."""
    order = [NameKind.OFFICIAL, NameKind.FORMER, NameKind.ACRONYM, NameKind.ALIAS]
    rows = organisation.names.order_by("-valid_to", "name")
    return sorted(rows, key=lambda row: order.index(NameKind(row.kind)))


def countries_of(user: User) -> list[str]:
    """Return the countries of the bodies that this user may see, for a filter."""
    rows = Organisation.objects.visible_to(user)
    return sorted(rows.order_by().values_list("country", flat=True).distinct())

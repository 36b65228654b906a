"""Reads of bodies and their names."""

from collections.abc import Collection, Iterator, Sequence

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Upper
from django.shortcuts import get_object_or_404

from tembusu.foundation.people import rules
from tembusu.foundation.people.models import Organisation, OrganisationName
from tembusu.foundation.people.selectors.reach import User
from tembusu.foundation.people.terms import NamedBody, NameKind, OrganisationKind

MOST_WORDS = 12
MOST_ALIKE = 50
ALIKE = 0.35  # of the groups of three letters of a word and of the name's, the part they share
NEAR_BEST = 0.8


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

    :param text: words of one of its names, or the beginning of one when shorter than three letters;
        where no name holds them all, the names that are written most alike
    """
    rows: QuerySet[Organisation] = Organisation.objects.visible_to(user)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    if countries:
        rows = rows.filter(country__in=list(countries))
    if parent is not None:
        rows = rows.filter(parent=parent)
    return _called(rows, text)[0]


def is_called(user: User, text: str) -> bool:
    """Say whether a body that this user may see has a name with all these words."""
    return _called(Organisation.objects.visible_to(user), text)[1]


def _called(rows: QuerySet[Organisation], text: str) -> tuple[QuerySet[Organisation], bool]:
    """Return the bodies called so, and True; else those called most alike, and False."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return rows, True
    found = rows.filter(Exists(_names_with(words).filter(organisation=OuterRef("pk"))))
    if found.exists():
        return found, True
    return rows.filter(pk__in=_alike(rows, words)), False


def _names_with(words: Sequence[str]) -> QuerySet[OrganisationName]:
    # Both comparisons are on UPPER(name): the first is served by the trigram index, the second by
    # the pattern index, since a trigram index has nothing to hold on to in one or two letters.
    names = OrganisationName.objects.annotate(upper_name=Upper("name"))
    if len(words) == 1 and len(words[0]) < 3:
        return names.filter(name__istartswith=words[0])
    for word in words:
        names = names.filter(name__icontains=word)
    return names


def _alike(rows: QuerySet[Organisation], words: Sequence[str]) -> list[int]:
    """Return the ids of the bodies with a name in which each longer word stands nearly so."""
    longer = [word.upper() for word in words if len(word) >= 4]
    if not longer:
        return []
    names = OrganisationName.objects.annotate(
        upper_name=Upper("name"), likeness=TrigramWordSimilarity(" ".join(longer), Upper("name"))
    ).filter(organisation__in=rows)
    for word in longer:
        names = names.filter(upper_name__trigram_word_similar=word)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {ALIKE}")
        best = list(names.order_by("-likeness", "pk")[:MOST_ALIKE])
    return [name.organisation_id for name in best if name.likeness >= NEAR_BEST * best[0].likeness]


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

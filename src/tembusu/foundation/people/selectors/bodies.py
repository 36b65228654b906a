"""Reads of bodies and their names."""

from collections.abc import Collection, Iterator, Sequence

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Least, Upper
from django.shortcuts import get_object_or_404

from tembusu.foundation.people import rules
from tembusu.foundation.people.models import Organisation, OrganisationName
from tembusu.foundation.people.selectors.reach import User
from tembusu.foundation.people.terms import NamedBody, NameKind, OrganisationKind

MOST_WORDS = 12
MOST_ALIKE = 50
# How like a word and a name's word are: the part of their groups of three letters that they share.
ALIKE, NARROW, NEAR_BEST = 0.35, 0.42, 0.8


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
        rows = rows.filter(country__in=[code for code in countries if "\0" not in code])
    if parent is not None:
        rows = rows.filter(parent=parent)
    return _called(rows, text)


def is_called(user: User, text: str) -> bool:
    """Say whether a body that this user may see has a name with all these words."""
    words = text.split()[:MOST_WORDS]
    return not words or _with_names(Organisation.objects.visible_to(user), words).exists()


def _called(rows: QuerySet[Organisation], text: str) -> QuerySet[Organisation]:
    """Return the bodies called so; where there is none, those called most alike."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return rows
    found = _with_names(rows, words)
    return found if found.exists() else rows.filter(pk__in=_alike(rows, words))


def _with_names(rows: QuerySet[Organisation], words: Sequence[str]) -> QuerySet[Organisation]:
    return rows.filter(pk__in=_names_with(words).values("organisation"))


def _names_with(words: Sequence[str]) -> QuerySet[OrganisationName]:
    # Both comparisons are on UPPER(name): the first is served by the trigram index, the second by
    # the pattern index, since a trigram index has nothing to hold on to in one or two letters.
    names = OrganisationName.objects.all()
    if len(words) == 1 and len(words[0]) < 3:
        return names.filter(name__istartswith=words[0])
    for word in words:
        names = names.filter(name__icontains=word)
    return names


def _alike(rows: QuerySet[Organisation], words: Sequence[str]) -> list[int]:
    """Return the ids of the bodies with a name in which each longer word stands nearly so.

    A word that some name has is looked for as it is. So the index leaves few names on which the
    others are compared; where all words are strange, the longest one narrows.
    """
    longer = [word.upper() for word in words if len(word) >= 4]
    known = [word for word in longer if _names_with([word]).exists()]
    strange = sorted((word for word in longer if word not in known), key=len, reverse=True)
    if not strange:
        return []
    names = _names_with(known).filter(organisation__in=rows)
    if not known:
        upper = names.annotate(upper_name=Upper("name"))
        names = upper.filter(upper_name__trigram_word_similar=strange[0])
    likeness = [TrigramWordSimilarity(word, Upper("name")) for word in strange]
    names = names.annotate(least=Least(*likeness) if len(likeness) > 1 else likeness[0])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {NARROW}")
        best = list(names.filter(least__gte=ALIKE).order_by("-least", "pk")[:MOST_ALIKE])
    return [name.organisation_id for name in best if name.least >= NEAR_BEST * best[0].least]


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


def names_of_bodies(ids: Collection[int | None]) -> dict[int, str]:
    """Return what bodies are called, for trails that name them by their ids."""
    known = [pk for pk in ids if pk is not None]
    return dict(Organisation.objects.filter(pk__in=known).values_list("pk", "name"))


def bodies_of_kinds(kinds: Collection[OrganisationKind]) -> QuerySet[Organisation]:
    """Return the active bodies of these kinds, by kind and name.

    Not scoped to a user: whoever submits something must be able to name the board that takes it.
    """
    rows = Organisation.objects.filter(kind__in=list(kinds), is_active=True)
    return rows.select_related("scope").order_by("kind", "name", "pk")


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

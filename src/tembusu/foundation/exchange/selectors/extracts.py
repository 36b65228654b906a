"""Extracts, their rows, and what was mapped before."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from tembusu.foundation.core import files
from tembusu.foundation.exchange import terms
from tembusu.foundation.exchange.models import Extract, ExtractRow, SavedMapping
from tembusu.foundation.exchange.reading import Manner
from tembusu.foundation.exchange.rules import Layout
from tembusu.foundation.exchange.terms import Purpose
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import ScopeKind


def get_purpose(user: Any, key: str) -> Purpose:
    """Return a purpose for which the user may send extracts; any other does not exist (Http404)."""
    purpose = terms.get_purpose(key)
    if purpose is None or not purpose.may(user):
        raise Http404("No page here.")
    return purpose


def list_extracts(user: Any) -> QuerySet[Extract]:
    """Return the user's own extracts, newest first."""
    return Extract.objects.visible_to(user).select_related("organisation").order_by("-pk")


def get_extract(user: Any, pk: int) -> Extract:
    """Return one of the user's own extracts, or 404."""
    return get_object_or_404(list_extracts(user), pk=pk)


def list_rows(extract: Extract) -> QuerySet[ExtractRow]:
    """Return the rows of an extract, not ordered."""
    return ExtractRow.objects.filter(extract=extract)


def own_bodies(user: Any) -> list[tuple[int, str]]:
    """Return the bodies at which the user holds a role, by name: (id, name)."""
    held = [
        one.scope.organisation
        for one in people.own_memberships(user)
        if one.scope.kind == ScopeKind.ORGANISATION
    ]
    return sorted({(body.pk, body.name) for body in held}, key=lambda body: body[1])


def outcomes_of(extract: Extract) -> dict[str, int]:
    """Return how many rows of an extract had each outcome."""
    rows = ExtractRow.objects.filter(extract=extract).exclude(outcome="").order_by()
    return {f"taken.{kind}": n for kind, n in rows.values_list("outcome").annotate(n=Count("pk"))}


def saved_mapping(extract: Extract) -> SavedMapping | None:
    """Return how such files of the extract's body, or of its sender, were mapped last."""
    found = SavedMapping.objects.filter(purpose=extract.purpose)
    if extract.organisation_id is not None:
        return found.filter(organisation_id=extract.organisation_id).first()
    return found.filter(organisation=None, saved_by_id=extract.sent_by_id).first()


def manner_of(extract: Extract) -> Manner:
    return Manner.from_json(extract.manner)


def layout_of(extract: Extract) -> Layout:
    """Return where the extract's file says what.

    :raises ValueError: before it was mapped
    """
    if extract.layout is None:
        raise ValueError(f"Extract {extract.pk} is not mapped yet.")
    return Layout.from_json(extract.layout)


def path_of(extract: Extract) -> Any:
    return files.path_of(extract.sha256)

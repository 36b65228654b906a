"""Saved views: portfolio queries that a person keeps."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from tembusu.coordination.registry.models import SavedView


def list_views(user: Any) -> QuerySet[SavedView]:
    """Return the person's own saved views by name."""
    return SavedView.objects.filter(person_id=user.pk).order_by("name", "pk")


def get_view(user: Any, pk: int) -> SavedView:
    """Return one of the person's own saved views; anybody else's does not exist for them."""
    return get_object_or_404(SavedView, pk=pk, person_id=user.pk)

"""Saved views: a person keeps a portfolio query under a name of their own."""

from datetime import datetime
from typing import Any

from tembusu.coordination.registry.models import SavedView
from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal

LONGEST_NAME = 80
LONGEST_QUERY = 4_000
MOST_VIEWS = 100


class ViewRefused(Refusal):
    """A view that cannot be saved so."""


class NameTaken(ViewRefused):
    """One's own view of that name shows another list."""


@audit.act
def save_view(*, name: str, query: str, by: Any, at: datetime, replace: bool = False) -> SavedView:
    """Keep a query under a name.

    :param query: the part of a portfolio's address behind the question mark
    :param replace: one's own view of that name gets the new query
    :raises NameTaken: if there is one, and it is not to be replaced
    :raises ViewRefused: if the name is empty or too long, or there are too many views
    """
    label = checked_name(name)
    if len(query) > LONGEST_QUERY:
        raise ViewRefused("This list has too many filters to be kept. Take some off.")
    view = SavedView.objects.select_for_update().filter(person_id=by.pk, name=label).first()
    if view is None:
        if SavedView.objects.filter(person_id=by.pk).count() >= MOST_VIEWS:
            raise ViewRefused(f"You have {MOST_VIEWS} views. Delete one that you no longer use.")
        view = SavedView(person_id=by.pk, name=label)
    elif not replace:
        raise NameTaken(
            f"You have a view called {label} already. Give this one another name, or replace it."
        )
    before, view.query, view.made_at = view.query, query, at
    view.save()
    audit.record(
        "registry.view.saved",
        on=view,
        by=by,
        at=at,
        change={"name": label, "query": [before, query]},
    )
    return view


def checked_name(name: str) -> str:
    label = " ".join(name.replace("\0", "").split())
    if not label:
        raise ViewRefused("Give the view a name.")
    if len(label) > LONGEST_NAME:
        raise ViewRefused(f"Give the view a shorter name, of at most {LONGEST_NAME} characters.")
    return label


@audit.act
def rename_view(*, view: SavedView, name: str, by: Any, at: datetime) -> SavedView:
    """Give one of one's own views another name.

    :raises ViewRefused: if it is another person's, or the name cannot be
    """
    _check_own(view, by)
    label = checked_name(name)
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    if SavedView.objects.filter(person_id=by.pk, name=label).exclude(pk=view.pk).exists():
        raise ViewRefused(f"You have a view called {label} already.")
    before, view.name = view.name, label
    view.save(update_fields=["name"])
    audit.record("registry.view.renamed", on=view, by=by, at=at, change={"name": [before, label]})
    return view


@audit.act
def delete_view(*, view: SavedView, by: Any, at: datetime) -> None:
    """Delete one of one's own views.

    :raises ViewRefused: if it is another person's
    """
    _check_own(view, by)
    audit.record("registry.view.deleted", on=view, by=by, at=at, change={"name": [view.name, None]})
    view.delete()


def _check_own(view: SavedView, by: Any) -> None:
    if view.person_id != by.pk:
        raise ViewRefused("A view is changed by its own person.")

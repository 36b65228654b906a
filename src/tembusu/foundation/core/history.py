"""Row history: PostgreSQL triggers write every insert, update and delete of a tracked table.

The rows carry who, request and reason from the context of the request, command or job; a write from
outside any of them is still recorded, under the name of the database role that made it.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import pghistory
import pghistory.models
import pgtrigger
from django.db import models
from django.db.models.expressions import RawSQL
from pghistory import runtime, trigger

M = TypeVar("M", bound=type[models.Model])


class RowHistory(pghistory.models.Event):
    """What every history table has besides the tracked table's own columns."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_role = models.TextField(db_default=RawSQL("SESSION_USER", ()))

    class Meta:
        abstract = True


class _StatementTrigger(trigger.Event):
    """pghistory's trigger for whole statements, without its own context table.

    Our rows carry their context themselves; upserting it into a second table for each statement
    would cost time and would need the right to update.
    """

    def get_func(self, model: Any) -> pgtrigger.Func:
        text = super().get_func(model).func  # type: ignore[no-untyped-call]
        for unwanted in (
            "WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) ",
            ", _pgh_attached_context",
        ):
            if unwanted not in text:
                raise RuntimeError("pghistory writes its triggers otherwise now: see history.py")
            text = text.replace(unwanted, "")
        return pgtrigger.Func(text)  # type: ignore[no-untyped-call]


class _StatementTracker:
    """Registers our trigger in place of pghistory's own; mixed into each of its trackers."""

    def add_event_trigger(self, event_model: Any) -> None:
        this: Any = self
        pgtrigger.register(
            _StatementTrigger(  # type: ignore[no-untyped-call]
                event_model=event_model,
                label=this.label,
                name=this.trigger_name,
                row=this.row,
                operation=this.operation,
                condition=this.condition,
                level=pgtrigger.Statement,
            )
        )(event_model.pgh_tracked_model)


class _Inserts(_StatementTracker, pghistory.InsertEvent):
    pass


class _Updates(_StatementTracker, pghistory.UpdateEvent):
    pass


class _Deletes(_StatementTracker, pghistory.DeleteEvent):
    pass


def track(*, exclude: Sequence[str] = ()) -> Callable[[M], M]:
    """Keep the history of a model's rows. ``exclude`` names columns that are derived or secret."""
    tracker: Callable[[M], M] = pghistory.track(
        _Inserts("insert"),
        _Updates("update"),
        _Deletes("delete"),
        exclude=list(exclude),
        base_model=RowHistory,
        obj_field=pghistory.ObjForeignKey(related_name="+", related_query_name="+"),
        context_field=pghistory.ContextJSONField(),
        context_id_field=pghistory.ContextUUIDField(),
        meta={
            "indexes": [models.Index(fields=["pgh_obj", "pgh_id"])],
        },
    )
    return tracker


def context(**facts: Any) -> AbstractContextManager[Any]:
    """Attach facts (who, request, reason) to every row written inside, and group those rows."""
    return pghistory.context(**facts)


@contextmanager
def act_context(**facts: Any) -> Iterator[None]:
    """Group the rows of one act under an id of its own, keeping the request's facts."""
    outer = getattr(runtime._tracker, "value", None)
    if outer is None:
        with context(**facts):
            yield
        return
    runtime._tracker.value = runtime.Context(id=uuid.uuid4(), metadata={**outer.metadata, **facts})
    try:
        yield
    finally:
        runtime._tracker.value = outer


def current_context_id() -> str | None:
    """Return the id under which rows written now are grouped, or None outside any context."""
    tracked = getattr(runtime._tracker, "value", None)
    return str(tracked.id) if tracked is not None else None


def event_models() -> list[type[models.Model]]:
    """Return every history model of the house."""
    return list(pghistory.core.event_models())

"""Runs migrations without drawing the whole house anew at each step.

Django redraws, after each operation, every model that is related to the changed one, over two hops. Here
nearly all tables know ``people.Person``, so that each of some hundreds of operations redrew nearly all
models. What is added to a model (a field, an index, a constraint, a trigger) asks only for that model
to be right when its statement is written; the others need not know.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

# By what changes: the methods that add to one model and never change what others know of it.
ADDING = ("add_model", "add_field", "_append_option", "_remove_option", "alter_model_options")


@contextmanager
def one_model_at_a_time() -> Iterator[None]:
    """Within, an operation that adds to a model redraws that model alone.

    Operations that change or rename what others refer to redraw all, as Django does it.
    """
    changed = [mock.patch.object(ProjectState, name, _alone(ProjectState, name)) for name in ADDING]
    for operation in (AddTrigger, RemoveTrigger):
        changed.append(mock.patch.object(operation, "state_forwards", _forwards_alone(operation)))
    for one in changed:
        one.start()
    try:
        yield
    finally:
        for one in changed:
            one.stop()


def _redraw_one(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" in state.__dict__:
        state._reload({(app_label, model_name)})


def _alone(where: Any, name: str) -> Callable[..., Any]:
    method = getattr(where, name)

    def alone(state: Any, *arguments: Any, **named: Any) -> Any:
        with mock.patch.object(ProjectState, "reload_model", _redraw_one):
            return method(state, *arguments, **named)

    return alone


def _forwards_alone(operation: Any) -> Callable[..., Any]:
    forwards = operation.state_forwards

    def alone(self: Any, app_label: str, state: Any) -> Any:
        with mock.patch.object(ProjectState, "reload_model", _redraw_one):
            return forwards(self, app_label, state)

    return alone

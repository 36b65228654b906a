"""Every table keeps the history of its rows, may only be added to, or says why neither."""

import re

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tembusu.foundation.core import history, ledger
from tests.architecture import declared, house

# Made by migrations without a model.
PLAIN_TABLES = {
    "core_cache": "the cache of rate limits; emptied at will",
    "django_migrations": "Django's own, written by the owner alone",
}


def is_history(model: type[models.Model]) -> bool:
    return model in set(history.event_models())


def tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def test_every_table_keeps_history_or_says_why_not() -> None:
    tracked = set(ledger.tracked_models())
    wrong = [
        model._meta.label
        for model in tables()
        if model not in tracked
        and not is_history(model)
        and not getattr(model, "append_only", False)
        and not model._meta.auto_created
        and model._meta.label not in declared.UNTRACKED
    ]
    assert not wrong, house.say(
        sorted(wrong),
        "People's work: decorate the model with @history.track(). Rows that are only ever added: "
        "set "
        "append_only. Derived or operational: say why in UNTRACKED of "
        "tests/architecture/declared.py.",
    )


@pytest.mark.parametrize("label", sorted(declared.UNTRACKED))
def test_a_declared_table_is_still_untracked(label: str) -> None:
    tracked = {model._meta.label for model in ledger.tracked_models()}
    present = {model._meta.label for model in tables()}
    assert label in present - tracked, (
        f"{label} is gone or is tracked by now: remove it from UNTRACKED."
    )


def test_tracked_tables_remember_inserts_updates_and_deletes() -> None:
    wrong = []
    for model in ledger.tracked_models():
        names = {
            type(trigger).__name__ + str(trigger.operation) for trigger in model._meta.triggers
        }
        for operation in ("INSERT", "UPDATE", "DELETE"):
            if not any(operation in name.upper() for name in names):
                wrong.append(f"{model._meta.label} {operation}")
    assert not wrong, house.say(wrong, "Track it with core.history.track(), which keeps all three.")


@pytest.mark.django_db
def test_the_applications_role_has_no_right_over_history() -> None:
    found = [f"{w.table}: {w.right}" for w in ledger.weaknesses(connection)]
    assert not found, house.say(
        found, "core.ledger.secure must take this right away; `migrate` runs it."
    )


@pytest.mark.django_db
def test_no_table_lies_in_the_database_unknown() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        present = {name for (name,) in cursor.fetchall()}
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    unknown = present - known - set(PLAIN_TABLES)
    assert not unknown, house.say(
        sorted(unknown), "Give the table a model, or name it with its reason in PLAIN_TABLES here."
    )


def test_migrations_are_in_step_with_the_models() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    faults = [
        f"{label}: {operation.describe()}"
        for label, migrations in changes.items()
        for migration in migrations
        for operation in migration.operations
    ]
    assert not faults, house.say(
        faults,
        "Run `.venv/bin/python -m django makemigrations --settings tembusu.config.settings` and "
        "read "
        "what it wrote.",
    )


def test_constraints_are_named_as_sentences() -> None:
    wrong = []
    for model in apps.get_models():
        if not house.room_of(model.__module__) or is_history(model):
            continue
        for constraint in model._meta.constraints:
            if len(re.split("_", constraint.name)) < 4 or "%" in constraint.name:
                wrong.append(f"{model._meta.label}: {constraint.name}")
    assert not wrong, house.say(
        wrong, "Name what always holds, as in `a_role_ends_after_it_was_granted`."
    )

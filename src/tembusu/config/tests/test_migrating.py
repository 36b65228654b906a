"""Migrations that redraw one model at a time end in the same models."""

from django.db import migrations, models
from django.db.migrations.state import ProjectState

from tembusu.config.migrating import one_model_at_a_time

OPERATIONS = [
    migrations.CreateModel("Banyan", [("id", models.AutoField(primary_key=True))]),
    migrations.CreateModel(
        "Fig",
        [
            ("id", models.AutoField(primary_key=True)),
            ("banyan", models.ForeignKey("grove.Banyan", models.PROTECT, related_name="figs")),
        ],
    ),
    migrations.AddField("fig", "ripe_date", models.DateField(null=True)),
    migrations.AddField(
        "banyan", "best", models.ForeignKey("grove.Fig", models.PROTECT, null=True)
    ),
    migrations.AddIndex("fig", models.Index(fields=["ripe_date"], name="fig_ripe")),
    migrations.AddConstraint(
        "fig", models.UniqueConstraint(fields=["banyan", "ripe_date"], name="one_fig_a_day")
    ),
    migrations.RenameField("banyan", "best", "finest"),
    migrations.RemoveIndex("fig", "fig_ripe"),
]


def grown() -> ProjectState:
    state = ProjectState()
    _ = state.apps  # drawn from the beginning, as when statements are written
    for operation in OPERATIONS:
        operation.state_forwards("grove", state)
    return state


def seen(state: ProjectState) -> dict[str, object]:
    """What statements are written from: fields with their targets, indexes and constraints."""
    return {
        model.__name__: (
            [
                (f.name, f.column, f.remote_field and f.related_model.__name__)
                for f in model._meta.fields
            ],
            [index.name for index in model._meta.indexes],
            [constraint.name for constraint in model._meta.constraints],
        )
        for model in state.apps.get_models()
    }


def test_the_models_at_the_end_are_the_same() -> None:
    plain = grown()
    with one_model_at_a_time():
        quick = grown()
    assert seen(quick) == seen(plain)
    assert quick == plain
    assert seen(quick)["Banyan"][0][1] == ("finest", "finest_id", "Fig")


def test_outside_django_does_as_it_always_does() -> None:
    before = ProjectState.add_field
    with one_model_at_a_time():
        assert ProjectState.add_field is not before
    assert ProjectState.add_field is before

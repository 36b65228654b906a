from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils import timezone


class StartupConfig(AppConfig):
    name = "tembusu.coordination.startup"
    label = "startup"
    verbose_name = "Start-up"

    def ready(self) -> None:
        from tembusu.coordination.startup import permissions
        from tembusu.coordination.startup.selectors import concerning, story, waiting
        from tembusu.coordination.startup.terms import MILESTONES_CHANGED
        from tembusu.coordination.startup.views import menu
        from tembusu.foundation.core import outbox, trail, worklist

        permissions.register()
        menu.register()
        trail.register("study-site", story.PATH)
        outbox.declare(MILESTONES_CHANGED)
        concerning.register()
        worklist.register("startup", waiting.offer)
        _listen()
        _exchange()
        post_migrate.connect(seed, sender=self, dispatch_uid="startup.seed")


def _listen() -> None:
    """Follow what other rooms decide."""
    from tembusu.coordination.registry.terms import STUDIES_CHANGED
    from tembusu.coordination.startup import tasks
    from tembusu.coordination.submissions.terms import SUBMISSION_CHANGED, SUBMISSION_DECIDED
    from tembusu.foundation.core import outbox

    outbox.subscribe(SUBMISSION_CHANGED.name, tasks.on_submission)
    outbox.subscribe(SUBMISSION_DECIDED.name, tasks.on_submission)
    outbox.subscribe(STUDIES_CHANGED.name, tasks.on_studies)


def _exchange() -> None:
    """Let other systems send milestones: as extracts, and one by one as signed events."""
    from tembusu.coordination.startup import tasks
    from tembusu.coordination.startup.actions import arriving
    from tembusu.coordination.startup.selectors import extracts
    from tembusu.foundation.exchange import terms as exchange

    exchange.register_purpose(
        exchange.Purpose(
            key=extracts.KEY,
            title=extracts.TITLE,
            intro=extracts.INTRO,
            columns=extracts.columns(),
            may=extracts.may_send,
            check=arriving.check_rows,
            take=arriving.take_rows,
            row_key=extracts.row_key,
            url="startup:paths",
        )
    )
    exchange.register_event(extracts.CHANGED)
    exchange.register_receiver(
        extracts.COMPLETED,
        tasks.on_completed,
        says="A milestone of a study-site was completed.",
        example=extracts.COMPLETED_EXAMPLE,
    )
    exchange.register_receiver(
        extracts.MOVED,
        tasks.on_moved,
        says="A milestone of a study-site starts, is completed, waits, goes on, or does not apply.",
        example=extracts.MOVED_EXAMPLE,
    )


def seed(using: str, **more: Any) -> None:
    """Let the release's files begin or propose pathways, once the tables stand."""
    from tembusu.coordination.startup import actions
    from tembusu.coordination.startup.models import PathwayVersion

    if PathwayVersion._meta.db_table in connections[using].introspection.table_names():
        actions.seed_pathways(at=timezone.now())

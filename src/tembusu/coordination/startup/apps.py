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
        from tembusu.coordination.registry.terms import STUDIES_CHANGED
        from tembusu.coordination.startup import permissions, tasks
        from tembusu.coordination.startup.selectors import concerning, story
        from tembusu.coordination.startup.terms import MILESTONES_CHANGED
        from tembusu.coordination.startup.views import menu
        from tembusu.coordination.submissions.terms import SUBMISSION_CHANGED, SUBMISSION_DECIDED
        from tembusu.foundation.core import outbox, trail

        permissions.register()
        menu.register()
        trail.register("study-site", story.PATH)
        outbox.declare(MILESTONES_CHANGED)
        concerning.register()
        outbox.subscribe(SUBMISSION_CHANGED.name, tasks.on_submission)
        outbox.subscribe(SUBMISSION_DECIDED.name, tasks.on_submission)
        outbox.subscribe(STUDIES_CHANGED.name, tasks.on_studies)
        post_migrate.connect(seed, sender=self, dispatch_uid="startup.seed")


def seed(using: str, **more: Any) -> None:
    """Let the release's files begin or propose pathways, once the tables stand."""
    from tembusu.coordination.startup import actions
    from tembusu.coordination.startup.models import PathwayVersion

    if PathwayVersion._meta.db_table in connections[using].introspection.table_names():
        actions.seed_pathways(at=timezone.now())

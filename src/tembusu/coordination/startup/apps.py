from django.apps import AppConfig


class StartupConfig(AppConfig):
    name = "tembusu.coordination.startup"
    label = "startup"
    verbose_name = "Start-up"

    def ready(self) -> None:
        from tembusu.coordination.startup import permissions
        from tembusu.coordination.startup.terms import MILESTONES_CHANGED
        from tembusu.foundation.core import outbox

        permissions.register()
        outbox.declare(MILESTONES_CHANGED)

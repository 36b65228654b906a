from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "tembusu.coordination.registry"
    label = "registry"
    verbose_name = "Registry"

    def ready(self) -> None:
        from tembusu.coordination.registry import permissions, tasks
        from tembusu.coordination.registry.rules import form
        from tembusu.coordination.registry.selectors import scopes, story, waiting
        from tembusu.coordination.registry.terms import STUDIES_CHANGED
        from tembusu.coordination.registry.views import menu
        from tembusu.foundation.core import outbox, trail

        form.sections()  # a fault in the registration form is told at start, not to a person
        permissions.register()
        outbox.declare(STUDIES_CHANGED)
        trail.register("study", story.STUDY)
        tasks.register()
        menu.register()
        scopes.register()
        waiting.register()

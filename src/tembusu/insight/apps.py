from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "tembusu.insight"
    label = "insight"
    verbose_name = "Insight"

    def ready(self) -> None:
        from tembusu.insight import permissions, tasks
        from tembusu.insight.rules import definitions

        definitions.from_file()  # a fault in the file is told at start, not to a person
        permissions.register()
        tasks.register()

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
        add_to_menu()


def add_to_menu() -> None:
    from tembusu.foundation.ui.navigation import NavItem, register
    from tembusu.insight.selectors.papers import may_make
    from tembusu.insight.selectors.readers import sees_figures

    pages = frozenset({"insight:groups", "insight:process", "insight:cases"})
    register(
        NavItem("Insight", "Start-up figures", "insight:dashboard", 700, sees_figures, pages=pages)
    )
    register(
        NavItem(
            "Insight",
            "Definitions",
            "insight:definitions",
            720,
            sees_figures,
            pages=frozenset({"insight:definition", "insight:definition_edit"}),
        )
    )
    register(NavItem("Insight", "Committee papers", "insight:papers", 710, may_make))

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tembusu.desk"
    label = "desk"
    verbose_name = "Desk"

    def ready(self) -> None:
        from tembusu.desk import selectors
        from tembusu.foundation.ui import navigation

        navigation.register(
            navigation.NavItem(
                "Work",
                "Desk",
                "desk:desk",
                0,
                lambda user: user.is_authenticated,
                selectors.count_mine,
                counted="wait on you",
            )
        )

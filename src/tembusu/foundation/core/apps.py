from typing import Any

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "tembusu.foundation.core"
    label = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from tembusu.foundation.core import notices
        from tembusu.foundation.ui import navigation
        from tembusu.foundation.ui.navigation import NavItem

        def is_signed_in(user: Any) -> bool:
            return bool(user.is_authenticated)

        def n_unread(user: Any) -> int | None:
            return notices.count_unread(user.pk) or None

        place = navigation.PERSON
        for item in (
            NavItem(place, "Notifications", "core:notifications", 20, is_signed_in, n_unread),
            NavItem(place, "Jobs", "core:jobs", 30, is_signed_in),
        ):
            navigation.register(item)

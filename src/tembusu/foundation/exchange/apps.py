from typing import Any

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tembusu.foundation.exchange"
    label = "exchange"
    verbose_name = "Exchange"

    def ready(self) -> None:
        from tembusu.foundation.exchange import permissions, tasks, terms

        permissions.register()
        terms.register_event(
            terms.EventOut(
                terms.PING,
                "Sent by the button “Send a test”, to see whether events arrive.",
                {"says": "This is a test."},
            )
        )
        tasks.register()
        add_to_menu()


def add_to_menu() -> None:
    from tembusu.foundation.exchange import permissions
    from tembusu.foundation.exchange.selectors import webhooks
    from tembusu.foundation.ui.navigation import NavItem, register

    def sends(user: Any) -> bool:
        return bool(permissions.purposes_of(user))

    pages = frozenset({"exchange:extract_new", "exchange:extract", "exchange:mapping"})
    register(NavItem("Exchange", "Extracts", "exchange:extracts", 700, sends, pages=pages))
    register(NavItem("Exchange", "Webhooks", "exchange:webhooks", 710, webhooks.sees_webhooks))

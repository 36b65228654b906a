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

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tembusu.foundation.exchange"
    label = "exchange"
    verbose_name = "Exchange"

    def ready(self) -> None:
        from tembusu.foundation.exchange import tasks

        tasks.register()

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "tembusu.foundation.exchange"
    label = "exchange"
    verbose_name = "Exchange"

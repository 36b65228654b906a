from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "tembusu.foundation.ui"
    label = "ui"
    verbose_name = "Screens"

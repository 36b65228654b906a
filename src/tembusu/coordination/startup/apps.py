from django.apps import AppConfig


class StartupConfig(AppConfig):
    name = "tembusu.coordination.startup"
    label = "startup"
    verbose_name = "Start-up"

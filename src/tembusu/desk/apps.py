from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tembusu.desk"
    label = "desk"
    verbose_name = "Desk"

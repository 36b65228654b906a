from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "tembusu.insight"
    label = "insight"
    verbose_name = "Insight"

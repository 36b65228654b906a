from django.apps import AppConfig


class JurisdictionsConfig(AppConfig):
    name = "tembusu.foundation.jurisdictions"
    label = "jurisdictions"
    verbose_name = "Jurisdictions"

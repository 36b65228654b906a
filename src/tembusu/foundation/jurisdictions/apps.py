from django.apps import AppConfig


class JurisdictionsConfig(AppConfig):
    name = "tembusu.foundation.jurisdictions"
    label = "jurisdictions"
    verbose_name = "Jurisdictions"

    def ready(self) -> None:
        from django.conf import settings

        from tembusu.foundation.jurisdictions import permissions
        from tembusu.foundation.jurisdictions.rules import files

        permissions.register()
        files.read(settings.TEMBUSU_JURISDICTION)  # a fault is told at start, not to a person

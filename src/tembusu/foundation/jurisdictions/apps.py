from django.apps import AppConfig


class JurisdictionsConfig(AppConfig):
    name = "tembusu.foundation.jurisdictions"
    label = "jurisdictions"
    verbose_name = "Jurisdictions"

    def ready(self) -> None:
        from django.conf import settings

        from tembusu.foundation.core import trail
        from tembusu.foundation.jurisdictions import permissions
        from tembusu.foundation.jurisdictions.rules import files
        from tembusu.foundation.jurisdictions.selectors import story
        from tembusu.foundation.jurisdictions.views import menu

        permissions.register()
        trail.register("reference-item", story.ITEM)
        menu.register()
        files.read(settings.TEMBUSU_JURISDICTION)  # a fault is told at start, not to a person

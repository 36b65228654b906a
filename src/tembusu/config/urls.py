"""Addresses of the whole site."""

from django.urls import include, path
from django.views.generic import RedirectView

from tembusu.config.api import api

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:desk"), name="home"),
    path("desk/", include("tembusu.desk.urls")),
    path("account/", include("allauth.urls")),
    path("people/", include("tembusu.foundation.people.urls")),
    path("reference-data/", include("tembusu.foundation.jurisdictions.urls")),
    path("api/v1/", api.urls),
    path("ui/", include("tembusu.foundation.ui.urls")),
    path("", include("tembusu.foundation.core.urls")),
    path("", include("tembusu.foundation.exchange.urls")),
    path("", include("tembusu.coordination.registry.urls")),
    path("", include("tembusu.insight.urls")),
    path("", include("tembusu.coordination.startup.urls")),
    path("", include("tembusu.coordination.submissions.urls")),
]

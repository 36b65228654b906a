"""Addresses of the desk."""

from django.urls import path

from tembusu.desk.views import desk, settings

app_name = "desk"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("export.csv", desk.export, name="export"),
    path("seen/", desk.seen, name="seen"),
    path("settings/", settings.detail, name="settings"),
    path("settings/feed/", settings.feed_renew, name="feed_renew"),
    path("settings/feed/close/", settings.feed_close, name="feed_close"),
    path("settings/digest/", settings.digest_switch, name="digest_switch"),
    path("feed/<str:secret>.ics", settings.feed, name="feed"),
    path("digest/stop/<str:token>/", settings.digest_stop, name="digest_stop"),
]

"""Addresses of start-up, by page."""

from django.urls import path

from tembusu.coordination.startup.views import (
    bulk,
    escalating,
    listing,
    log,
    moves,
    pathways,
    selecting,
    site,
    study,
    timing,
)

app_name = "startup"

LISTS = [
    path("startup/", listing.path_list, name="paths"),
    path("startup/export.csv", listing.export, name="paths_export"),
    path("startup/record/", bulk.record, name="record"),
]

PATHWAYS = [
    path("startup/pathways/", pathways.pathway_list, name="pathways"),
    path("startup/pathways/<str:key>/", pathways.pathway, name="pathway"),
    path("startup/pathways/<str:key>/<int:number>/", pathways.pathway, name="version"),
    path("startup/pathways/<str:key>/<int:number>/decide/", pathways.decide, name="decide"),
]

STUDY = [
    path("startup/studies/<int:pk>/", study.study, name="study"),
    path("startup/studies/<int:pk>/select/", selecting.select, name="select"),
]

SITE = [
    path("startup/sites/<int:pk>/", site.site, name="site"),
    path("startup/sites/<int:pk>/trail/", site.site_trail, name="site_trail"),
    path(
        "startup/sites/<int:pk>/milestones/<slug:key>/<slug:move>/",
        moves.move,
        name="move",
    ),
    path("startup/sites/<int:pk>/time/", timing.site_time, name="site_time"),
    path("startup/sites/<int:pk>/delegations/", log.delegations_page, name="delegations"),
    path("startup/sites/<int:pk>/delegations/new/", log.delegate, name="delegate"),
    path("startup/sites/<int:pk>/trainings/new/", log.training, name="training"),
    path("startup/delegations/<int:pk>/", log.change, name="delegation"),
    path("startup/delegations/<int:pk>/sign/", log.sign, name="sign"),
    path("startup/sites/<int:pk>/escalate/", escalating.escalate, name="escalate"),
    path("startup/escalations/<int:pk>/", escalating.reply, name="reply"),
    path("startup/sites/<int:pk>/leave/", moves.leave, name="leave"),
    path("startup/sites/<int:pk>/reinstate/", moves.reinstate, name="reinstate"),
    path("startup/sites/<int:pk>/version/", moves.change_version, name="change_version"),
]

urlpatterns = LISTS + PATHWAYS + STUDY + SITE

"""Addresses of insight."""

from django.urls import path

from tembusu.insight.views import cases, dashboard, definitions, groups, papers, process

app_name = "insight"

FIGURES = [
    path("insight/start-up/", dashboard.overview, name="dashboard"),
    path("insight/start-up/figures.csv", dashboard.figures_csv, name="figures_csv"),
    path("insight/start-up/groups/", groups.overview, name="groups"),
    path("insight/start-up/groups/groups.csv", groups.groups_csv, name="groups_csv"),
    path("insight/start-up/process/", process.overview, name="process"),
    path("insight/start-up/cases/", cases.case_list, name="cases"),
    path("insight/start-up/cases/cases.csv", cases.cases_csv, name="cases_csv"),
]

DEFINITIONS = [
    path("insight/definitions/", definitions.definition_list, name="definitions"),
    path("insight/definitions/<slug:key>/", definitions.definition_detail, name="definition"),
    path(
        "insight/definitions/<slug:key>/change/",
        definitions.definition_edit,
        name="definition_edit",
    ),
]

PAPERS = [
    path("insight/papers/", papers.paper_list, name="papers"),
    path("insight/papers/<int:pk>/<slug:kind>/", papers.paper_file, name="paper_file"),
]

urlpatterns = [*FIGURES, *DEFINITIONS, *PAPERS]

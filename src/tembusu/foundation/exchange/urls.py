"""Addresses of extracts and webhooks."""

from django.urls import path

from tembusu.foundation.exchange.views import extract, extracts

app_name = "exchange"

EXTRACTS = [
    path("extracts/", extracts.extract_list, name="extracts"),
    path("extracts/new/<str:key>/", extracts.extract_new, name="extract_new"),
    path("extracts/<int:pk>/", extract.detail, name="extract"),
    path("extracts/<int:pk>/mapping/", extracts.mapping, name="mapping"),
    path("extracts/<int:pk>/take/", extract.take, name="take"),
    path("extracts/<int:pk>/rows/<int:line>/leave/", extract.leave, name="leave"),
    path("extracts/<int:pk>/rows.csv", extract.rows_csv, name="rows_csv"),
    path("extracts/<int:pk>/refused/", extract.refused_file, name="refused_file"),
    path("extracts/<int:pk>/cancel/", extract.cancel, name="cancel"),
    path("extracts/<int:pk>/resume/", extract.resume, name="resume"),
    path("extracts/<int:pk>/discard/", extract.discard, name="discard"),
]

urlpatterns = [*EXTRACTS]

from django.urls import path

from tembusu.foundation.ui import views

app_name = "ui"

urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("theme/", views.theme, name="theme"),
    path("progress/", views.progress, name="progress"),
    path("error/<int:code>/", views.error, name="error"),
    path("<slug:shell>/", views.shell, name="shell"),
]

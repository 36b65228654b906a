from django.urls import path

from tembusu.foundation.core import views

app_name = "core"
urlpatterns = [
    path("jobs/", views.job_list, name="jobs"),
    path("jobs/<int:pk>/", views.job_detail, name="job"),
    path("jobs/<int:pk>/part/", views.job_part, name="job_part"),
    path("jobs/<int:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/retry/", views.job_retry, name="job_retry"),
    path("jobs/<int:pk>/files/<str:name>/", views.job_file, name="job_file"),
    path("notifications/", views.notification_list, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications_read"),
    path("trail/<slug:slug>/<int:pk>/", views.trail_page, name="trail"),
    path("trail/<slug:slug>/<int:pk>/export/", views.trail_export, name="trail_export"),
]

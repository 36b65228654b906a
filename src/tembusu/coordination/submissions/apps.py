from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "tembusu.coordination.submissions"
    label = "submissions"
    verbose_name = "Submissions"

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "tembusu.coordination.submissions"
    label = "submissions"
    verbose_name = "Submissions"

    def ready(self) -> None:
        from tembusu.coordination.submissions import permissions
        from tembusu.coordination.submissions.selectors import concerning
        from tembusu.coordination.submissions.terms import SUBMISSION_CHANGED, SUBMISSION_DECIDED
        from tembusu.foundation.core import outbox

        permissions.register()
        outbox.declare(SUBMISSION_DECIDED)
        outbox.declare(SUBMISSION_CHANGED)
        concerning.register()

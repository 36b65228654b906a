from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "tembusu.coordination.submissions"
    label = "submissions"
    verbose_name = "Submissions"

    def ready(self) -> None:
        from tembusu.coordination.submissions import permissions
        from tembusu.coordination.submissions.actions import extracts
        from tembusu.coordination.submissions.selectors import concerning, story, work
        from tembusu.coordination.submissions.terms import SUBMISSION_CHANGED, SUBMISSION_DECIDED
        from tembusu.coordination.submissions.views import menu
        from tembusu.foundation.core import outbox, trail, worklist

        permissions.register()
        outbox.declare(SUBMISSION_DECIDED)
        outbox.declare(SUBMISSION_CHANGED)
        concerning.register()
        trail.register("submission", story.SUBMISSION)
        worklist.register("submissions", work.waiting)
        extracts.register()
        menu.register()

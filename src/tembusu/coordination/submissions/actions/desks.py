"""How bodies work: here, or in systems of their own."""

from datetime import datetime
from typing import Any

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import BodyDesk
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import bodies
from tembusu.foundation.core import audit
from tembusu.foundation.people import selectors as people


@audit.act
def keep_body_desk(
    *,
    body: Any,
    works_here: bool,
    system: str,
    approval_months: int | None,
    by: Any,
    at: datetime,
) -> BodyDesk:
    """Say how a body works from now on; submissions that were begun keep how it worked then.

    :param system: the name of its own system of record, '' where it works here
    :param approval_months: for how long its approvals usually hold; None where nothing is usual
    :raises PermissionDenied: unless the user leads the coordinating body
    :raises SubmissionRefused: if the body takes no submissions, or both or neither are said
    """
    if by is not None:
        people.check(by, permissions.KEEP_DESKS)
    body = bodies.known_body(body.pk)
    if works_here == bool(system.strip()):
        raise SubmissionRefused(
            f"Either {body.name} works here, or it has a system of its own: name the system then."
        )
    desk, _ = BodyDesk.objects.update_or_create(
        body=body,
        defaults={
            "works_here": works_here,
            "system": system.strip(),
            "approval_months": approval_months,
        },
    )
    audit.record(
        "submissions.body.desk",
        on=audit.ref(body),
        by=by,
        at=at,
        change={"works_here": works_here, "system": system.strip()},
    )
    return desk

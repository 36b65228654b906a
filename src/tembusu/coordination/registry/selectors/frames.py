"""The frame of a study's page, for the tabs that higher rooms add to it."""

from typing import Any

from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.views.study.frame import frame_for, load_for


def study_frame(user: Any, pk: int, current: str) -> tuple[Study, dict[str, Any]]:
    """Return a study and what every tab of it shows; 404 where this user may not see it.

    The page extends ``ui/record.html``. It reads: study, crumbs, heading, acronym, lead, marks (Badge),
    numbers, tabs (Tab), acts (Act), blocked (Blocked).

    :param current: the key of the ``StudyTab`` whose page it is
    """
    shown = load_for(user, pk)
    return shown.study, frame_for(user, shown, current)

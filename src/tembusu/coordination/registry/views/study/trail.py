"""What was done with a study, for those who work with it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.views.study.frame import frame, load
from tembusu.foundation.core import trail
from tembusu.foundation.ui.terms import (
    Change,
    TrailEntry,
)

TRAIL_ON_THE_TAB = 40


@login_required
@require_safe
def trail_tab(request: HttpRequest, pk: int) -> HttpResponse:
    selectors.get_study_within(request.user, pk)
    shown = load(request, pk)
    story = trail.story("study")
    told = [one for one in trail.tell(story, shown.study) if not one.is_spare] if story else []
    context = {
        **frame(request, shown, "trail"),
        "entries": [entry_shown(one) for one in told[:TRAIL_ON_THE_TAB]],
        "n_entries": len(told),
        "n_shown": min(len(told), TRAIL_ON_THE_TAB),
        "trail_url": reverse("core:trail", args=["study", pk]),
        "export_url": reverse("core:trail_export", args=["study", pk]),
    }
    return render(request, "registry/study/trail.html", context)


def entry_shown(entry: Any) -> TrailEntry:
    """Return a line of the core's trail as the component draws it."""
    return TrailEntry(
        at=entry.at,
        title=entry.title,
        who=entry.by,
        reason=entry.reason,
        changes=[Change(c.field, c.before, c.after) for c in entry.shown[:12]],
        is_turning=entry.kind in ("act", "import"),
    )

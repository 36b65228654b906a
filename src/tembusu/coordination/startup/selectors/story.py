"""How a study-site's trail reads: which events and rows belong to it, and what they are called."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.urls import reverse

from tembusu.coordination.startup.models import (
    Delegation,
    Escalation,
    Hold,
    SiteMilestone,
    SitePathway,
)
from tembusu.coordination.startup.selectors import paths
from tembusu.foundation.core.trail import OWN_KEY, RowSource, Story

TITLES: Mapping[str, str] = {
    "startup.site.selected": "Site selected",
    "startup.site.brought_in": "Brought in with past years",
    "startup.site.withdrawn": "Site withdrawn",
    "startup.site.stopped": "Study stopped",
    "startup.site.reinstated": "Reinstated",
    "startup.site.moved": "Moved to another version of its pathway",
    "startup.site.counted_anew": "Counted anew, as the study's record says",
    "startup.milestone.started": "Milestone started",
    "startup.milestone.completed": "Milestone completed",
    "startup.milestone.held": "Milestone put on hold",
    "startup.milestone.resumed": "Milestone resumed",
    "startup.milestone.not_applicable": "Milestone said not to apply",
    "startup.milestone.reopened": "Milestone reopened",
    "startup.milestone.not_followed": "Submission not followed",
    "startup.delegation.recorded": "Delegation recorded",
    "startup.delegation.signed": "Delegation signed",
    "startup.delegation.changed": "Delegation changed",
    "startup.escalation.asked": "Put before a person",
    "startup.escalation.answered": "Escalation answered",
    "startup.escalation.closed": "Escalation closed",
}
# Columns that pages leave out, with the reason; exports have them.
SPARE: Mapping[str, str] = {
    "id": OWN_KEY,
    "site_pathway": "The study-site whose trail this is.",
    "study_site": "The study-site whose trail this is.",
    "milestone": "The entry names it.",
    "key": "The entry names it.",
    "version": "The entry says which.",
    "stage": "Follows from the milestones.",
    "holders": "Follows from the milestones.",
    "waiting_since": "Follows from the milestones.",
    "due_date": "Follows from the milestones.",
    "changed_at": "The entry's own time.",
    "made_at": "The entry's own time.",
    "recorded_at": "The entry's own time.",
    "recorded_by": "The entry says by whom.",
    "started_recorded_at": "The entry's own time.",
    "completed_recorded_at": "The entry's own time.",
    "completed_by": "The entry says by whom.",
    "evidence": "The entry says it.",
    "evidence_ref": "Names the record that shows it, by number.",
    "source_ref": "Names the record that made it, by number.",
    "party": "Follows from the pathway.",
    "sponsor_kind": "Follows from the study's record.",
    "phase": "Follows from the study's record.",
    "therapeutic_area": "Follows from the study's record.",
    "signed_digest": "Tells whether what was signed has changed; the page says so.",
}


def find(user: Any, pk: int) -> models.Model:
    """Return the site pathway to those who may see it."""
    return paths.get_path(user, pk)


def url(record: models.Model) -> str:
    return reverse("startup:site", args=[record.pk])


def refs(record: models.Model) -> list[str]:
    return [f"{SitePathway._meta.label}:{record.pk}"]


def sources(record: models.Model) -> list[RowSource]:
    """Return the tracked tables of a study-site and how its rows are found in their history."""
    own = {"site_pathway_id": record.pk}
    milestones = SiteMilestone.objects.filter(**own).values_list("pk", flat=True)
    at_site = {"study_site_id": getattr(record, "study_site_id", 0)}
    return [
        RowSource(SitePathway, {"id": record.pk}, "", SPARE, is_told=True),
        RowSource(SiteMilestone, own, "Milestone", SPARE, is_told=True),
        RowSource(Hold, {"milestone_id__in": list(milestones)}, "Hold", SPARE, is_told=True),
        RowSource(Delegation, at_site, "Delegation", SPARE, is_told=True),
        RowSource(Escalation, own, "Escalation", SPARE, is_told=True),
    ]


PATH = Story(label="Study-site", find=find, url=url, refs=refs, sources=sources, titles=TITLES)

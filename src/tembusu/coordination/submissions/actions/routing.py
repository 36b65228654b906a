"""What was answered about a study's route, kept version by version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.registry.selectors import sites as registry_sites
from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import RouteAnswer
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import packages
from tembusu.foundation.core import audit


@audit.act
def keep_route(
    *,
    study: Any,
    jurisdiction: str,
    answers: Mapping[str, Any],
    obligations: Sequence[Mapping[str, Any]],
    by: Any,
    at: datetime,
) -> RouteAnswer:
    """Keep what was answered about a study, and the obligations that followed, as a new version.

    :param answers: {'study': {question: answer}, 'products': [{'name': …, 'answers': {…}}]}
    :param obligations: as the pack gave them on this day
    :raises PermissionDenied: unless the user prepares the study's submissions, or keeps the register
    :raises SubmissionRefused: if nothing follows from the answers, or the same is kept already
    """
    sites = list(registry_sites.list_sites(study))
    permissions.check_for(by, permissions.KEEP_ROUTE, packages.scopes_of_study(study, sites))
    if not obligations:
        raise SubmissionRefused("Answer all questions first; only then something follows.")
    # The table is only added to, so two who keep at once queue up at the study.
    type(study).objects.select_for_update(no_key=True, of=("self",)).get(pk=study.pk)
    rows = RouteAnswer.objects.filter(study=study)
    last = rows.order_by("-version_no").first()
    if last is not None and (last.answers, last.obligations) == (dict(answers), list(obligations)):
        raise SubmissionRefused(f"These answers are kept already, as version {last.version_no}.")
    kept = RouteAnswer.objects.create(
        study=study,
        version_no=(last.version_no if last else 0) + 1,
        jurisdiction=jurisdiction,
        asked_on=localdate(at),
        answers=dict(answers),
        obligations=list(obligations),
        answered_by=by,
        answered_at=at,
    )
    kinds = sorted({str(one.get("kind")) for one in obligations})
    audit.record(
        "submissions.route.kept",
        on=[audit.ref(study), audit.ref(kept)],
        by=by,
        at=at,
        change={"version": kept.version_no, "obligations": kinds},
    )
    return kept

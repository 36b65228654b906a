"""Selecting sites of a study: which pathway they will go along, and why, before anybody presses."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms import SelectForm
from tembusu.coordination.startup.models import PathwayVersion
from tembusu.coordination.startup.selectors import paths, routes, sheets, studies
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Crumb, Fact

BECAUSE = {
    "study_type": "the study is {}",
    "sponsor_kind": "its sponsor is {}",
    "intervention": "it tests {}",
    "obligation": "its route says {}",
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def select(request: HttpRequest, pk: int) -> HttpResponse:
    """Select institutions as sites of a study."""
    found = paths.get_study(request.user, pk)
    if not paths.may_select(request.user, found):
        people.check(request.user, permissions.SELECT_SITE, found.scope_id)
    bodies = _institutions(request.user, found)
    versions = {str(one.pk): one for one in studies.versions_in_force()}
    route = routes.kept_route(found)
    chosen, because = _chosen(found, route)
    form = SelectForm(
        request.POST or None,
        bodies=[(str(one.pk), str(one)) for one in bodies.values()],
        versions=[(key, str(one)) for key, one in versions.items()],
        chosen=str(chosen) if chosen else "",
        initial={"day": timezone.localdate(timezone.now()).isoformat()},
    )
    if request.method == "POST" and form.is_valid():
        refused = _select_all(request, form, found, bodies, versions)
        if not refused:
            return redirect("startup:study", pk=pk)
        for line in refused:
            form.add_error("organisations", line)
    context = {
        "heading": "Select sites",
        "lead": found.number,
        "crumbs": [
            Crumb("Start-up", reverse("startup:paths")),
            Crumb(found.number, reverse("startup:study", args=[pk])),
            Crumb("Select sites"),
        ],
        "form": form,
        "facts_title": "What they will go along",
        "facts": _facts(found, chosen, because, route),
        "submit_label": "Select them",
        "cancel_url": reverse("startup:study", args=[pk]),
    }
    return render(request, "startup/form.html", context, status=422 if form.errors else 200)


def _chosen(study: Any, route: routes.KeptRoute | None) -> tuple[PathwayVersion | None, str]:
    """Return the version that the study's facts choose, and why; or none, and what to do."""
    facts = studies.facts_of([study.pk])[study.pk]
    kinds = list(route.reasons) if route else []
    try:
        version = studies.version_for(facts, kinds)
    except StartupRefused as refused:
        return None, str(refused)
    said = [
        BECAUSE.get(fact, fact.replace("_", " ") + " {}").format(
            ", ".join(one.replace("_", " ").lower() for one in values)
        )
        for fact, values in studies.reasons_for(version, facts, kinds)
    ]
    because = "; ".join(said)
    return version, f"{because[:1].upper()}{because[1:]}." if because else "Meant for any study."


def _facts(
    study: Any, chosen: PathwayVersion | None, because: str, route: routes.KeptRoute | None
) -> list[Fact]:
    """Return which pathway the sites will get, why, and what of it the route leaves out."""
    url = reverse("submissions:route_of", args=[study.pk])
    found = [Fact("Pathway", str(chosen) if chosen else "None fits", note=because)]
    if route is None:
        note = "Until somebody keeps one, every regulator milestone stands."
        return [*found, Fact("Route", "Not kept yet", note=note, url=url)]
    applications = ", ".join(route.labels) or "No application to a regulator"
    note = f"By the route kept on {wording.day(route.kept_on)}, version {route.version_no}."
    found.append(Fact("Route", applications, note=note, url=url))
    if chosen:
        left_out = [
            one.label
            for one in sheets.plan_of(chosen).milestones
            if one.obligations and not set(one.obligations) & set(route.reasons)
        ]
        why = " ".join(route.reasons.values()) if left_out else ""
        found.append(Fact("Left out", ", ".join(left_out) or "Nothing", note=why))
    return found


def _institutions(user: Any, study: Any) -> dict[int, Any]:
    """Return the institutions that are no site on its way yet: all, or one's own."""
    taken = {one.study_site.organisation_id for one in paths.list_for_study(user, study)}
    rows = people.bodies_of_kinds([OrganisationKind.INSTITUTION]).filter(is_active=True)
    if not people.may(user, permissions.SELECT_SITE, study.scope_id):
        rows = rows.filter(scope_id__in=people.scopes_of(user, permissions.FOR_INSTITUTION))
    return {one.pk: one for one in rows.order_by("name") if one.pk not in taken}


def _select_all(
    request: HttpRequest,
    form: SelectForm,
    study: Any,
    bodies: Mapping[int, Any],
    versions: Mapping[str, PathwayVersion],
) -> list[str]:
    """Select each institution by itself; return why some were refused."""
    said, refused = form.cleaned_data, []
    for pk in said["organisations"]:
        try:
            path = actions.select_site(
                study=study,
                organisation=bodies[int(pk)],
                selected_date=said["day"],
                version=versions.get(said["version"]),
                by=request.user,
                at=timezone.now(),
            )
        except (Refusal, PermissionDenied) as refusal:
            refused.append(f"{bodies[int(pk)]}: {refusal}")
        else:
            messages.success(request, f"Selected: {path.study_site.organisation}.")
    return refused

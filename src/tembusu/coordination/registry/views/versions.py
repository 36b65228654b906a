"""What registries said of a study over time, and any two versions beside each other."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import Registration, RegistrationVersion
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.views import labels, values
from tembusu.coordination.registry.views.study import frame, load
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.terms import Change

VERSIONS_SHOWN = 200


@login_required
@require_safe
def version_list(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    context = {
        **frame(request, shown, "versions"),
        "groups": [group(one) for one in shown.registrations],
        "sees_runs": people.may(request.user, permissions.IMPORT_STUDIES),
    }
    return render(request, "registry/study/versions.html", context)


def group(registration: Registration) -> dict[str, Any]:
    """Return a registration with its versions, newest first, and the pair to compare first."""
    versions = list(selectors.list_versions(registration)[:VERSIONS_SHOWN])
    return {
        "registration": registration,
        "registry": labels.registry(registration.registry),
        "versions": versions,
        "newest": versions[0].version_no if versions else 0,
        "before": versions[1].version_no if len(versions) > 1 else 0,
    }


@login_required
@require_safe
def compare(request: HttpRequest, pk: int, registration_pk: int) -> HttpResponse:
    """Show two versions of one registration field by field, the older one on the left."""
    shown = load(request, pk)
    registration = get_object_or_404(
        Registration.objects.filter(study=shown.study), pk=registration_pk
    )
    numbers = sorted(version_no(request, name) for name in ("from", "to"))
    older, newer = (selectors.get_version(registration, number) for number in numbers)
    every = list(selectors.list_versions(registration)[:VERSIONS_SHOWN])
    changes = changed_fields(older, newer)
    context = {
        **frame(request, shown, "versions"),
        "registration": registration,
        "registry": labels.registry(registration.registry),
        "older": older,
        "newer": newer,
        "changes": changes,
        "n_same": n_same(older, newer),
        "versions": every,
        "steps": steps(registration, older, newer, every),
        "sees_runs": people.may(request.user, permissions.IMPORT_STUDIES),
    }
    return render(request, "registry/study/compare.html", context)


def version_no(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 9):
        raise Http404("A version is named by its number.")
    return int(given)


def changed_fields(older: RegistrationVersion, newer: RegistrationVersion) -> list[Change]:
    """Return the fields that differ, as texts; a change that no text shows is named as such."""
    changes = []
    for one in records.compare(older.record, newer.record):
        before, after = values.text(one.field, one.before), values.text(one.field, one.after)
        if before == after:
            after = f"{after}\n(changed in a part that is not shown)"
        changes.append(Change(labels.field(one.field), before, after))
    return changes


def n_same(older: RegistrationVersion, newer: RegistrationVersion) -> int:
    return sum(
        name in newer.record and newer.record[name] == value for name, value in older.record.items()
    )


def steps(
    registration: Registration,
    older: RegistrationVersion,
    newer: RegistrationVersion,
    every: Sequence[RegistrationVersion],
) -> list[tuple[str, str]]:
    """Return (label, address) of the neighbouring pairs: the change before, the change after."""
    numbers = sorted(one.version_no for one in every)
    made = []
    earlier = [number for number in numbers if number < older.version_no]
    later = [number for number in numbers if number > newer.version_no]
    if earlier:
        made.append(("Change before", address(registration, earlier[-1], older.version_no)))
    if later:
        made.append(("Change after", address(registration, newer.version_no, later[0])))
    return made


def address(registration: Registration, older: int, newer: int) -> str:
    url = reverse("registry:version_compare", args=[registration.study_id, registration.pk])
    return f"{url}?from={older}&to={newer}#found"

"""Definitions: what each figure counts, how it came to that, and changing it."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.foundation.core.http import UserRequest
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Cell, Column, Crumb, Fact
from tembusu.insight.actions import define_measure
from tembusu.insight.forms import DefinitionForm
from tembusu.insight.models import DefinitionVersion
from tembusu.insight.rules.definitions import DefinitionRefused
from tembusu.insight.selectors import definitions, readers
from tembusu.insight.terms import CountsFrom, DefinitionInForce, DefinitionText

COLUMNS = (
    Column("Definition"),
    Column("Measure"),
    Column("Counts from"),
    Column("Target", is_number=True),
    Column("Version", is_number=True),
)
VERSIONS = (
    Column("Version"),
    Column("Since"),
    Column("By"),
    Column("Target", is_number=True),
    Column("Counts from"),
    Column("Reason"),
)


@login_required
@require_safe
def definition_list(request: HttpRequest) -> HttpResponse:
    readers.reader_of(request.user)
    rows = [
        (
            Cell(one.key, url=reverse("insight:definition", args=[one.key])),
            one.text.label,
            _counts_from(one.text),
            _target(one.text),
            f"v{one.version_no}",
        )
        for one in definitions.in_force().values()
    ]
    return render(request, "insight/definitions.html", {"columns": COLUMNS, "rows": rows})


@login_required
@require_safe
def definition_detail(request: HttpRequest, key: str) -> HttpResponse:
    readers.reader_of(request.user)
    one = definitions.get_in_force(key)
    proposed = definitions.proposal(key)
    context: dict[str, Any] = {
        "definition": one,
        "facts": _facts(one),
        "columns": VERSIONS,
        "rows": [_version(each) for each in definitions.list_versions(key)],
        "proposed": proposed,
        "proposed_facts": _text_facts(proposed) if proposed else [],
        "may_define": readers.may_define(request.user),
        "crumbs": [Crumb("Definitions", reverse("insight:definitions"))],
    }
    return render(request, "insight/definition.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def definition_edit(request: UserRequest, key: str) -> HttpResponse:
    readers.check_can_define(request.user)
    one = definitions.get_in_force(key)
    start = _start(one, proposed="file" in request.GET)
    form = DefinitionForm(request.POST or None, initial=start)
    if request.method == "POST":
        is_changed = form.is_valid() and _changed(request, one, form)
        if is_changed:
            return redirect("insight:definition", key)
    context = {
        "form": form,
        "definition": one,
        "submit_label": "Change the definition",
        "cancel_url": reverse("insight:definition", args=[key]),
        "crumbs": [
            Crumb("Definitions", reverse("insight:definitions")),
            Crumb(key, reverse("insight:definition", args=[key])),
        ],
    }
    return render(
        request, "insight/definition_edit.html", context, status=200 if not form.errors else 422
    )


def _start(one: DefinitionInForce, *, proposed: bool) -> dict[str, Any]:
    text = (definitions.proposal(one.key) if proposed else None) or one.text
    return {**asdict(text), "seen_version": one.version_no}


def _changed(request: UserRequest, one: DefinitionInForce, form: forms.Form) -> bool:
    """Change the definition; say on the form why it can't be where it is refused."""
    held = form.cleaned_data
    text = DefinitionText(
        label=held["label"],
        says=held["says"],
        counts_from=CountsFrom(held["counts_from"]),
        target_days=held["target_days"],
        target_source=held["target_source"],
    )
    try:
        version = define_measure(
            key=one.key,
            text=text,
            seen_version=held["seen_version"],
            by=request.user,
            at=timezone.now(),
            reason=held["reason"],
        )
    except DefinitionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"{version} stands from now on.")
    return True


def _counts_from(text: DefinitionText) -> str:
    label = text.counts_from.label
    return label[0].upper() + label[1:]


def _target(text: DefinitionText) -> str:
    return "–" if text.target_days is None else f"{text.target_days:,} days"


def _facts(one: DefinitionInForce) -> list[Fact]:
    return [*_text_facts(one.text), Fact("Version", f"v{one.version_no}")]


def _text_facts(text: DefinitionText) -> list[Fact]:
    return [
        Fact("Name", text.label),
        Fact("Counts", text.says),
        Fact("From", _counts_from(text)),
        Fact("Unit", "Calendar days"),
        Fact("Target", _target(text) if text.target_days else "None is set"),
        Fact("Laid down in", text.target_source),
    ]


def _version(version: DefinitionVersion) -> tuple[object, ...]:
    text = definitions.text_of(version)
    by = version.made_by.get_full_name() if version.made_by else "The release"
    return (
        f"v{version.number}",
        wording.moment(version.made_at),
        by,
        _target(text),
        _counts_from(text),
        version.reason,
    )

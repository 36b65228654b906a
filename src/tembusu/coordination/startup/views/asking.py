"""A form that is shown until its act is done; what is refused keeps what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.views import site
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui.terms import Crumb, Fact

Typed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a form asks, and what is done with the answer.

    :ivar act: called with what was typed, by name
    :ivar done: what is said when it is done
    :ivar read: turns what was typed into the act's own arguments
    """

    title: str
    act: Callable[..., Any]
    done: str
    back: str
    submit: str = ""
    lead: str = ""
    read: Callable[[Typed], Mapping[str, Any]] = dict
    facts: tuple[Fact, ...] = ()


def ask(
    request: HttpRequest, path: SitePathway, form: forms.Form, question: Question
) -> HttpResponse:
    """Show the form, or do what it asks for and go back."""
    if request.method == "POST" and form.is_valid():
        try:
            question.act(**question.read(form.cleaned_data))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, question.done)
            return redirect(question.back)
    name = f"{path.study_site.study.number} at {path.study_site.organisation}"
    context = {
        "heading": question.title,
        "lead": question.lead or name,
        "crumbs": [
            Crumb("Start-up", reverse("startup:paths")),
            Crumb(name, reverse("startup:site", args=[path.pk])),
            Crumb(question.title),
        ],
        "form": form,
        "submit_label": question.submit or question.title,
        "cancel_url": question.back,
        "facts": question.facts,
    }
    return render(request, "startup/form.html", context, status=422 if form.errors else 200)


def home(path: SitePathway) -> str:
    """Return the page of the study-site."""
    return reverse("startup:site", args=[path.pk])


def facts(shown: site.Shown) -> tuple[Fact, ...]:
    return tuple(site.facts(shown))

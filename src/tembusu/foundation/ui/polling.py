"""Pages that ask by themselves how their work stands, and show its end without being read anew.

While the work goes on, only its progress is answered. At its end the page's changing part (``#now``)
is replaced and the outcome announced (``#said``), so that whoever works on the page stays where they
are.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tembusu.foundation.ui.terms import JobProgress

PART = "#now"


def is_polled(request: HttpRequest) -> bool:
    """Say whether the page itself asks, and not a person for the page."""
    return request.headers.get("HX-Request") == "true"


def part(request: HttpRequest, progress: JobProgress | None) -> HttpResponse | None:
    """Return the progress alone where the page itself asks and the work goes on."""
    if progress is None or not progress.is_open or not is_polled(request):
        return None
    return render(request, "ui/components/progress.html", {"job": progress})


def whole(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, outcome: str
) -> HttpResponse:
    """Show a page with work on it; to its own question answer what is to be replaced in it.

    :param outcome: what is announced then: 'Import 3: Done, 600 refused'
    """
    if not is_polled(request):
        return render(request, template, context)
    response = render(request, template, {**context, "outcome": outcome})
    response["HX-Retarget"] = response["HX-Reselect"] = PART
    response["HX-Reswap"] = "outerHTML"
    return response

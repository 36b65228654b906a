"""Committee papers: which there are, asking for one, and their files."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.foundation.core import files
from tembusu.foundation.core.http import UserRequest
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Badge, Cell, Column, Tone
from tembusu.insight.actions import ask_for_paper
from tembusu.insight.forms import PaperForm
from tembusu.insight.models import Paper
from tembusu.insight.rules import papers as rules
from tembusu.insight.selectors import papers
from tembusu.insight.terms import PaperState

COLUMNS = (
    Column("Quarter"),
    Column("Stands"),
    Column("Asked for"),
    Column("PDF"),
    Column("Picture"),
    Column("Table"),
)
MEDIA = {"pdf": "application/pdf", "png": "image/png", "csv": "text/csv; charset=utf-8"}
MOST_SHOWN = 200


@login_required
@require_http_methods(["GET", "POST"])
def paper_list(request: UserRequest) -> HttpResponse:
    papers.check_can_make(request.user)
    today = timezone.localdate()
    form = PaperForm(request.POST or None, quarters=rules.quarters_up_to(today))
    if request.method == "POST" and form.is_valid():
        paper = ask_for_paper(
            quarter=form.cleaned_data["quarter"],
            is_synthetic=bool(getattr(settings, "TEMBUSU_SYNTHETIC", False)),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, f"{paper} is being made; it will stand here.")
        return redirect("insight:papers")
    rows = [_row(paper) for paper in papers.list_papers(request.user)[:MOST_SHOWN]]
    context = {"form": form, "columns": COLUMNS, "rows": rows, "submit_label": "Make the paper"}
    return render(request, "insight/papers.html", context, status=422 if form.errors else 200)


def _row(paper: Paper) -> list[object]:
    is_made = paper.state == PaperState.MADE
    badge = Badge("Made", Tone.OK) if is_made else Badge("Being made", Tone.INFO)
    name = rules.quarter_name(paper.quarter)
    links = [
        Cell(kind.upper(), url=reverse("insight:paper_file", args=[paper.pk, kind]), hint=name)
        if is_made
        else ""
        for kind in MEDIA
    ]
    note = "synthetic data" if paper.is_synthetic else ""
    asked = Cell(wording.moment(paper.asked_at), note=f"by {paper.asked_by.get_full_name()}")
    job = reverse("core:job", args=[paper.job_id]) if paper.job_id and not is_made else ""
    return [Cell(name, note=note, url=job), Cell("", badge=badge), asked, *links]


@login_required
@require_safe
def paper_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """One of a paper's files, as it was made."""
    paper = papers.get_paper(request.user, pk)
    sha256 = getattr(paper, kind) if kind in MEDIA else ""
    path = files.path_of(sha256) if sha256 else None
    if path is None or not path.is_file():
        raise Http404("There is no such file of this paper.")
    name = f"start-up-{rules.quarter_name(paper.quarter).replace(' ', '-')}.{kind}"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=MEDIA[kind]
    )

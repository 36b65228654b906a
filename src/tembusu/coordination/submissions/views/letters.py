"""A board's letters about a submission, and the templates from which they are made."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tembusu.coordination.submissions import actions, forms
from tembusu.coordination.submissions.models import Letter, Submission
from tembusu.coordination.submissions.rules import letters as rules
from tembusu.coordination.submissions.selectors import boards, packages
from tembusu.coordination.submissions.selectors import letters as selectors
from tembusu.coordination.submissions.terms import LetterKind
from tembusu.coordination.submissions.views import boards as board_views
from tembusu.coordination.submissions.views import papers, record
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui.terms import Crumb

# What a preview fills in, so that a template can be read before there is a letter.
EXAMPLE = {
    "number": "SUB-000000",
    "reference": "REF-0000",
    "study_number": "TMB-000000",
    "study_title": "An example study",
    "applicant": "An example sponsor",
    "investigator": "Dr Example",
    "sites": "– An example hospital",
    "kind": "first application",
    "received_date": "2 Mar 2026",
    "decided_date": "20 Mar 2026",
    "meeting_date": "20 Mar 2026",
    "valid_from": "20 Mar 2026",
    "valid_to": "19 Mar 2027",
    "renewal_due": "19 Jan 2027",
    "conditions": "1. An example condition",
    "queries": "An example question.",
    "documents": "– Protocol, version 1.0 of 1 Mar 2026",
    "reason": "An example reason.",
    "chair": "The chair",
    "secretary": "The secretary",  # pragma: allowlist secret
}


@login_required
@require_safe
def of_submission(request: HttpRequest, pk: int) -> HttpResponse:
    submission = packages.get_submission(request.user, pk)
    writes = record.writes_letters(request.user, submission)
    context = {
        **record.frame(request, submission, "letters"),
        "letters": record.shown_letters(request.user, submission),
        "kind_form": forms.LetterKindForm() if writes else None,
        "writes": writes,
    }
    return render(request, "submissions/letters.html", context)


@login_required
@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a letter from the board's template."""
    submission = packages.get_submission(request.user, pk)
    form = forms.LetterKindForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose which letter is written.")
        return redirect("submissions:letters", pk=pk)
    try:
        letter = actions.write_letter(
            submission=submission,
            kind=LetterKind(form.cleaned_data["kind"]),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("submissions:letters", pk=pk)
    return redirect("submissions:letter", pk=pk, letter_pk=letter.pk)


def _letter(request: HttpRequest, pk: int, letter_pk: int) -> tuple[Submission, Letter]:
    submission = packages.get_submission(request.user, pk)
    shown = {one.pk for one in record.shown_letters(request.user, submission)}
    rows = Letter.objects.select_related("submission__body", "template", "sent_by")
    return submission, get_object_or_404(rows, pk=letter_pk, pk__in=shown)


@login_required
@require_http_methods(["GET", "POST"])
def letter_page(request: HttpRequest, pk: int, letter_pk: int) -> HttpResponse:
    """Read a letter; before it is sent, change it, then send it."""
    submission, letter = _letter(request, pk, letter_pk)
    form = forms.LetterForm(
        request.POST or None, initial={"subject": letter.subject, "body": letter.body}
    )
    if request.method == "POST" and form.is_valid():
        given, at = form.cleaned_data, timezone.now()
        try:
            if (given["subject"], given["body"]) != (letter.subject, letter.body):
                letter = actions.edit_letter(letter=letter, **given, by=request.user, at=at)
            if "send" in request.POST:
                actions.send_letter(letter=letter, by=request.user, at=at)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            said = "The letter is sent." if "send" in request.POST else "The letter is saved."
            messages.success(request, said)
            return redirect("submissions:letter", pk=pk, letter_pk=letter_pk)
    context = {
        "submission": submission,
        "letter": letter,
        "kind": LetterKind(letter.kind).label,
        "form": form,
        "may_edit": record.writes_letters(request.user, submission) and letter.sent_at is None,
        "gaps": rules.gaps(f"{letter.subject}\n{letter.body}"),
        "crumbs": [
            Crumb("Submissions", reverse("submissions:list")),
            Crumb(submission.number, reverse("submissions:submission", args=[pk])),
            Crumb("Letters", reverse("submissions:letters", args=[pk])),
            Crumb(LetterKind(letter.kind).label),
        ],
        "is_synthetic": settings.TEMBUSU_SYNTHETIC,
    }
    return render(request, "submissions/letter.html", context)


@login_required
@require_safe
def letter_pdf(request: HttpRequest, pk: int, letter_pk: int) -> HttpResponse:
    """Return a letter as PDF."""
    _, letter = _letter(request, pk, letter_pk)
    return papers.letter_response(letter)


# -- templates ------------------------------------------------------------------------------------


@login_required
@require_safe
def templates(request: HttpRequest, pk: int) -> HttpResponse:
    """List a board's templates."""
    board = boards.get_board(request.user, pk)
    context = {
        **board_views.frame(request, board, "templates"),
        "kinds": [
            (
                kind,
                selectors.newest_template(board, kind),
                reverse("submissions:template", args=[pk, kind.value]),
            )
            for kind in LetterKind
        ],
    }
    return render(request, "submissions/boards/templates.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Edit a template, with a preview of what it makes and its earlier versions."""
    board = boards.get_board(request.user, pk)
    if kind not in set(LetterKind):
        raise Http404
    chosen = LetterKind(kind)
    newest = selectors.newest_template(board, chosen)
    subject, body = selectors.text_of_template(board, chosen)
    form = forms.TemplateForm(
        request.POST or None,
        initial={
            "subject": subject,
            "body": body,
            "version_no": newest.version_no if newest else 0,
        },
    )
    is_saved = "preview" not in request.POST
    if request.method == "POST" and is_saved and form.is_valid():
        try:
            actions.save_template(
                board=board,
                kind=chosen,
                **form.cleaned_data,
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "A new version of the template holds from now on.")
            return redirect("submissions:template", pk=pk, kind=kind)
    context = {
        **board_views.frame(request, board, "templates"),
        "kind": chosen,
        "form": form,
        "preview": preview(board, form, subject, body),
        "versions": selectors.versions(board, chosen),
        "placeholders": rules.PLACEHOLDERS.items(),
    }
    return render(request, "submissions/boards/template.html", context)


def preview(board: Any, form: forms.TemplateForm, subject: str, body: str) -> tuple[str, str]:
    """Return subject and text as a letter would have them, with examples filled in."""
    if form.is_bound and form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
    known = {**EXAMPLE, "board": board.name}
    return rules.fill(subject, known), rules.fill(body, known)

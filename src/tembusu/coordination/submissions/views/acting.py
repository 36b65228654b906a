"""The pages on which something is done with a submission: one view for the whole table of acts."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.registry.selectors import sites as registry_sites
from tembusu.coordination.submissions import actions, forms
from tembusu.coordination.submissions.models import Condition, Submission
from tembusu.coordination.submissions.selectors import bodies, pack, packages, starting
from tembusu.coordination.submissions.terms import SubmissionState
from tembusu.coordination.submissions.views import labels, offers, record
from tembusu.foundation.core import files
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Blocked, Crumb, Fact


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Ask for what an act needs, do it, and go back to the submission."""
    submission = packages.get_submission(request.user, pk)
    offer = offers.BY_KEY.get(key)
    if offer is None:
        raise Http404
    why = offers.why_not(request.user, offer, submission)
    if why:
        raise PermissionDenied(why)
    if not offers.makes_sense(request.user, offer, submission):
        stands = f"{submission.number} {SubmissionState(submission.state).says}"
        says = f"{stands}: {offer.label.lower()} is not for now."
        return _shown(request, submission, offer, None, Blocked(offer.label, says))
    form = make_form(request, submission, offer)
    if request.method == "POST" and form.is_valid():
        given = given_of(form, submission)
        try:
            offer.run(submission, given, request.user, timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, offer.done)
            return redirect(_next(submission, offer))
    return _shown(request, submission, offer, form, None)


def _next(submission: Submission, offer: offers.Offer) -> str:
    page = "documents" if offer.key in ("document", "set-aside") else "submission"
    return reverse(f"submissions:{page}", args=[submission.pk])


def make_form(request: HttpRequest, submission: Submission, offer: offers.Offer) -> forms.ActForm:
    """Return the act's form, filled with what is known and with the choices that there are."""
    today = timezone.localdate()
    is_sent = request.method == "POST"
    form = offer.form(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        submission=submission,
        today=today,
        initial=initial_of(submission, offer, request),
    )
    on = submission.received_date or today
    if isinstance(form, forms.ReviewWayForm):
        field: Any = form.fields["way"]
        field.choices = [(one.key, one.label) for one in pack.reviews(on, submission.body_id)]
    elif isinstance(form, forms.AssignForm):
        chosen: Any = form.fields["reviewer"]
        chosen.choices = offers.members_to_ask(submission)
    elif isinstance(form, forms.ClassifyForm):
        form.offer((one.key, one.label) for one in pack.amendment_rules(on).criteria)
    elif isinstance(form, forms.PackageForm):
        sites = registry_sites.list_sites(submission.study)
        form.offer(
            sites=[(one.pk, one.organisation.name) for one in sites],
            sponsors=starting.sponsors_to_name(submission.study, submission),
        )
    return form


def initial_of(submission: Submission, offer: offers.Offer, request: HttpRequest) -> dict[str, Any]:
    """Return what the form proposes: what stands here, so that nobody types what is known."""
    if offer.form is forms.MirrorForm:
        stands = packages.stands(submission)
        last = stands.stops[-1] if stands.stops else None
        return {
            "reference_no": stands.reference_no,
            "submitted": stands.submitted,
            "received": stands.received,
            "asked": last.start_date if last else None,
            "answered": last.end_date if last else None,
            "outcome": stands.outcome or "",
            "decided": stands.decided,
            "conditions": "\n".join(stands.conditions),
            "valid_from": stands.valid_from,
            "valid_to": stands.valid_to,
        }
    if offer.form is forms.PackageForm:
        return starting.package_of(submission)
    if offer.form is forms.DocumentForm:
        return {"key": request.GET.get("key", "")}
    if offer.form is forms.SetAsideForm:
        return {"key": request.GET.get("key", "")}
    if offer.form is forms.ReviewWayForm:
        return {"way": submission.review_way}
    if offer.form is forms.DecideForm:
        return starting.validity_proposed(submission, timezone.localdate())
    return {}


def given_of(form: forms.ActForm, submission: Submission) -> dict[str, Any]:
    """Return what was typed as the act takes it."""
    given = dict(form.cleaned_data)
    if isinstance(form, forms.MirrorForm):
        given["says"] = form.says(packages.stands(submission).stops)
        on = given["decided"] or timezone.localdate()
        given["renewal_due"] = pack.renewal_due(submission.obligation, given["valid_to"], on)
    return given


def _shown(
    request: HttpRequest,
    submission: Submission,
    offer: offers.Offer,
    form: forms.ActForm | None,
    blocked: Blocked | None,
) -> HttpResponse:
    context = {
        "submission": submission,
        "crumbs": [*_crumbs(submission), Crumb(offer.label)],
        "heading": offer.label,
        "question": offer.question,
        "form": form,
        "blocked": [blocked] if blocked else [],
        "submit_label": offer.label,
        "is_danger": offer.is_danger,
        "consequence": offer.consequence,
        "cancel_url": _next(submission, offer),
        "facts": evidence(submission),
        "queries": submission.queries.filter(answered_date=None) if offer.key == "answer" else [],
        "reviews": submission.reviews.select_related("reviewer") if offer.of_body else [],
        "mirror": record.mirror_line(submission),
        "is_synthetic": settings.TEMBUSU_SYNTHETIC,
        "marks": record.marks(submission),
    }
    return render(request, "submissions/act.html", context)


def _crumbs(submission: Submission) -> list[Crumb]:
    return [
        Crumb("Submissions", reverse("submissions:list")),
        Crumb(submission.number, reverse("submissions:submission", args=[submission.pk])),
    ]


def evidence(submission: Submission) -> list[Fact]:
    """Return what one should know before acting."""
    dates = packages.dates(submission)
    found = [
        Fact("Study", labels.title_of(submission.study), note=submission.study.number),
        Fact("Body", submission.body.name),
        Fact("Application", labels.what(submission)),
    ]
    for label, value in (
        ("Submitted", dates.submitted),
        ("Received", dates.received),
        ("Decided", dates.decided),
    ):
        if value is not None:
            found.append(Fact(label, wording.day(value)))
    n = len(dates.stops)
    if n:
        found.append(Fact("Rounds of queries", n))
    return found


@login_required
@require_http_methods(["GET", "POST"])
def condition(request: HttpRequest, pk: int, condition_pk: int) -> HttpResponse:
    """Record that a condition is fulfilled."""
    submission = packages.get_submission(request.user, pk)
    found = get_object_or_404(Condition, pk=condition_pk, decision__submission=submission)
    form = forms.ConditionForm(
        request.POST or None, submission=submission, today=timezone.localdate()
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.fulfil_condition(
                condition=found,
                on=form.cleaned_data["on"],
                evidence=form.cleaned_data["evidence"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The condition is recorded as fulfilled.")
            return redirect("submissions:submission", pk=pk)
    context = {
        "submission": submission,
        "crumbs": [*_crumbs(submission), Crumb("Condition")],
        "heading": f"Condition {found.number}",
        "question": "Is it fulfilled?",
        "form": form,
        "submit_label": "Record it as fulfilled",
        "cancel_url": reverse("submissions:submission", args=[pk]),
        "facts": [Fact("Condition", found.text), *evidence(submission)],
        "marks": record.marks(submission),
        "consequence": "It leaves the list of what is due.",
        "is_synthetic": settings.TEMBUSU_SYNTHETIC,
    }
    return render(request, "submissions/act.html", context)


@login_required
@require_safe
def document_file(request: HttpRequest, pk: int, version_pk: int) -> FileResponse:
    """Return a version of a document as it was stored."""
    submission = packages.get_submission(request.user, pk)
    version = packages.get_document_version(request.user, submission, version_pk)
    path = files.path_of(version.file_id)
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=version.name)
    response["Content-Type"] = version.file.media_type
    return response


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a submission of a study; what is known of its route and bodies is proposed."""
    study = starting.get_study(request.user, pk)
    if not packages.may_start(request.user, study):
        raise PermissionDenied(
            "You can't prepare submissions of this study. Its sponsor or investigators do."
        )
    asked = starting.asked_for(request.user, study, timezone.localdate())
    form = forms.StartForm(
        request.POST or None,
        today=timezone.localdate(),
        initial=starting.proposed(study, asked, request.GET),
    )
    form.offer(**starting.choices(request.user, study, asked))
    if request.method == "POST" and form.is_valid():
        try:
            made = _begin(request, study, asked, form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.number} is begun. Add its documents, then send it.")
            return redirect("submissions:documents", pk=made.pk)
    context = {
        "study": study,
        "study_title": labels.title_of(study),
        "crumbs": [
            Crumb(study.number, reverse("registry:study", args=[study.pk])),
            Crumb("Submissions", reverse("submissions:of_study", args=[study.pk])),
            Crumb("New"),
        ],
        "form": form,
        "submit_label": "Begin it",
        "cancel_url": reverse("submissions:of_study", args=[study.pk]),
        "asked": asked,
        "route_url": reverse("submissions:route_of", args=[study.pk]),
    }
    return render(request, "submissions/start.html", context)


def _begin(request: HttpRequest, study: Any, asked: Any, form: forms.StartForm) -> Submission:
    given, today = form.cleaned_data, timezone.localdate()
    person: Any = request.user
    package = starting.package(asked, given)
    body = bodies.known_body(given["body"])
    earlier_pk = given.get("earlier")
    earlier = packages.get_submission(request.user, earlier_pk) if earlier_pk else None
    return actions.start_submission(
        study=study,
        package=package,
        documents=pack.documents(starting.checklist_of(body, package), package.kind, today),
        earlier=earlier,
        by=person,
        at=timezone.now(),
    )

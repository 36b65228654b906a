"""The pages of submissions: each opens for whom it concerns, and is not found by others."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tembusu.coordination.submissions.models import RouteAnswer, Submission
from tembusu.coordination.submissions.terms import Asked, SubmissionKind, SubmissionState
from tembusu.coordination.submissions.tests.conftest import PDF, later, on

pytestmark = pytest.mark.django_db


def page(client, url, status=200):
    found = client.get(url)
    assert found.status_code == status, (url, found.status_code)
    return found.content.decode()


def test_a_list_shows_what_one_may_see(sent, enter, cast):
    made = sent()
    client = enter(cast.sponsor)
    assert made.number in page(client, "/submissions/")
    assert made.number in page(client, "/submissions/?q=meranti&state=submitted&kind=initial")
    assert "No submission matches" in page(client, "/submissions/?q=nowhere")
    assert made.number in b"".join(client.get("/submissions/export.csv")).decode()
    assert made.number not in page(enter(cast.rival), "/submissions/")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("sponsor", 200),
        ("coordinator", 200),
        ("representative", 200),
        ("secretary", 200),
        ("member", 200),
        ("analyst", 200),
        ("rival", 404),
        ("stranger", 404),
        ("reviewer", 404),
        ("nobody", 404),
    ],
)
def test_a_submission_opens_for_whom_it_concerns(in_review, enter, cast, who, status):
    made = in_review()
    client = enter(getattr(cast, who))
    for rest in ("", "documents/", "letters/"):
        page(client, f"/submissions/{made.pk}/{rest}", status)
    page(client, f"/trail/submission/{made.pk}/", status)


def test_the_whole_way_of_a_package_on_screen(enter, cast, bodies, study):
    client = enter(cast.sponsor)
    assert "Begin a submission" in page(client, f"/studies/{study.pk}/submissions/new/")
    made = client.post(
        f"/studies/{study.pk}/submissions/new/",
        {
            "body": bodies.board.pk,
            "kind": "initial",
            "obligation": "ethics",
            "sites": [study.raintree.pk],
            "sponsors": [bodies.damar.pk],
        },
    )
    submission = Submission.objects.get()
    assert made.status_code == 302, made.content.decode()
    documents = page(client, f"/submissions/{submission.pk}/documents/")
    assert "Protocol" in documents
    page(client, f"/submissions/{submission.pk}/act/document/?key=protocol")
    for line in submission.documents.filter(is_required=True):
        sent = client.post(
            f"/submissions/{submission.pk}/act/document/",
            {
                "key": line.key,
                "file": SimpleUploadedFile("file.pdf", PDF + line.key.encode()),
                "version_label": "1.0",
                "version_date": "2026-03-01",
            },
        )
        assert sent.status_code == 302, sent.content.decode()
    version = submission.documents.first().versions.get()
    got = client.get(f"/submissions/{submission.pk}/documents/{version.pk}/")
    assert b"".join(got).startswith(b"%PDF")
    assert client.post(
        f"/submissions/{submission.pk}/act/submit/", {"on": "2026-03-02"}
    ).status_code == 302  # fmt: skip
    submission.refresh_from_db()
    assert submission.state == SubmissionState.SUBMITTED
    secretary = enter(cast.secretary)
    assert submission.number in page(secretary, f"/boards/{bodies.board.pk}/")
    for key, given in (
        ("receive", {"on": "2026-03-03"}),
        ("review-way", {"on": "2026-03-03", "way": way_of(secretary, submission)}),
        ("queries", {"on": "2026-03-05", "text": "Which dose?"}),
    ):
        page(secretary, f"/submissions/{submission.pk}/act/{key}/")
        done = secretary.post(f"/submissions/{submission.pk}/act/{key}/", given)
        assert done.status_code == 302, (key, done.content.decode())
    client = enter(cast.sponsor)
    shown = page(client, f"/submissions/{submission.pk}/")
    assert "Yours" in shown
    assert "Which dose?" in page(client, f"/submissions/{submission.pk}/act/answer/")
    client.post(
        f"/submissions/{submission.pk}/act/answer/", {"on": "2026-03-09", "answer": "10 mg"}
    )
    submission.refresh_from_db()
    assert submission.state == SubmissionState.UNDER_REVIEW
    assert submission.number in page(client, f"/studies/{study.pk}/submissions/")


def way_of(client, submission):
    from tembusu.coordination.submissions.selectors import pack

    return next(one.key for one in pack.reviews(on(0), submission.body_id) if one.needs_meeting)


def test_an_act_that_is_not_for_now_says_why(sent, enter, cast):
    made = sent()
    text = page(enter(cast.sponsor), f"/submissions/{made.pk}/act/answer/")
    assert "waits to be validated" in text
    page(enter(cast.member), f"/submissions/{made.pk}/act/receive/", 403)
    page(enter(cast.sponsor), f"/submissions/{made.pk}/act/nonsense/", 404)


def test_a_refusal_keeps_what_was_typed(sent, enter, cast):
    made = sent()
    client = enter(cast.secretary)
    found = client.post(
        f"/submissions/{made.pk}/act/receive/", {"on": "2026-01-01", "note": "All there"}
    )
    text = found.content.decode()
    assert "was received on 1 Jan 2026" in text
    assert "All there" in text


def test_a_mirror_says_whose_record_holds(sent, bodies, enter, cast):
    made = sent(bodies.regulator)
    client = enter(cast.sponsor)
    shown = page(client, f"/submissions/{made.pk}/")
    assert "own record is in the authority’s portal" in shown
    assert "Record what the body answered" in shown
    given = {
        "reference_no": "MDA-1",
        "received": "2026-03-03",
        "outcome": "approved",
        "decided": "2026-03-20",
    }
    assert client.post(f"/submissions/{made.pk}/act/outcome/", given).status_code == 302
    assert "Mirrored from the authority’s portal, as of" in page(client, f"/submissions/{made.pk}/")
    text = page(client, f"/submissions/{made.pk}/act/outcome/")
    assert "MDA-1" in text
    assert "Receive it as complete" not in page(enter(cast.reviewer), f"/submissions/{made.pk}/")


def test_conditions_are_recorded_as_fulfilled_on_screen(approved, enter, cast):
    made = approved(outcome="approved_with_conditions", conditions=[Asked("Send it", on(30))])
    condition = made.decision.conditions.get()
    client = enter(cast.sponsor)
    assert "Record it as fulfilled" in page(client, f"/submissions/{made.pk}/")
    url = f"/submissions/{made.pk}/conditions/{condition.pk}/fulfil/"
    page(client, url)
    assert client.post(url, {"on": on(8).isoformat(), "evidence": "Letter"}).status_code == 302
    assert "Fulfilled" in page(client, f"/submissions/{made.pk}/")


def test_an_amendment_is_classed_on_screen(approved, start, enter, cast):
    made = start(kind=SubmissionKind.AMENDMENT, earlier=approved(), at=later(9))
    client = enter(cast.sponsor)
    text = page(client, f"/submissions/{made.pk}/act/classify/")
    assert "substantial" in text
    done = client.post(
        f"/submissions/{made.pk}/act/classify/", {"is_substantial": "no", "why": "A typing error."}
    )
    assert done.status_code == 302
    assert "Not substantial" in page(client, f"/submissions/{made.pk}/")


# -- the route ------------------------------------------------------------------------------------


def test_any_staff_may_ask_for_a_route_and_nothing_is_kept(enter, cast):
    client = enter(cast.secretary)
    assert "What is planned?" in page(client, "/submissions/route/")
    text = page(client, "/submissions/route/?s.research=quality")
    assert "What is owed" in text
    assert not RouteAnswer.objects.exists()


def test_a_route_is_asked_question_by_question_and_kept_with_the_study(enter, cast, study):
    client = enter(cast.sponsor)
    url = f"/studies/{study.pk}/route/"
    page(client, url)
    answers = "s.research=research&s.design=interventional&s.has_product=yes&product=VN-118"
    text = page(client, f"{url}?{answers}")
    assert "VN-118" in text
    query = f"{answers}&p0.product_class=therapeutic_product&p0.registered=no"
    text = page(client, f"{url}?{query}")
    if "What is owed" not in text:
        query += "&p0.phase_1_only=no"
        text = page(client, f"{url}?{query}")
    assert "Clinical trial authorisation (CTA)" in text
    assert "Start submission" in text
    assert client.post(f"{url}?{query}").status_code == 302
    kept = RouteAnswer.objects.get()
    assert kept.obligations[0]["kind"] == "CTA"
    assert "Version 1" in page(client, url)
    client.post(f"{url}?{query}")
    assert RouteAnswer.objects.count() == 1
    assert "CTA" in page(client, f"/studies/{study.pk}/submissions/new/")
    page(enter(cast.rival), url, 200)
    assert enter(cast.rival).post(f"{url}?{query}").status_code == 403


def test_answers_that_are_not_asked_any_more_are_dropped(enter, cast):
    client = enter(cast.sponsor)
    text = page(client, "/submissions/route/?s.research=quality&s.design=interventional")
    assert "Does the protocol decide" not in text
    assert "What is owed" in text

"""The pages of a board that works here, from the queue to the minutes and letters."""

import pytest

from tembusu.coordination.submissions import actions
from tembusu.coordination.submissions.models import AgendaItem, Letter, Meeting, Minutes
from tembusu.coordination.submissions.selectors import pack
from tembusu.coordination.submissions.terms import (
    Choice,
    LetterKind,
    QuorumRule,
    SubmissionState,
)
from tembusu.coordination.submissions.tests.conftest import later, on
from tembusu.coordination.submissions.tests.test_views_submissions import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rule(monkeypatch):
    monkeypatch.setattr(pack, "quorum_rule", lambda day, body_id=None: QuorumRule(n_members=4))


def test_a_board_is_found_by_its_own_people_alone(bodies, board, enter, cast):
    for rest in ("", "meetings/", "members/", "letters/", "letters/approval/"):
        page(enter(cast.member), f"/boards/{bodies.board.pk}/{rest}")
        for who in (cast.sponsor, cast.stranger, cast.analyst, cast.reviewer):
            page(enter(who), f"/boards/{bodies.board.pk}/{rest}", 404)
    assert enter(cast.secretary).get("/boards/").status_code == 302
    page(enter(cast.sponsor), "/boards/", 404)


def test_a_meeting_runs_on_screen_from_plan_to_minutes(bodies, board, in_review, enter, cast):
    submission = in_review()
    secretary = enter(cast.secretary)
    pk = bodies.board.pk
    page(secretary, f"/boards/{pk}/meetings/plan/")
    planned = secretary.post(
        f"/boards/{pk}/meetings/plan/",
        {"held_date": on(20).isoformat(), "cut_off_date": on(10).isoformat(), "place": "Room 4"},
    )
    assert planned.status_code == 302, planned.content.decode()
    meeting = Meeting.objects.get()
    url = f"/meetings/{meeting.pk}/"
    assert submission.number in page(secretary, url)
    secretary.post(f"{url}items/add/", {"row": [submission.pk]})
    item = AgendaItem.objects.get()
    secretary.post(f"{url}items/{item.pk}/move/up/")
    page(secretary, f"{url}attendance/")
    secretary.post(
        f"{url}attendance/", {"present": [one.pk for one in board], "chair": board[0].pk}
    )
    assert "Quorum" in page(secretary, url)
    for member in board:
        client = enter(member)
        assert "Declare" in page(client, f"{url}items/{item.pk}/")
        client.post(f"/submissions/{submission.pk}/act/interest/", {"has_interest": "no"})
        client.post(f"{url}items/{item.pk}/", {"choice": "approve"})
    assert item.votes.count() == 5
    chair = enter(cast.chair)
    text = page(chair, f"{url}items/{item.pk}/")
    assert "The majority is for: Approve" in text
    missing = chair.post(f"{url}items/{item.pk}/", {"way": "decide", "on": on(20).isoformat()})
    assert "Choose the decision" in missing.content.decode()
    done = chair.post(
        f"{url}items/{item.pk}/",
        {
            "way": "decide",
            "outcome": "approved",
            "discussion": "Well made.",
            "on": on(20).isoformat(),
            "valid_from": on(20).isoformat(),
            "valid_to": on(384).isoformat(),
        },
    )
    assert done.status_code == 302, done.content.decode()
    submission.refresh_from_db()
    assert submission.state == SubmissionState.DECIDED
    secretary = enter(cast.secretary)
    secretary.post(f"{url}close/")
    assert "Well made." in page(secretary, f"{url}minutes/")
    held = Minutes.objects.get()
    secretary.post(f"{url}minutes/", {"body": f"{held.body}\nEnded.", "revision": 1})
    assert secretary.get(f"{url}minutes/minutes.pdf").content.startswith(b"%PDF")
    chair = enter(cast.chair)
    page(chair, f"{url}minutes/")
    held.refresh_from_db()
    chair.post(f"{url}minutes/", {"body": held.body, "revision": 2, "approve": "1"})
    held.refresh_from_db()
    assert held.approved_at is not None
    page(enter(cast.sponsor), url, 404)


def test_a_letter_is_written_previewed_sent_and_read(approved, enter, cast):
    made = approved(valid_from=on(5), valid_to=on(370), renewal_due=on(300))
    secretary = enter(cast.secretary)
    page(secretary, f"/submissions/{made.pk}/letters/")
    secretary.post(f"/submissions/{made.pk}/letters/write/", {"kind": "approval"})
    letter = Letter.objects.get()
    url = f"/submissions/{made.pk}/letters/{letter.pk}/"
    text = page(secretary, url)
    assert "Damar Therapeutics" in text
    page(enter(cast.sponsor), url, 404)  # a draft is the board's own
    secretary = enter(cast.secretary)
    sent = secretary.post(url, {"subject": letter.subject, "body": letter.body, "send": "1"})
    assert sent.status_code == 302, sent.content.decode()
    client = enter(cast.sponsor)
    assert "SHA-256" in page(client, url)
    assert client.get(f"{url}letter.pdf").content.startswith(b"%PDF")


def test_a_template_is_previewed_and_saved_as_a_version(bodies, enter, cast):
    client = enter(cast.secretary)
    url = f"/boards/{bodies.board.pk}/letters/approval/"
    given = {"subject": "{{number}}", "body": "Dear {{applicant}}", "version_no": 0}
    shown = client.post(url, {**given, "preview": "1"}).content.decode()
    assert "Dear An example sponsor" in shown
    wrong = client.post(url, {**given, "body": "{{nonsense}}"}).content.decode()
    assert "No letter knows" in wrong
    assert client.post(url, given).status_code == 302
    assert "1:" in page(client, url)
    page(client, f"/boards/{bodies.board.pk}/letters/nonsense/", 404)


def test_a_seat_is_kept_on_screen(bodies, board, enter, cast):
    client = enter(cast.secretary)
    url = f"/boards/{bodies.board.pk}/members/seat/"
    page(client, url)
    given = {"person": board[1].pk, "qualities": ["lay"], "from_date": on(3).isoformat()}
    assert client.post(url, given).status_code == 302
    assert "lay" in page(client, f"/boards/{bodies.board.pk}/members/")
    page(enter(cast.chair), url, 403)


def test_what_waits_stands_on_the_desk(in_review, received, sent, bodies, enter, cast):
    from tembusu.coordination.submissions.selectors import work

    asked, waits = in_review(), sent(days=1)
    actions.raise_queries(
        submission=asked, text="?", due_date=on(9), on=on(3), by=cast.secretary, at=later(3)
    )
    alone = in_review(days=4, meets=False)

    def keys(who):
        return {one.key for one in work.waiting(who, later(6))}

    assert keys(cast.sponsor) == {
        f"submissions.answer:{asked.pk}",
        f"submissions.body:{waits.pk}",
        f"submissions.body:{alone.pk}",
    }
    assert keys(cast.secretary) == {
        f"submissions.applicant:{asked.pk}",
        f"submissions.receive:{waits.pk}",
    }
    assert keys(cast.chair) == {f"submissions.decide:{alone.pk}"}
    assert keys(cast.rival) == keys(cast.stranger) == keys(cast.nobody) == set()


def test_letters_of_kinds_have_texts_to_begin_with():
    from tembusu.coordination.submissions.rules import letter_texts, letters

    for kind in LetterKind:
        subject, body = letter_texts.DEFAULTS[kind]
        letters.check_template(subject=subject, body=body)


def test_what_a_board_does_among_its_own_is_not_told_to_the_applicant(
    bodies, board, in_review, enter, cast
):
    made = in_review()
    review = actions.assign_reviewer(
        submission=made, reviewer=board[3], due_date=None, by=cast.secretary, at=later(2)
    )
    actions.write_review(
        review=review,
        recommendation=Choice.REFUSE,
        comments="Too risky",
        by=board[3],
        at=later(3),
    )
    actions.declare_interest(
        submission=made, has_interest=True, nature="Owns shares", by=board[2], at=later(3)
    )
    meeting = actions.plan_meeting(
        board=bodies.board, held_date=on(20), cut_off_date=on(10), place="", by=cast.secretary,
        at=later(3),
    )  # fmt: skip
    other = in_review(days=1)
    actions.put_on_agenda(
        meeting=meeting, submissions=[made, other], by=cast.secretary, at=later(4)
    )
    applicant = enter(cast.sponsor)
    for path in (f"/submissions/{made.pk}/", f"/trail/submission/{made.pk}/"):
        text = page(applicant, path)
        for secret in ("Too risky", "Owns shares", board[3].full_name, other.number):
            assert secret not in text, (path, secret)
    inside = page(enter(cast.secretary), f"/submissions/{made.pk}/")
    assert "Too risky" in inside
    assert "Owns shares" in inside

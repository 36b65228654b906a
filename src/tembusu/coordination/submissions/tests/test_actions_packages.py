"""Packages from draft to decision: who may, who may not, what is refused, what the ledger says."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tembusu.coordination.submissions import actions
from tembusu.coordination.submissions.actions import moving
from tembusu.coordination.submissions.models import (
    Decision,
    DocumentVersion,
    QueryRound,
    Submission,
)
from tembusu.coordination.submissions.rules import amendments, checklist, dates, moves
from tembusu.coordination.submissions.selectors import bodies as body_selectors
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import (
    Asked,
    Happening,
    Outcome,
    SubmissionKind,
    SubmissionState,
)
from tembusu.coordination.submissions.tests.conftest import AT, PDF, as_answer, later, on
from tembusu.foundation.core.models import AuditEvent, Notification, OutboxEvent
from tembusu.foundation.core.rules import FileRefused
from tembusu.foundation.core.states import IllegalMove

pytestmark = pytest.mark.django_db


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("event", flat=True))


# -- preparing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["sponsor", "investigator", "coordinator"])
def test_those_who_run_a_study_begin_its_submissions(start, cast, who):
    made = start(by=getattr(cast, who))
    assert made.number == f"SUB-{made.pk:06}"
    assert made.state == SubmissionState.DRAFT
    assert [one.organisation.name for one in made.sponsors.all()] == ["Damar Therapeutics"]
    assert made.sponsors.get().is_lead
    assert "submissions.submission.started" in events()


@pytest.mark.parametrize(
    "who", ["rival", "representative", "secretary", "chair", "reviewer", "analyst", "nobody"]
)
def test_nobody_else_begins_one(start, cast, who):
    with pytest.raises(PermissionDenied):
        start(by=getattr(cast, who))


def test_an_unknown_body_is_refused_with_those_that_are_known(start, bodies):
    with pytest.raises(body_selectors.UnknownBody, match="Meranti Ethics Board"):
        start(body_id=987654)
    with pytest.raises(body_selectors.UnknownBody):
        start(bodies.damar)


def test_a_package_for_each_investigator_names_its_own(start, bodies):
    with pytest.raises(moves.SubmissionRefused, match="principal investigator"):
        start(bodies.regulator, per_investigator=True)
    made = start(bodies.regulator, per_investigator=True, investigator_name="Dr Farah Osman")
    assert made.investigator_name == "Dr Farah Osman"


def test_sites_of_another_study_are_refused(start):
    with pytest.raises(moves.SubmissionRefused, match="not sites of this study"):
        start(site_ids=[987654])


def test_a_document_keeps_its_versions_and_hashes(start, attach, cast):
    made = start()
    first = attach(made, "protocol")
    second = attach(made, "protocol", content=PDF + b"2", version="2.0")
    assert (first.version_no, second.version_no) == (1, 2)
    assert first.file_id != second.file_id
    assert len(second.file_id) == 64
    with pytest.raises(moves.SubmissionRefused, match=r"same file as version 2\.0"):
        attach(made, "protocol", content=PDF + b"2", version="3.0")
    more = attach(made, "", label="Cover letter")
    assert more.document.key == "added-4"
    with pytest.raises(FileRefused, match="application/zip"):
        attach(made, "consent", content=b"PK\x03\x04nothing")
    with pytest.raises(PermissionDenied):
        attach(made, "consent", by=cast.rival)


def test_an_incomplete_package_is_not_sent(start, attach, cast):
    made = start()
    attach(made, "protocol")
    with pytest.raises(checklist.IncompleteRefused, match=r"1 of the documents .* Consent form"):
        actions.submit_submission(submission=made, on=on(0), by=cast.sponsor, at=AT)
    actions.set_aside_document(
        submission=made, key="consent", reason="Waived", by=cast.sponsor, at=AT
    )
    sent = actions.submit_submission(submission=made, on=on(0), by=cast.sponsor, at=AT)
    assert sent.state == SubmissionState.SUBMITTED


def test_a_coordinator_prepares_and_does_not_send(start, attach, cast):
    made = start(by=cast.coordinator)
    for key in ("protocol", "consent"):
        attach(made, key, by=cast.coordinator)
    with pytest.raises(PermissionDenied):
        actions.submit_submission(submission=made, on=on(0), by=cast.coordinator, at=AT)


def test_several_sponsors_need_one_lead(start, attach, bodies, cast):
    made = start(sponsor_ids=[bodies.damar.pk, bodies.sena.pk])
    for key in ("protocol", "consent"):
        attach(made, key)
    with pytest.raises(moves.SubmissionRefused, match="exactly one lead"):
        actions.submit_submission(submission=made, on=on(0), by=cast.sponsor, at=AT)
    actions.change_package(
        submission=made,
        site_ids=[],
        sponsor_ids=[bodies.damar.pk, bodies.sena.pk],
        lead_id=bodies.sena.pk,
        investigator_name="",
        reference_no="",
        note="",
        by=cast.sponsor,
        at=AT,
    )
    actions.submit_submission(submission=made, on=on(0), by=cast.sponsor, at=AT)
    assert packages.get_submission(cast.rival, made.pk) == made  # a co-sponsor sees it


def test_what_was_sent_is_not_changed(sent, attach, cast):
    made = sent()
    with pytest.raises(moves.SubmissionRefused, match="not changed any more"):
        attach(made, "protocol", content=PDF + b"9")
    with pytest.raises(moving.StaleSubmission):
        actions.submit_submission(submission=made, on=on(0), by=cast.sponsor, at=AT)


def test_a_backdated_act_leaves_both_dates(start, attach, cast):
    made = start()
    for key in ("protocol", "consent"):
        attach(made, key)
    actions.submit_submission(submission=made, on=on(-3), by=cast.sponsor, at=later(2))
    told = made.occurrences.get(what=Happening.SUBMITTED)
    assert (told.happened_on, told.recorded_at) == (on(-3), later(2))


def test_a_day_that_has_not_come_is_refused(start, attach, cast):
    made = start()
    for key in ("protocol", "consent"):
        attach(made, key)
    with pytest.raises(dates.DatesRefused, match="3 Mar 2026"):
        actions.submit_submission(submission=made, on=on(1), by=cast.sponsor, at=AT)


def test_a_withdrawal_says_why(sent, cast):
    made = sent()
    with pytest.raises(moves.SubmissionRefused, match="Say why"):
        actions.withdraw_submission(
            submission=made, reason=" ", on=on(1), by=cast.sponsor, at=later(1)
        )
    with pytest.raises(dates.DatesRefused, match="1 Mar 2026"):
        actions.withdraw_submission(
            submission=made, reason="Funding ended", on=on(-1), by=cast.sponsor, at=later(1)
        )
    gone = actions.withdraw_submission(
        submission=made, reason="Funding ended", on=on(1), by=cast.sponsor, at=later(1)
    )
    assert gone.state == SubmissionState.WITHDRAWN


# -- receiving, asking, answering -----------------------------------------------------------------


@pytest.mark.parametrize("who", ["sponsor", "member", "chair", "stranger", "analyst", "nobody"])
def test_only_the_secretary_of_the_board_receives(sent, cast, who):
    made = sent()
    with pytest.raises(PermissionDenied):
        actions.receive_submission(submission=made, on=on(1), by=getattr(cast, who), at=later(1))


def test_a_package_is_received_once(received, cast):
    made = received()
    with pytest.raises(moving.StaleSubmission, match="somebody was faster"):
        actions.receive_submission(submission=made, on=on(1), by=cast.secretary, at=later(1))


def test_nothing_is_received_before_it_was_sent(sent, cast):
    made = sent()
    with pytest.raises(dates.DatesRefused, match=r"1 Mar 2026.*2 Mar 2026"):
        actions.receive_submission(submission=made, on=on(-1), by=cast.secretary, at=later(1))


def test_a_regulator_with_its_own_system_is_never_acted_for(sent, bodies, cast):
    made = sent(bodies.regulator)
    with pytest.raises(moves.MirrorRefused, match="the authority’s portal"):
        actions.receive_submission(submission=made, on=on(1), by=cast.reviewer, at=later(1))
    with pytest.raises(moves.MirrorRefused):
        actions.decide_submission(
            submission=made,
            answer=as_answer(outcome="approved", on=on(1)),
            by=cast.reviewer,
            at=later(1),
        )


def test_an_incomplete_package_goes_back_and_is_sent_again(sent, cast):
    made = sent()
    back = actions.return_submission(
        submission=made, reason="The consent form lacks pages", on=on(1), by=cast.secretary,
        at=later(1),
    )  # fmt: skip
    assert back.state == SubmissionState.DRAFT
    assert not Submission.objects.visible_to(cast.secretary).exists()
    assert Notification.objects.filter(person=cast.sponsor, text__contains="came back").exists()
    again = actions.submit_submission(submission=back, on=on(4), by=cast.sponsor, at=later(4))
    assert again.submitted_date == on(4)


def test_queries_stop_and_start_the_clock(in_review, cast):
    made = in_review()
    actions.raise_queries(
        submission=made, text="Which dose?", due_date=on(20), on=on(3), by=cast.secretary,
        at=later(3),
    )  # fmt: skip
    made.refresh_from_db()
    assert packages.standing(made).since == on(3)
    assert packages.standing(made).holder == "applicant"
    with pytest.raises(PermissionDenied):
        actions.answer_queries(
            submission=made, answer="10 mg", on=on(6), by=cast.secretary, at=later(6)
        )
    with pytest.raises(dates.DatesRefused, match="an answer can't come before its query"):
        actions.answer_queries(
            submission=made, answer="10 mg", on=on(2), by=cast.sponsor, at=later(6)
        )
    actions.answer_queries(submission=made, answer="10 mg", on=on(6), by=cast.sponsor, at=later(6))
    made.refresh_from_db()
    assert (made.state, packages.standing(made).since) == (SubmissionState.UNDER_REVIEW, on(6))
    with pytest.raises(dates.OverlapRefused):
        actions.raise_queries(
            submission=made, text="And?", due_date=None, on=on(5), by=cast.secretary, at=later(7)
        )
    with pytest.raises(moves.SubmissionRefused, match="No query"):
        actions.answer_queries(
            submission=made, answer="More", on=on(7), by=cast.sponsor, at=later(7)
        )


def test_the_database_holds_no_overlapping_rounds(in_review, cast):
    made = in_review()
    row = {"submission": made, "text": "?", "raised_at": AT}
    QueryRound.objects.create(number=1, raised_date=on(1), answered_date=on(5), **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        QueryRound.objects.create(number=2, raised_date=on(4), **row)
    QueryRound.objects.create(number=2, raised_date=on(5), **row)


def test_a_document_may_be_added_to_an_answer(in_review, attach, cast):
    made = in_review()
    actions.raise_queries(
        submission=made, text="Send a new form", due_date=None, on=on(3), by=cast.secretary,
        at=later(3),
    )  # fmt: skip
    version = attach(made, "consent", content=PDF + b"2", version="2.0", at=later(4))
    assert DocumentVersion.objects.get(pk=version.pk).version_no == 2


def test_a_reviewer_is_asked_reads_and_recommends(in_review, cast):
    made = in_review()
    review = actions.assign_reviewer(
        submission=made, reviewer=cast.member, due_date=on(9), by=cast.secretary, at=later(2)
    )
    with pytest.raises(moves.SubmissionRefused, match="Somebody else"):
        actions.write_review(
            review=review, recommendation="approve", comments="Fine", by=cast.chair, at=later(3)
        )
    with pytest.raises(moves.SubmissionRefused, match="already"):
        actions.assign_reviewer(
            submission=made, reviewer=cast.member, due_date=None, by=cast.secretary, at=later(2)
        )
    with pytest.raises(moves.SubmissionRefused, match="no member"):
        actions.assign_reviewer(
            submission=made, reviewer=cast.sponsor, due_date=None, by=cast.secretary, at=later(2)
        )


# -- deciding -------------------------------------------------------------------------------------


def test_the_chair_decides_what_needs_no_meeting(in_review, cast):
    made = in_review(meets=False)
    for who in ("secretary", "member", "sponsor", "stranger"):
        with pytest.raises(PermissionDenied):
            actions.decide_submission(
                submission=made,
                answer=as_answer(outcome="approved", on=on(4)),
                by=getattr(cast, who),
                at=later(4),
            )
    answer = as_answer(
        outcome="approved_with_conditions",
        on=on(4),
        conditions=[Asked("Send the Malay consent form", on(30))],
        valid_from=on(4),
        valid_to=on(368),
        renewal_due=on(300),
    )
    actions.decide_submission(submission=made, answer=answer, by=cast.chair, at=later(4))
    made.refresh_from_db()
    assert made.state == SubmissionState.DECIDED
    told = OutboxEvent.objects.get(name="submissions.decided")
    assert told.payload["decision"] == "approved_with_conditions"
    assert told.payload["decided_date"] == on(4).isoformat()
    assert len(told.payload["site_ids"]) == 2


def test_a_full_board_matter_is_not_decided_by_the_chair(in_review, received, cast):
    for made, says in ((in_review(), "full board"), (received(days=20), "Choose first")):
        with pytest.raises(moves.SubmissionRefused, match=says):
            actions.decide_submission(
                submission=made,
                answer=as_answer(outcome="approved", on=on(22)),
                by=cast.chair,
                at=later(30),
            )


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"outcome": "approved_with_conditions"}, "Write the conditions"),
        ({"outcome": "approved", "conditions": [Asked("x")]}, "belong to"),
        ({"outcome": "refused"}, "Say why"),
        ({"outcome": "refused", "reasons": "r", "valid_to": on(90)}, "no validity"),
        ({"outcome": "approved", "on": on(0)}, "received on 3 Mar 2026"),
        ({"outcome": "approved", "on": on(9)}, "today is"),
        ({"outcome": "approved", "valid_from": on(9), "valid_to": on(8)}, "before the start"),
        (
            {
                "outcome": "approved_with_conditions",
                "conditions": [Asked("Send it", on(1))],
            },
            "due before",
        ),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(in_review, cast, answer, says):
    made = in_review(meets=False)
    with pytest.raises(moves.SubmissionRefused, match=says):
        actions.decide_submission(
            submission=made, answer=as_answer(**{"on": on(4), **answer}), by=cast.chair, at=later(4)
        )
    assert not Decision.objects.exists()


def test_nothing_is_decided_while_an_answer_is_waited_for(in_review, cast):
    made = in_review(meets=False)
    actions.raise_queries(
        submission=made, text="?", due_date=None, on=on(3), by=cast.secretary, at=later(3)
    )
    with pytest.raises(IllegalMove, match="Queried to Decided"):
        actions.decide_submission(
            submission=made,
            answer=as_answer(outcome="approved", on=on(4)),
            by=cast.chair,
            at=later(4),
        )


def test_a_condition_is_fulfilled_once_with_its_evidence(approved, cast):
    made = approved(outcome="approved_with_conditions", conditions=[Asked("Send it", on(30))])
    condition = made.decision.conditions.get()
    with pytest.raises(moves.SubmissionRefused, match="by what one sees"):
        actions.fulfil_condition(
            condition=condition, on=on(9), evidence="", by=cast.sponsor, at=later(9)
        )
    with pytest.raises(moves.SubmissionRefused, match="between the decision and today"):
        actions.fulfil_condition(
            condition=condition, on=on(1), evidence="Sent", by=cast.sponsor, at=later(9)
        )
    done = actions.fulfil_condition(
        condition=condition, on=on(8), evidence="Sent", by=cast.sponsor, at=later(9)
    )
    assert (done.fulfilled_date, done.fulfilled_at) == (on(8), later(9))
    with pytest.raises(moves.SubmissionRefused, match="already"):
        actions.fulfil_condition(
            condition=condition, on=on(8), evidence="Sent", by=cast.sponsor, at=later(9)
        )


def test_an_amendment_follows_an_approval_and_is_classed(approved, start, attach, cast):
    first = approved()
    with pytest.raises(moves.SubmissionRefused, match="follows a first application"):
        start(kind=SubmissionKind.AMENDMENT)
    made = start(kind=SubmissionKind.AMENDMENT, earlier=first, at=later(9))
    for key in ("protocol", "consent"):
        attach(made, key, at=later(9))
    with pytest.raises(amendments.AmendmentRefused, match="whether"):
        actions.submit_submission(submission=made, on=on(9), by=cast.sponsor, at=later(9))
    actions.classify_amendment(
        submission=made,
        is_substantial=True,
        reasons=["new_investigator"],
        why="The principal investigator changes.",
        is_urgent_safety=False,
        by=cast.sponsor,
        at=later(9),
    )
    actions.submit_submission(submission=made, on=on(9), by=cast.sponsor, at=later(9))


def test_an_approval_lapses_after_its_last_day_unless_it_is_renewed(approved, start, cast):
    first = approved(valid_from=on(5), valid_to=on(100))
    assert actions.lapse_submissions(by=None, at=later(100)) == 0
    assert actions.lapse_submissions(by=None, at=later(101)) == 1
    first.refresh_from_db()
    assert first.state == SubmissionState.LAPSED
    assert actions.lapse_submissions(by=None, at=later(102)) == 0


# -- who sees -------------------------------------------------------------------------------------


def test_each_sees_only_what_concerns_them(start, sent, cast, bodies):
    draft, board, regulator = start(), sent(), sent(bodies.regulator)
    seen = {
        "sponsor": {draft, board, regulator},
        "investigator": {draft, board, regulator},
        "coordinator": {draft, board, regulator},
        "representative": {draft, board, regulator},
        "analyst": {draft, board, regulator},
        "secretary": {board},
        "chair": {board},
        "member": {board},
        "reviewer": {regulator},
        "stranger": set(),
        "rival": set(),
        "nobody": set(),
    }
    for who, expected in seen.items():
        assert set(Submission.objects.visible_to(getattr(cast, who))) == expected, who


def test_a_site_sees_only_the_packages_that_cover_it(start, cast, study):
    start(site_ids=[study.kempas.pk])
    assert not Submission.objects.visible_to(cast.coordinator).exists()
    assert Submission.objects.visible_to(cast.representative).count() == 1


def test_turns_of_bodies_are_read_in_bulk(
    in_review, sent, bodies, cast, study, django_assert_num_queries
):
    made = in_review()
    actions.raise_queries(
        submission=made, text="?", due_date=None, on=on(3), by=cast.secretary, at=later(3)
    )
    sent(bodies.regulator, days=5)
    with django_assert_num_queries(3):
        found = packages.board_and_regulator_turns([study.pk])
    assert [one.body_kind for one in found] == ["ethics_board", "regulator"]
    assert found[0].queries[0].start_date == on(3)
    assert found[0].site_ids == (study.raintree.pk, study.kempas.pk)
    listed = packages.list_for_study(cast.sponsor, study)
    assert [one.state for one in listed] == [SubmissionState.QUERIED, SubmissionState.SUBMITTED]


def test_no_file_is_kept_of_a_refused_document(start, cast, settings):
    made = start()
    with pytest.raises(FileRefused, match="empty"):
        actions.add_document(
            submission=made,
            key="protocol",
            label="",
            source=io.BytesIO(b""),
            name="p.pdf",
            version_label="1",
            version_date=on(0),
            note="",
            by=cast.sponsor,
            at=AT,
        )
    assert not DocumentVersion.objects.exists()


def test_outcomes_have_their_meaning():
    assert Outcome.EXEMPTED.is_favourable
    assert not Outcome.REFUSED.is_favourable

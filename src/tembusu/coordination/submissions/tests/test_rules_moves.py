"""Which move is allowed from which state, refused cells included."""

import pytest

from tembusu.coordination.submissions.rules import amendments, checklist, letters, mirror, moves
from tembusu.coordination.submissions.terms import (
    MeetingState,
    Outcome,
    Stop,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.core.states import IllegalMove, check_move, ends

S = SubmissionState
ALLOWED = {
    (S.DRAFT, S.SUBMITTED),
    (S.DRAFT, S.WITHDRAWN),
    (S.SUBMITTED, S.RECEIVED),
    (S.SUBMITTED, S.DRAFT),
    (S.SUBMITTED, S.WITHDRAWN),
    (S.RECEIVED, S.UNDER_REVIEW),
    (S.RECEIVED, S.QUERIED),
    (S.RECEIVED, S.DECIDED),
    (S.RECEIVED, S.WITHDRAWN),
    (S.UNDER_REVIEW, S.QUERIED),
    (S.UNDER_REVIEW, S.DECIDED),
    (S.UNDER_REVIEW, S.WITHDRAWN),
    (S.QUERIED, S.UNDER_REVIEW),
    (S.QUERIED, S.WITHDRAWN),
    (S.QUERIED, S.LAPSED),
    (S.DECIDED, S.LAPSED),
}


@pytest.mark.parametrize("present", list(S))
@pytest.mark.parametrize("to", list(S))
def test_a_submission_moves_only_as_the_table_says(present, to):
    if (present, to) in ALLOWED:
        check_move(moves.SUBMISSION_MOVES, present=present, to=to)
    else:
        with pytest.raises(IllegalMove):
            check_move(moves.SUBMISSION_MOVES, present=present, to=to)


def test_every_state_has_its_row_and_its_saying():
    assert set(moves.SUBMISSION_MOVES) == set(S)
    assert set(moves.MEETING_MOVES) == set(MeetingState)
    assert all(state.says for state in S)
    assert ends(moves.SUBMISSION_MOVES) == {S.WITHDRAWN, S.LAPSED}


def test_a_body_with_its_own_system_is_not_acted_for():
    with pytest.raises(moves.MirrorRefused, match="keeps its own record in the portal"):
        moves.check_worked_here(system="the portal", body="The Authority")
    moves.check_worked_here(system="", body="The Board")
    with pytest.raises(moves.SubmissionRefused, match="works here"):
        moves.check_mirrored(system="", body="The Board")


# -- checklists -----------------------------------------------------------------------------------


def line(label, *, required=True, n=0, reason=""):
    return checklist.Line(label, required, n, reason)


def test_a_package_is_complete_when_all_that_is_asked_for_is_answered():
    checklist.check_complete(
        [line("A", n=1), line("B", reason="no insurance"), line("C", required=False)]
    )
    with pytest.raises(checklist.IncompleteRefused, match=r"2 of the documents .* A; B"):
        checklist.check_complete([line("A"), line("B"), line("C", n=2)])


@pytest.mark.parametrize(("n", "leads", "is_fine"), [(1, 1, 1), (3, 1, 1), (0, 0, 0), (2, 0, 0)])
def test_one_of_several_sponsors_leads(n, leads, is_fine):
    if is_fine:
        checklist.check_sponsors(n_sponsors=n, n_leads=leads)
    else:
        with pytest.raises(moves.SubmissionRefused, match=r"[Nn]ame"):
            checklist.check_sponsors(n_sponsors=n, n_leads=leads)


def test_a_package_for_each_investigator_names_one():
    with pytest.raises(moves.SubmissionRefused, match="principal investigator"):
        checklist.check_covers(site_ids=[1], of_study=[1], per_investigator=True, investigator=" ")
    with pytest.raises(moves.SubmissionRefused, match="not sites of this study"):
        checklist.check_covers(
            site_ids=[1, 9], of_study=[1], per_investigator=False, investigator=""
        )


@pytest.mark.parametrize(
    ("kind", "has_earlier", "is_approved", "is_fine"),
    [
        (SubmissionKind.INITIAL, False, False, True),
        (SubmissionKind.INITIAL, True, True, False),
        (SubmissionKind.AMENDMENT, True, True, True),
        (SubmissionKind.AMENDMENT, False, False, False),
        (SubmissionKind.RENEWAL, True, False, False),
        (SubmissionKind.CLOSURE, True, True, True),
    ],
)
def test_what_follows_an_approval_needs_one(kind, has_earlier, is_approved, is_fine):
    if is_fine:
        checklist.check_follows(kind, has_earlier=has_earlier, is_approved=is_approved)
    else:
        with pytest.raises(moves.SubmissionRefused):
            checklist.check_follows(kind, has_earlier=has_earlier, is_approved=is_approved)


# -- amendments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_substantial", "reasons", "why", "says"),
    [
        (None, [], "because", "whether"),
        (True, [], "because", "at least one reason"),
        (False, ["new_pi"], "because", "not to be"),
        (True, ["new_pi"], " ", "in a sentence"),
    ],
)
def test_an_amendment_is_classed_with_reasons(is_substantial, reasons, why, says):
    with pytest.raises(amendments.AmendmentRefused, match=says):
        amendments.check_reasoned(is_substantial=is_substantial, reasons=reasons, why=why)


@pytest.mark.parametrize(
    ("is_substantial", "is_urgent", "state", "outcome", "is_allowed"),
    [
        (False, False, S.DRAFT, None, True),
        (True, False, S.UNDER_REVIEW, None, False),
        (True, True, S.UNDER_REVIEW, None, True),
        (True, False, S.DECIDED, Outcome.APPROVED, True),
        (True, False, S.DECIDED, Outcome.REFUSED, False),
    ],
)
def test_a_substantial_amendment_waits_unless_safety_is_urgent(
    is_substantial, is_urgent, state, outcome, is_allowed
):
    found = amendments.may_implement(
        is_substantial=is_substantial, is_urgent_safety=is_urgent, state=state, outcome=outcome
    )
    assert found.is_allowed is is_allowed
    assert found.reason


# -- letters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "body", "says"),
    [
        ("", "Dear", "subject"),
        ("About", " ", "subject"),
        ("About {{number}}", "{{numbr}} {{ secret }}", "numbr.*secret"),
        ("About", "Dear {{number", "not closed"),
        ("About", "number}}", "not closed"),
    ],
)
def test_a_template_with_strange_placeholders_is_refused(subject, body, says):
    with pytest.raises(letters.TemplateRefused, match=says):
        letters.check_template(subject=subject, body=body)


def test_a_letter_is_filled_once_and_says_what_it_lacks():
    letters.check_template(subject="{{number}}", body="{{ study_title }}: {{reason}}")
    filled = letters.fill(
        "{{number}} {{ study_title }} {{reason}}",
        {"number": "SUB-1", "study_title": "{{chair}} <b>"},
    )
    assert filled == "SUB-1 {{chair}} <b> [not given: the reasons for the decision]"
    assert letters.gaps(filled) == ["the reasons for the decision"]


# -- mirrors --------------------------------------------------------------------------------------


def test_a_mirror_keeps_what_the_body_says_nothing_of():
    from datetime import date

    here = mirror.Mirrored("R1", submitted=date(2026, 3, 2), received=date(2026, 3, 4))
    says = mirror.Mirrored("R1", received=date(2026, 3, 5), stops=(Stop(date(2026, 3, 6), None),))
    wanted = mirror.over(says, here)
    assert wanted.submitted == date(2026, 3, 2)
    assert mirror.state_of(wanted) is S.QUERIED
    told = {one.field: (one.here, one.there) for one in mirror.differences(here, wanted)}
    assert told == {
        "Received": ("2026-03-04", "2026-03-05"),
        "Queries": ("", "2026-03-06 to open"),
    }
    assert mirror.differences(wanted, mirror.over(says, wanted)) == []


def test_a_decision_has_an_outcome_and_a_day():
    from datetime import date

    with pytest.raises(moves.SubmissionRefused, match="Give both"):
        mirror.check_mirrored(mirror.Mirrored("R1", decided=date(2026, 3, 2)))
    with pytest.raises(moves.SubmissionRefused, match="Conditions belong"):
        mirror.check_mirrored(
            mirror.Mirrored(
                "R1",
                decided=date(2026, 3, 2),
                outcome=Outcome.APPROVED,
                conditions=("Send the translation",),
            )
        )

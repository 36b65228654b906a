"""A body's extract: matched, reconciled, refused with reasons, and the same again changes nothing."""

import pytest

from tembusu.coordination.submissions.actions import extracts
from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.terms import Outcome, SubmissionState
from tembusu.coordination.submissions.tests.conftest import later, on
from tembusu.foundation.exchange.terms import Row, VerdictKind, get_purpose

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(sent, bodies):
    return sent(bodies.regulator, reference_no="MDA-1")


def row(body, line=2, **values):
    return Row(line, {"reference_no": "MDA-1", "body": body, **values}, frozenset(values))


GOOD = {
    "received": on(1),
    "queried_1": on(5),
    "answered_1": on(9),
    "outcome": Outcome.APPROVED,
    "decided": on(20),
}


def check(rows, by):
    return get_purpose(extracts.KEY).check(rows, by=by, at=later(30))


def take(rows, by):
    return get_purpose(extracts.KEY).take(rows, by=by, at=later(30), run=7)


def test_a_row_is_new_then_the_same_then_changed(known, bodies, cast):
    rows = [row(bodies.regulator, **GOOD)]
    (verdict,) = check(rows, cast.analyst)
    assert verdict.kind is VerdictKind.NEW
    assert {one.label for one in verdict.differences} == {
        "Received",
        "Queries",
        "Decision",
        "Decided",
    }
    (outcome,) = take(rows, cast.analyst)
    assert (outcome.kind, outcome.url) == (VerdictKind.NEW, f"/submissions/{known.pk}/")
    known.refresh_from_db()
    assert known.state == SubmissionState.DECIDED
    assert check(rows, cast.analyst)[0].kind is VerdictKind.SAME
    changed = [row(bodies.regulator, **GOOD, valid_to=on(300))]
    (verdict,) = check(changed, cast.analyst)
    assert (verdict.kind, len(verdict.differences)) == (VerdictKind.CHANGED, 1)
    assert take(changed, cast.reviewer)[0].kind is VerdictKind.CHANGED


def test_a_row_is_found_by_our_number_where_the_bodys_is_new(sent, bodies, cast):
    made = sent(bodies.regulator)
    rows = [row(bodies.regulator, number=made.number, **GOOD)]
    assert check(rows, cast.analyst)[0].kind is VerdictKind.NEW
    take(rows, cast.analyst)
    assert Submission.objects.get(pk=made.pk).reference_no == "MDA-1"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"decided": on(-4), "outcome": Outcome.APPROVED}, "decided on 26 Feb 2026"),
        ({"queried_1": on(5), "answered_1": on(9), "queried_2": on(8)}, "overlaps"),
        ({"answered_1": on(9)}, "has no query"),
        ({"decided": on(9)}, "Give both"),
        ({"number": "SUB-999999"}, "SUB-999999"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(known, bodies, cast, values, says):
    (verdict,) = check([row(bodies.regulator, **values)], cast.analyst)
    assert verdict.kind is VerdictKind.REFUSED
    assert says in verdict.reason


def test_a_board_that_works_here_is_not_overwritten_by_a_file(sent, bodies, cast):
    sent(reference_no="B-1")
    (verdict,) = check([row(bodies.board, reference_no="B-1", received=on(1))], cast.secretary)
    assert verdict.kind is VerdictKind.REFUSED
    assert "works here" in verdict.reason


def test_what_one_may_not_see_is_unknown(known, bodies, cast):
    for who in (cast.secretary, cast.rival, cast.stranger):
        (verdict,) = check([row(bodies.regulator, **GOOD)], who)
        assert verdict.kind is VerdictKind.REFUSED
        assert "that you may see" in verdict.reason


def test_who_may_send_such_a_file(cast):
    may = get_purpose(extracts.KEY).may
    assert all(may(one) for one in (cast.analyst, cast.reviewer, cast.secretary))
    assert not any(may(one) for one in (cast.sponsor, cast.member, cast.nobody))


def test_columns_read_what_bodies_write():
    columns = get_purpose(extracts.KEY).by_key
    assert columns["outcome"].read("No objection") is Outcome.APPROVED
    assert columns["conditions"].read("Send it; Report ten\nTell us") == (
        "Send it",
        "Report ten",
        "Tell us",
    )


def test_a_body_is_found_by_its_registered_name(bodies, cast):
    look_up = get_purpose(extracts.KEY).by_key["body"].look_up
    found = look_up({"Medicines and Devices Authority", "Nobody", "Damar Therapeutics"}, None)
    assert found == {"Medicines and Devices Authority": bodies.regulator}

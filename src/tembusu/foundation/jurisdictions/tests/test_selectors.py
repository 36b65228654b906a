"""What other rooms read, on the day that they ask for."""

from datetime import date

import pytest

from tembusu.foundation.jurisdictions import selectors
from tembusu.foundation.jurisdictions.terms import (
    NoReviewingBoard,
    NoSuchItem,
    ProductAnswers,
    ReviewFacts,
    RouteAnswers,
)
from trialtime.calendars import Span, Unit, add_working_days
from trialtime.cutoffs import next_cut_off

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 1)


def test_a_clock_has_its_span_and_source() -> None:
    rule = selectors.clock("CTA", ON)
    assert rule is not None
    assert (rule.span, rule.runs_for) == (Span(30, Unit.WORKING), "regulator")
    assert rule.item.source.startswith("https://hsa.gov.sg/")


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("CTA", 30, Unit.WORKING),
        ("CTA.phase_1", 15, Unit.WORKING),
        ("CTA.class_2_ctgtp", 60, Unit.WORKING),
        ("CTN", 5, Unit.WORKING),
        ("CTC", 30, Unit.WORKING),
        ("CTA.amendment", 15, Unit.WORKING),
        ("CTC.amendment", 15, Unit.WORKING),
        ("CTN.amendment", 5, Unit.WORKING),
        ("CIRB.exempt", 30, Unit.WORKING),
        ("CIRB.expedited", 30, Unit.WORKING),
        ("CIRB.full", 60, Unit.WORKING),
        ("USADR.fatal", 7, Unit.CALENDAR),
        ("USADR.follow_up", 8, Unit.CALENDAR),
        ("USADR.other", 15, Unit.CALENDAR),
        ("risk_report", 14, Unit.CALENDAR),
        ("serious_breach", 7, Unit.CALENDAR),
        ("HBRA.USAE.fatal", 7, Unit.CALENDAR),
        ("HBRA.USAE.follow_up", 8, Unit.CALENDAR),
        ("HBRA.USAE.other", 15, Unit.CALENDAR),
        ("HBRA.information", 30, Unit.CALENDAR),
        ("HBRA.cessation", 30, Unit.CALENDAR),
    ],
)
def test_a_target_time_is_the_published_one(key: str, value: int, unit: Unit) -> None:
    rule = selectors.clock(key, ON)
    assert rule is not None
    assert rule.span == Span(value, unit)


@pytest.mark.parametrize("key", ["DSRB.full", "trial_status", "urgent_safety_measure"])
def test_what_nobody_found_has_no_span(key: str) -> None:
    rule = selectors.clock(key, ON)
    assert rule is not None
    assert rule.span is None
    assert not rule.item.is_verified


def test_a_rule_does_not_hold_before_its_first_day() -> None:
    assert selectors.clock("CTA", date(2016, 10, 31)) is None
    assert selectors.clock("CTA", date(2016, 11, 1)) is not None


def test_a_clock_that_the_pack_never_had_is_refused() -> None:
    with pytest.raises(NoSuchItem, match=r"no item 'CTX'\. There are: CTA, CTA\.phase_1"):
        selectors.clock("CTX", ON)


def test_working_days_follow_the_national_calendar() -> None:
    days = selectors.calendar(2026, 2026)
    assert add_working_days(date(2026, 8, 7), 1, days) == date(2026, 8, 11)  # Monday in lieu


def test_papers_are_taken_on_the_first_working_day_except_in_december() -> None:
    full = {one.key: one for one in selectors.board_rules(ON, "CIRB").reviews}["CIRB.full"]
    assert full.cut_off is not None
    days = selectors.calendar(2025, 2027)
    assert next_cut_off(full.cut_off, date(2026, 11, 3), days) == date(2027, 1, 4)


def test_a_board_has_its_own_reviews_and_the_seats_of_the_law() -> None:
    rules = selectors.board_rules(ON, "CIRB")
    assert [one.key for one in rules.reviews] == ["CIRB.exempt", "CIRB.expedited", "CIRB.full"]
    assert [one.needs_meeting for one in rules.reviews] == [False, False, True]
    assert rules.members_least == 5
    assert rules.quorum is None
    assert [(one.post, one.quality, one.is_external) for one in rules.seats] == [
        ("chair", "medical", False),
        ("member", "scientific", True),
        ("member", "lay", True),
    ]
    assert len(selectors.board_rules(ON).reviews) == 6


@pytest.mark.parametrize(
    ("funding", "person", "cluster", "board"),
    [
        ("grant", "awarded_pi", "SingHealth", "CIRB"),
        ("industry", "overall_pi", "NHG", "DSRB"),
        ("unfunded", "initiator", "NUHS", "DSRB"),
    ],
)
def test_one_board_reviews_for_all_clusters(
    funding: str, person: str, cluster: str, board: str
) -> None:
    found = selectors.reviewing_board(ReviewFacts(funding, {person: cluster}), ON)
    assert (found.board, found.person) == (board, person)
    assert cluster in found.reason


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (ReviewFacts("lottery"), "Known: grant, industry, unfunded"),
        (ReviewFacts("grant", {"initiator": "NHG"}), "awarded principal investigator"),
        (ReviewFacts("grant", {"awarded_pi": "Elsewhere"}), "No board reviews for the cluster"),
    ],
)
def test_a_missing_fact_is_named(facts: ReviewFacts, said: str) -> None:
    with pytest.raises(NoReviewingBoard, match=said):
        selectors.reviewing_board(facts, ON)


def test_a_checklist_goes_with_its_kind() -> None:
    keys = [(one.key, one.is_required) for one in selectors.checklist("CTN", ON)]
    assert ("ethics_approval", True) in keys
    assert "ethics_approval" not in [one.key for one in selectors.checklist("CTA", ON)]
    assert ("transfer_letter", False) in [
        (one.key, one.is_required) for one in selectors.checklist("CTA.amendment", ON)
    ]


def test_a_report_is_due_two_months_before_expiry() -> None:
    rule = selectors.renewal("ethics", ON)
    assert rule is not None
    assert rule.before == Span(2, Unit.MONTHS)
    assert selectors.renewal("CTA", ON) is None


def test_amendments_have_criteria_an_exception_and_clocks() -> None:
    rules = selectors.amendment_rules(ON)
    assert [one.key for one in rules.criteria] == [
        "sponsor",
        "investigator",
        "safety",
        "scientific_value",
        "conduct",
        "product",
    ]
    assert [one.key for one in rules.exceptions] == ["urgent_safety_measure"]
    assert rules.needs_approval
    assert rules.clocks == {
        "CTA": "CTA.amendment",
        "CTC": "CTC.amendment",
        "CTN": "CTN.amendment",
    }


def test_training_warns_where_no_source_lets_it_block() -> None:
    assert {one.key: one.level for one in selectors.trainings(ON)} == {
        "GCP": "warns",
        "minimum_training": "warns",
    }
    assert [one.key for one in selectors.trainings(date(2025, 6, 1))] == ["minimum_training"]


def test_a_body_may_change_its_name_on_a_day() -> None:
    before = selectors.authority("NHG", date(2025, 6, 30))
    after = selectors.authority("NHG", date(2025, 7, 1))
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("National Healthcare Group", "NHG Health")


def test_the_tree_is_asked_through_the_door() -> None:
    study = {"research": "research", "design": "interventional", "has_product": "yes"}
    device = ProductAnswers("Stent", {"product_class": "medical_device"})
    given = RouteAnswers(study, (device,))
    assert selectors.open_questions(given, ON) == []
    assert [one.kind for one in selectors.obligations(given, ON)] == ["HBRA"]
    assert selectors.explain(given, ON).steps[-1].answer == "Medical device"
    assert selectors.questions(ON)[0].key == "research"


def test_another_countrys_pack_needs_no_other_code(settings) -> None:
    settings.TEMBUSU_JURISDICTION = "uk"
    spans = {one.key: one.span for one in selectors.clocks(ON)}
    assert spans["combined_review"] == Span(60, Unit.CALENDAR)
    assert spans["combined_review.atimp"] == Span(90, Unit.CALENDAR)
    assert spans["site_open"] == Span(60, Unit.CALENDAR)
    assert spans["first_participant"] == Span(30, Unit.CALENDAR)
    assert spans["whole"] == Span(150, Unit.CALENDAR)
    given = RouteAnswers(
        {"research": "yes", "medicine": "yes"}, (ProductAnswers("A", {"advanced_therapy": "no"}),)
    )
    (one,) = selectors.obligations(given, ON)
    assert (one.kind, one.clock_key) == ("combined_review", "combined_review")
    assert date(2026, 12, 25) in selectors.calendar(2026, 2026).holidays

"""The tree: every way through it, for each pack, and the answers that it refuses."""

from datetime import date

import pytest

from tembusu.foundation.jurisdictions.rules import files, packs, periods, tree
from tembusu.foundation.jurisdictions.terms import (
    NO_APPLICATION,
    AnswersContradict,
    Cardinality,
    ProductAnswers,
    RouteAnswers,
    Unanswered,
    UnknownAnswer,
)
from tembusu.foundation.jurisdictions.tests.third import THIRD

ON = date(2026, 6, 1)
MEDICINE = {"product_class": "therapeutic_product"}
TRIAL = {"research": "research", "design": "interventional", "has_product": "yes"}


def tree_of(name: str) -> tree.Tree:
    pack = packs.parse(THIRD, where="third") if name == "third" else files.read(name)
    return tree.tree_of(periods.on(pack, ON))


def answers(*products: dict[str, str], **study: str) -> RouteAnswers:
    named = (ProductAnswers(f"product {no}", one) for no, one in enumerate(products, start=1))
    return RouteAnswers(study or TRIAL, tuple(named))


@pytest.mark.parametrize("name", ["sg", "uk", "third"])
def test_every_way_through_ends_in_an_obligation_with_reason_and_source(name: str) -> None:
    made = tree_of(name)
    ways = list(tree.every_way(made))
    assert len(ways) == {"sg": 22, "uk": 4, "third": 3}[name]
    for way in ways:
        found = tree.obligations(made, way)
        assert found
        for one in found:
            assert one.reason
            assert one.label
            assert one.source.startswith("http")
            assert one.kind == NO_APPLICATION or one.authority
            assert one.kind != NO_APPLICATION or one.checks


UNREGISTERED = {**MEDICINE, "registered": "no", "phase_1_only": "no"}
LABELLED = {**MEDICINE, "registered": "yes", "as_labelled": "yes", "healthy_volunteers": "no"}


@pytest.mark.parametrize(
    ("product", "kind", "clock"),
    [
        (UNREGISTERED, "CTA", "CTA"),
        ({**UNREGISTERED, "phase_1_only": "yes"}, "CTA", "CTA.phase_1"),
        ({"product_class": "ctgtp_2", "registered": "no"}, "CTA", "CTA.class_2_ctgtp"),
        (
            {**MEDICINE, "registered": "yes", "as_labelled": "no", "phase_1_only": "no"},
            "CTA",
            "CTA",
        ),
        (LABELLED, "CTN", "CTN"),
        (
            {**LABELLED, "healthy_volunteers": "yes", "approved_for_healthy": "yes"},
            "CTN",
            "CTN",
        ),
        (
            {
                **LABELLED,
                "healthy_volunteers": "yes",
                "approved_for_healthy": "no",
                "phase_1_only": "no",
            },
            "CTA",
            "CTA",
        ),
        ({"product_class": "medicinal_product", "against_disease": "yes"}, "CTC", "CTC"),
        ({"product_class": "medicinal_product", "against_disease": "no"}, "HBRA", ""),
        ({"product_class": "medical_device"}, "HBRA", ""),
        ({"product_class": "ctgtp_1"}, "HBRA", ""),
        ({"product_class": "not_sure"}, NO_APPLICATION, ""),
    ],
)
def test_a_product_leads_to_its_application(product: dict[str, str], kind: str, clock: str) -> None:
    found = tree.obligations(tree_of("sg"), answers(product))
    assert [(one.kind, one.clock_key, one.product) for one in found] == [(kind, clock, "product 1")]


@pytest.mark.parametrize(
    ("study", "kind"),
    [
        ({"research": "quality"}, NO_APPLICATION),
        ({"research": "case_report"}, NO_APPLICATION),
        ({"research": "research", "design": "observational"}, "HBRA"),
        ({"research": "research", "design": "interventional", "has_product": "no"}, "HBRA"),
    ],
)
def test_a_study_without_product_leads_to_its_obligation(study: dict[str, str], kind: str) -> None:
    found = tree.obligations(tree_of("sg"), RouteAnswers(study))
    assert [(one.kind, one.product) for one in found] == [(kind, "")]


def test_each_product_keeps_its_own_obligation() -> None:
    device = {"product_class": "medical_device"}
    found = tree.obligations(tree_of("sg"), answers(UNREGISTERED, device))
    assert [(one.product, one.kind) for one in found] == [
        ("product 1", "CTA"),
        ("product 2", "HBRA"),
    ]
    assert any("left out with the trial" in check.text for check in found[1].checks)
    assert not any("left out with the trial" in check.text for check in found[0].checks)


def test_one_authorisation_covers_a_product_that_alone_would_be_notified() -> None:
    found = tree.obligations(tree_of("sg"), answers(LABELLED, UNREGISTERED))
    assert [one.kind for one in found] == ["CTA", "CTA"]
    assert "one authorisation covers both" in found[0].reason
    (application,) = tree.applications(found)
    assert application.products == ("product 1", "product 2")
    assert application.clock_keys == ("CTA",)


def test_a_certificate_is_for_each_principal_investigator() -> None:
    product = {"product_class": "medicinal_product", "against_disease": "yes"}
    (one,) = tree.obligations(tree_of("sg"), answers(product))
    assert one.cardinality is Cardinality.PRINCIPAL_INVESTIGATOR


def test_an_application_for_each_product_stays_apart() -> None:
    made = tree_of("third")
    found = tree.obligations(made, answers({"new": "yes"}, {"new": "no"}, risky="yes"))
    assert [one.products for one in tree.applications(found)] == [("product 1",), ("product 2",)]


def test_what_needs_no_application_sends_none() -> None:
    found = tree.obligations(tree_of("third"), RouteAnswers({"risky": "no"}))
    assert tree.applications(found) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            answers({**MEDICINE, "registered": "no"}, research="research", design="observational"),
            ["It only observes", "registered in this country?” — No"],
        ),
        (
            answers({**MEDICINE, "registered": "no", "as_labelled": "yes"}),
            ["registered in this country?” — No", "Yes, in all four"],
        ),
        (
            answers({**UNREGISTERED, "approved_for_healthy": "yes"}),
            ["registered in this country?” — No", "approved for healthy people"],
        ),
        (
            answers({"product_class": "medical_device", "registered": "no"}),
            ["registered in this country?” — No", "Medical device"],
        ),
        (
            answers(LABELLED, research="research", design="interventional", has_product="no"),
            ["Does the study test a product", "What kind of product"],
        ),
        (
            answers({}, research="research", design="observational"),
            ["product 1", "It only observes"],
        ),
        (
            RouteAnswers({"research": "quality", "design": "observational"}),
            ["It only observes", "Audit or quality improvement"],
        ),
    ],
)
def test_answers_that_cannot_both_be_are_refused_by_name(
    given: RouteAnswers, said: list[str]
) -> None:
    with pytest.raises(AnswersContradict) as refusal:
        tree.obligations(tree_of("sg"), given)
    for text in said:
        assert text in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (RouteAnswers({}), "What is planned?"),
        (answers(), "Name each product"),
        (answers({**MEDICINE}), "Is the product registered in this country?"),
    ],
)
def test_an_open_question_is_named(given: RouteAnswers, said: str) -> None:
    with pytest.raises(Unanswered, match=r"product|planned") as refusal:
        tree.obligations(tree_of("sg"), given)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (RouteAnswers({"weather": "fine"}), "No question about the study is called 'weather'"),
        (RouteAnswers({"research": "maybe"}), "not 'maybe'"),
        (answers({"product_class": "soup"}), "not 'soup'"),
        (RouteAnswers(TRIAL, (ProductAnswers("", MEDICINE),)), "name of its own"),
        (RouteAnswers(TRIAL, (ProductAnswers("a"), ProductAnswers("a"))), "name of its own"),
    ],
)
def test_an_answer_that_does_not_exist_is_refused(given: RouteAnswers, said: str) -> None:
    with pytest.raises(UnknownAnswer, match=said):
        tree.obligations(tree_of("sg"), given)


def test_only_the_questions_that_are_needed_wait() -> None:
    made = tree_of("sg")
    asked: list[str] = []
    given: dict[str, str] = {}
    for choice in ("research", "interventional", "yes"):
        (one,) = tree.open_questions(made, RouteAnswers(given))
        asked.append(one.question.key)
        given[one.question.key] = choice
    assert asked == ["research", "design", "has_product"]
    assert tree.asks_for_products(made, given)
    (one,) = tree.open_questions(made, answers({}, **given))
    assert (one.question.key, one.product) == ("product_class", "product 1")


def test_the_way_taken_is_told_step_by_step() -> None:
    told = tree.explain(tree_of("sg"), answers({"product_class": "medical_device"}))
    assert [(one.product, one.answer) for one in told.steps] == [
        ("", "Research with people, their tissue or their health information"),
        ("", "The protocol decides what participants receive"),
        ("", "Yes"),
        ("product 1", "Medical device"),
    ]
    assert all(one.source.startswith("http") for one in told.steps)
    assert [one.kind for one in told.obligations] == ["HBRA"]

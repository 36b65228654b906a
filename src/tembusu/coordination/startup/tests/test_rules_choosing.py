"""Which pathway fits a study, and under what the study is counted."""

import tomllib
from pathlib import Path

import pytest

from tembusu.coordination.startup.rules import choosing, plans

FOLDER = Path(plans.__file__).parent.parent / "pathways"
PLANS = [
    plans.read_plan(tomllib.loads(path.read_text()))
    for path in sorted(FOLDER.glob("*.toml"))
    if path.name[0].isdigit()
]
AREAS = tomllib.loads((FOLDER / "areas.toml").read_text())["areas"]


def facts(study_type="", sponsor="", intervention=(), obligation=()):
    return {
        "study_type": [study_type],
        "sponsor_kind": [sponsor],
        "intervention": intervention,
        "obligation": obligation,
    }


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (facts("INTERVENTIONAL", "industry", ["DRUG"], ["CTA"]), "industry_drug"),
        (facts("INTERVENTIONAL", "industry", ["DRUG"]), "industry_drug"),
        (facts("INTERVENTIONAL", "academic", ["DRUG"], ["CTN"]), "investigator_initiated"),
        (facts("INTERVENTIONAL", "unknown"), "investigator_initiated"),
        (facts("INTERVENTIONAL", "industry", ["DEVICE"], ["HBRA"]), "device_or_other"),
        (facts("INTERVENTIONAL", "industry", ["DEVICE"]), "industry_drug"),
        (facts("OBSERVATIONAL", "industry"), "observational"),
    ],
)
def test_the_pathway_that_asks_most_of_what_fits_is_chosen(given, key):
    assert choosing.choose(given, PLANS).key == key


def test_a_study_that_fits_none_is_refused():
    with pytest.raises(choosing.NoPathway, match="Choose one by hand"):
        choosing.choose(facts("EXPANDED_ACCESS"), PLANS)


@pytest.mark.parametrize(
    ("registry_class", "body", "kind"),
    [
        ("INDUSTRY", "", "industry"),
        ("OTHER", "sponsor", "industry"),
        ("OTHER", "institution", "academic"),
        ("FED", "", "public"),
        ("", "agency", "public"),
        ("", "", "unknown"),
    ],
)
def test_a_sponsor_is_counted_by_its_class_or_kind(registry_class, body, kind):
    assert choosing.sponsor_kind(registry_class, body) == kind


@pytest.mark.parametrize(
    ("conditions", "area"),
    [
        (["Nasopharyngeal Carcinoma"], "oncology"),
        (["Non-small-cell lung cancer"], "oncology"),
        (["Dengue"], "infectious_disease"),
        (["Asthma"], "respiratory"),
        (["Type 2 Diabetes"], "endocrine_and_metabolic"),
        ([], "other"),
        (["Hiccups"], "other"),
    ],
)
def test_a_study_is_counted_under_the_area_of_its_conditions(conditions, area):
    assert choosing.therapeutic_area(conditions, AREAS) == area


def test_it_is_said_for_what_a_pathway_was_chosen():
    given = facts("INTERVENTIONAL", "industry", ["DEVICE", "DRUG"], ["HBRA"])
    assert choosing.why(given, choosing.choose(given, PLANS)) == [
        ("study_type", ["INTERVENTIONAL"]),
        ("intervention", ["DEVICE"]),
        ("obligation", ["HBRA"]),
    ]

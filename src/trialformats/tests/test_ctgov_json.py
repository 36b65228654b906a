"""ClinicalTrials.gov JSON: nothing is lost on the way in and out."""

import copy
import json

import pytest
from tests.support.shared import shared_path

from trialformats import ctgov_json
from trialformats.errors import FormatError
from trialformats.records import MeshTerm, Outcome, TrialRecord, digest
from trialformats.tests.making import study


def real_studies():
    """Return every study of the real JSON files, as parsed; the classic one too."""
    folder = shared_path("data/ctgov")
    for path in (*sorted(folder.glob("*.json")), *sorted((folder / "single_json").glob("*.json"))):
        data = json.loads(path.read_bytes())
        if isinstance(data, dict) and "FullStudiesResponse" in data:
            data = data["FullStudiesResponse"]["FullStudies"]
        yield from data if isinstance(data, list) else [data]


def test_writing_gives_back_every_real_v2_study_except_its_results_tables():
    n_studies = 0
    for given in real_studies():
        if "Study" in given:
            continue
        written = ctgov_json.write(ctgov_json.read(given))
        beyond = written.pop(ctgov_json.BEYOND, {})
        kept = {k: v for k, v in given.items() if k not in ("resultsSection", "annotationSection")}
        assert written == kept
        assert set(beyond) == ({"results_counts"} if "resultsSection" in given else set())
        n_studies += 1
    assert n_studies == 237


def test_read_write_read_gives_the_same_record_for_every_real_study():
    for given in real_studies():
        record = ctgov_json.read(given)
        assert ctgov_json.read(json.loads(json.dumps(ctgov_json.write(record)))) == record


def test_results_are_counted_and_not_kept():
    with_results = [s for s in real_studies() if "resultsSection" in s]
    assert with_results
    for given in with_results:
        record = ctgov_json.read(given)
        measures = given["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"]
        assert record.has_results
        assert record.results_counts.n_outcome_measures == len(measures)
        assert "resultsSection" not in ctgov_json.write(record)


def test_the_classic_study_is_read_like_a_v2_one():
    path = shared_path("data/ctgov/single_json/NCT04780763.json")
    given = json.loads(path.read_bytes())["FullStudiesResponse"]["FullStudies"][0]
    record = ctgov_json.read(given)
    assert record.registry_no == "NCT04780763"
    assert (record.start_dtc, record.start_kind) == ("2021-03-04", "ESTIMATED")
    assert (record.verified_dtc, record.overall_status) == ("2021-02", "NOT_YET_RECRUITING")
    assert (record.enrolment_count, record.has_dmc, record.phases) == (168, False, ("NA",))
    assert record.masking == "QUADRUPLE"
    assert record.who_masked[1] == "CARE_PROVIDER"
    assert record.condition_mesh == (MeshTerm("Anxiety Disorders", "D001008"),)
    assert [len(record.arms), len(record.secondary_outcomes), len(record.locations)] == [2, 4, 1]
    assert record.locations[0].contacts[1].role == "PRINCIPAL_INVESTIGATOR"
    assert record.secondary_ids[0].id_text == "S64737"
    assert not any(key.startswith("/protocolSection") for key in record.extra)


def test_what_the_tree_does_not_know_is_kept_where_it_was():
    given = study()
    given["protocolSection"]["statusModule"]["newIdea/2027"] = [1, {"a": None}]
    given["protocolSection"]["outcomesModule"] = {
        "primaryOutcomes": [{"measure": "m"}, {"measure": "n", "weight~": 2}]
    }
    given["newSection"] = {"x": ""}
    record = ctgov_json.read(given)
    assert record.extra == {
        "/protocolSection/statusModule/newIdea~12027": [1, {"a": None}],
        "/protocolSection/outcomesModule/primaryOutcomes/1/weight~0": 2,
        "/newSection": {"x": ""},
    }
    assert record.primary_outcomes == (Outcome("m"), Outcome("n"))
    assert ctgov_json.write(record) == given


@pytest.mark.parametrize("empty", [None, "", {}, []])
def test_an_empty_value_is_kept_as_it_was_and_is_no_value(empty):
    given = study()
    given["protocolSection"]["statusModule"]["whyStopped"] = empty if empty in (None, "") else ""
    given["protocolSection"]["designModule"] = {} if empty != [] else {"phases": []}
    record = ctgov_json.read(given)
    assert (record.why_stopped, record.phases) == ("", ())
    assert ctgov_json.write(record) == given


def test_a_record_of_another_register_is_written_with_its_own_number():
    record = TrialRecord("isrctn", "ISRCTN12345678", brief_title="A", countries=("Japan",))
    written = ctgov_json.write(record)
    assert "nctId" not in written["protocolSection"]["identificationModule"] or written["beyondV2"]
    assert written["beyondV2"]["registry_no"] == "ISRCTN12345678"
    assert ctgov_json.read(written) == record


def broken(path, value):
    """Return a study in which one place holds another value."""
    given = copy.deepcopy(study())
    spot = given
    *above, last = path.split(".")
    for key in above:
        spot = spot.setdefault(key, {})
    spot[last] = value
    return given


STATUS = "protocolSection.statusModule"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ([], "", "a study is a JSON object"),
        ("text", "", "a study is a JSON object"),
        ({}, "", "no 'protocolSection'"),
        ({"version": 1, "name": "x"}, "", "it holds name, version"),
        ({"protocolSection": []}, "protocolSection", "wanted an object"),
        ({"protocolSection": {}}, "protocolSection.identificationModule.nctId", "no NCT number"),
        (study(nctId="ISRCTN12345678"), "protocolSection.identificationModule.nctId", "no NCT"),
        (study(nctId="NCT123"), "protocolSection.identificationModule.nctId", "8 digits"),
        (study(briefTitle=5), "protocolSection.identificationModule.briefTitle", "wanted text"),
        (broken(f"{STATUS}.statusVerifiedDate", "2023-02-30"), f"{STATUS}.statusVerifiedDate",
         "does not exist"),
        (broken(f"{STATUS}.startDateStruct.date", "soon"), f"{STATUS}.startDateStruct.date",
         "not a date"),
        (broken(f"{STATUS}.startDateStruct.date", 2023), f"{STATUS}.startDateStruct.date",
         "wanted text"),
        (broken("protocolSection.designModule.enrollmentInfo.count", "many"),
         "protocolSection.designModule.enrollmentInfo.count", "whole number"),
        (broken("protocolSection.designModule.enrollmentInfo.count", True),
         "protocolSection.designModule.enrollmentInfo.count", "whole number"),
        (broken("protocolSection.designModule.phases", "PHASE1"),
         "protocolSection.designModule.phases", "wanted a list"),
        (broken("protocolSection.conditionsModule.conditions", [1]),
         "protocolSection.conditionsModule.conditions", "wanted a list"),
        (broken("protocolSection.contactsLocationsModule.locations", ["Singapore"]),
         "protocolSection.contactsLocationsModule.locations", "wanted a list"),
        (broken("beyondV2", []), "beyondV2", "object"),
        (broken("beyondV2.colour", "red"), "colour", "has no"),
    ],
)  # fmt: skip
def test_a_study_that_cannot_be_right_is_refused_with_its_place(given, field, said):
    with pytest.raises(FormatError, match=said) as refused:
        ctgov_json.read(given)
    assert refused.value.field == field


def test_the_digest_is_the_same_whatever_the_order_of_keys():
    for given in list(real_studies())[:40]:
        turned = json.loads(json.dumps(given, sort_keys=True))
        assert digest(ctgov_json.read(turned)) == digest(ctgov_json.read(given))

"""Organisations from a ROR file, and the names of locations that they explain."""

import json

import pytest
from tests.support.shared import shared_path

from tembusu.coordination.registry.actions import bodies
from tembusu.coordination.registry.models import Place, StudySite
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people.models import Organisation

pytestmark = pytest.mark.django_db


def ror(no, name, *, kinds=("healthcare",), country="SG", status="active", **more):
    """Return an organisation as ROR's schema 2 writes it."""
    return {
        "id": f"https://ror.org/{no}",
        "status": status,
        "types": list(kinds),
        "names": [
            {"value": name, "types": ["ror_display", "label"], "lang": "en"},
            *({"value": one, "types": ["alias"], "lang": None} for one in more.get("aliases", ())),
        ],
        "locations": [
            {
                "geonames_id": 1,
                "geonames_details": {
                    "name": "Singapore",
                    "country_code": country,
                    "country_name": "Singapore",
                },
            }
        ],
        "relationships": [],
    }


@pytest.fixture
def load(tmp_path):
    def loaded(*records, name="ror.json"):
        file = tmp_path / name
        file.write_text(json.dumps(list(records)))
        return bodies.load_organisations(path=file, by=None, at=AT)

    return loaded


def test_organisations_are_registered_once_and_explain_names_already_there(bring, load):
    bring(trial(1))
    assert Place.objects.get().state != PlaceState.SETTLED
    found = ror("05tjjsh18", "Rain Tree General Hospital", aliases=["RTGH Campus"])
    assert load(found) == {"read": 1, "created": 1, "unchanged": 0, "rejected": 0, "names": 1}
    assert Place.objects.get().state == PlaceState.SETTLED
    assert StudySite.objects.get().organisation == Organisation.objects.get()
    assert load(found) == {"read": 1, "created": 0, "unchanged": 1, "rejected": 0, "names": 0}


def test_a_bad_record_costs_no_other(load):
    counts = load(ror("05tjjsh18", "Rain Tree"), {"id": 7}, "nothing")
    assert (counts["created"], counts["rejected"]) == (1, 2)
    assert counts["read"] == counts["created"] + counts["unchanged"] + counts["rejected"]


@pytest.mark.parametrize("content", [b"{", b"{}", b"\xff\xfe", b'"text"'])
def test_a_file_that_is_no_list_of_records_is_refused(tmp_path, content):
    file = tmp_path / "ror.json"
    file.write_bytes(content)
    with pytest.raises(bodies.OrganisationsRefused, match=r"ror\.json"):
        bodies.load_organisations(path=file, by=None, at=AT)
    assert issubclass(bodies.OrganisationsRefused, Refusal)


def test_the_real_file_comes_in_whole():
    files = sorted(shared_path("data/ror").rglob("*.json"))
    counts = bodies.load_organisations(path=files[0], by=None, at=AT)
    assert counts["read"] == counts["created"] + counts["unchanged"] + counts["rejected"]
    assert counts["created"] > 0
    assert Organisation.objects.count() == counts["created"]

"""Definitions on screen: read by all who read figures, changed by the lead."""

import pytest

from tembusu.insight.models import DefinitionVersion
from tembusu.insight.selectors import definitions

CHANGE = "/insight/definitions/SU-01/change/"


def typed(**more):
    return {
        "label": "Selected to open",
        "says": "Calendar days from selected to open.",
        "counts_from": "selected",
        "target_days": "120",
        "target_source": "Committee, 12 May 2026",
        "reason": "The committee decided.",
        "seen_version": "1",
        **more,
    }


@pytest.mark.parametrize(
    ("who", "reads", "changes"),
    [
        ("lead", 200, 200),
        ("analyst", 200, 403),
        ("representative", 200, 403),
        ("outsider", 403, 403),
    ],
)
def test_all_who_read_figures_read_definitions_and_the_lead_changes_them(
    enter, cast, who, reads, changes
):
    client = enter(getattr(cast, who))
    assert client.get("/insight/definitions/").status_code == reads
    assert client.get("/insight/definitions/SU-01/").status_code == reads
    assert client.get(CHANGE).status_code == changes
    assert client.get("/insight/definitions/SU-99/").status_code == (404 if reads == 200 else reads)


def test_a_change_is_a_new_version_that_the_figures_quote(enter, cast):
    client = enter(cast.lead)
    answer = client.post(CHANGE, typed(), follow=True)
    assert "SU-01 v2 stands from now on." in answer.content.decode()
    assert "The committee decided." in answer.content.decode()
    assert "SU-01 v2" in client.get("/insight/start-up/?from=2025-01&to=2026-12").content.decode()


def test_what_was_typed_stays_where_it_is_refused(enter, cast):
    answer = enter(cast.lead).post(CHANGE, typed(target_source=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "where the target is laid down" in page
    assert "The committee decided." in page
    assert DefinitionVersion.objects.filter(number=2).count() == 0


def test_two_who_change_one_definition_are_told(enter, cast):
    client = enter(cast.lead)
    client.post(CHANGE, typed())
    page = client.post(CHANGE, typed(target_days="90")).content.decode()
    assert "Somebody changed SU-01 meanwhile" in page
    assert definitions.get_in_force("SU-01").text.target_days == 120

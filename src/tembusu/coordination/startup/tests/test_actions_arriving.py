"""Extracts of milestones: what is new, the same, changed or refused; checking changes nothing."""

from datetime import date

import pytest

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.actions import arriving
from tembusu.coordination.startup.models import Hold, SiteMilestone, SitePathway
from tembusu.coordination.startup.selectors import extracts
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.coordination.startup.tests.conftest import AT
from tembusu.foundation.exchange.terms import Row, get_purpose

JAN10, FEB1 = date(2026, 1, 10), date(2026, 2, 1)


@pytest.fixture
def told(study, bodies):
    """Make rows: ``told(('Confirmed', {'completed': day}), …)``."""

    def make(*given, site=None):
        rows = []
        for line, (milestone, more) in enumerate(given, 2):
            values = {"study": study, "site": site or bodies.raintree, "milestone": milestone}
            rows.append(Row(line, values | more, frozenset(values | more)))
        return rows

    return make


def kinds(found):
    return [one.kind.value for one in found]


def test_rows_are_tried_in_memory_and_then_taken(path, told, cast):
    rows = told(
        ("confirmed", {"completed": JAN10}),
        ("SIGNED", {"completed": FEB1, "evidence": "No. 7"}),
        ("Submitted", {"completed": date(2026, 1, 1)}),
        ("Lunch", {"completed": FEB1}),
        ("Approved", {"started": FEB1, "waiting_on": "Sponsor", "reason": "legal review"}),
        ("First participant", {}),
    )
    expected = ["new", "new", "refused", "refused", "new", "refused"]
    checked = arriving.check_rows(rows, by=cast.sponsor, at=AT)
    assert kinds(checked) == expected
    assert "selected on 5 Jan 2026" in checked[2].reason
    assert not SiteMilestone.objects.filter(state="completed").exists()
    assert kinds(arriving.take_rows(rows, by=cast.sponsor, at=AT, run=1)) == expected
    path.refresh_from_db()
    assert path.milestones.get(key="signed").completed_date == FEB1
    assert Hold.objects.get().waiting_on == "sponsor"
    again = arriving.take_rows(rows, by=cast.sponsor, at=AT, run=2)
    assert kinds(again) == ["same", "same", "refused", "refused", "same", "refused"]


def test_another_day_is_a_change_with_both_days(path, told, cast, go_on):
    go_on(confirmed=JAN10)
    rows = told(("Confirmed", {"completed": date(2026, 1, 12)}))
    (found,) = arriving.check_rows(rows, by=cast.sponsor, at=AT)
    assert (found.kind, found.differences[0].before) == ("changed", "10 Jan 2026")
    arriving.take_rows(rows, by=cast.sponsor, at=AT, run=1)
    assert path.milestones.get(key="confirmed").completed_date == date(2026, 1, 12)


def test_a_site_begins_on_the_day_on_which_it_was_selected(study, bodies, version, told, cast):
    more = {"completed": FEB1, "selected": JAN10}
    rows = told(("Confidentiality agreement sent", more), site=bodies.kempas)
    assert kinds(arriving.check_rows(rows, by=cast.sponsor, at=AT)) == ["new"]
    assert SitePathway.objects.count() == 1
    assert kinds(arriving.take_rows(rows, by=cast.sponsor, at=AT, run=1)) == ["new"]
    made = SitePathway.objects.get(study_site__organisation=bodies.kempas)
    assert made.selected_date == JAN10
    without = told(("Feasibility answered", {"completed": FEB1}), site=bodies.kempas)
    assert kinds(arriving.take_rows(without, by=cast.rival, at=AT, run=1)) == ["refused"]


def test_a_gap_is_borne_but_not_before_the_site_opens(path, told, cast):
    rows = told(
        ("Signed", {"completed": FEB1}),
        ("Ready to open", {"completed": FEB1}),
    )
    found = arriving.take_rows(rows, by=cast.sponsor, at=AT, run=1)
    assert kinds(found) == ["new", "refused"]
    assert "Still to be settled" in found[1].reason


def test_sites_are_found_by_any_name_and_studies_by_any_number(study, bodies, cast, path):
    found = extracts.find_sites(["RTGH", " rain tree  general hospital", "Sena Biologics"], None)
    assert found == {"RTGH": bodies.raintree, " rain tree  general hospital": bodies.raintree}
    found = extracts.find_studies(["nct09990001", study.number, "NCT1"], cast.sponsor)
    assert set(found) == {"nct09990001", study.number}
    assert get_purpose("startup.milestones").may(cast.coordinator)
    assert not get_purpose("startup.milestones").may(cast.nobody)


def test_a_signed_event_completes_a_milestone_as_its_person(path, study, cast):
    payload = {
        "study": study.number, "site": "RTGH", "milestone": "confirmed", "completed": "2026-01-10",
    }  # fmt: skip
    given = {"payload": payload, "event_id": "e-1", "at": AT}
    assert actions.take_event(by=cast.sponsor, **given)["outcome"] == "new"
    assert actions.take_event(by=cast.sponsor, **given)["outcome"] == "same"
    with pytest.raises(StartupRefused, match="You record no milestones"):
        actions.take_event(by=cast.rival, **given)
    for more, says in (
        ({"completed": "soon"}, "'soon' is no day"),
        ({"milestone": ""}, "lacks milestone"),
        ({"site": "Nowhere"}, "'Nowhere' is not known here"),
        ({"completed": "2027-01-10"}, "but today is"),
    ):
        with pytest.raises(StartupRefused, match=says):
            actions.take_event(by=cast.sponsor, **given | {"payload": payload | more})

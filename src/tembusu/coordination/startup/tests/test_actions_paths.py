"""Sites are selected, leave and come back; pathways have versions that people decide on."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.models import StudySite
from tembusu.coordination.startup import actions
from tembusu.coordination.startup.actions import pathways
from tembusu.coordination.startup.models import Pathway, PathwayVersion, SitePathway
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.selectors import cases
from tembusu.coordination.startup.terms import PathState, StartupRefused, VersionState
from tembusu.coordination.startup.tests.conftest import AT, SELECTED, SHORT
from tembusu.foundation.core.states import IllegalMove

FEB1 = date(2026, 2, 1)


def test_the_release_seeds_its_pathways_once(db):
    actions.seed_pathways(at=AT)
    assert PathwayVersion.objects.filter(state="in_force").count() == 4
    assert actions.seed_pathways(at=AT) == 0


def test_a_changed_file_is_a_proposal_and_the_database_wins(db, tmp_path):
    actions.seed_pathways(at=AT)
    PathwayVersion.objects.filter(state="proposed").delete()
    text = (pathways.FOLDER / "4_observational.toml").read_text()
    changed = text.replace("Data or collaboration agreement signed", "Agreement signed")
    (tmp_path / "4_observational.toml").write_text(changed)
    assert actions.seed_pathways(at=AT, folder=tmp_path) == 1
    proposed = PathwayVersion.objects.get(state="proposed")
    assert (proposed.number > 1, proposed.pathway.key) == (True, "observational")
    assert actions.seed_pathways(at=AT, folder=tmp_path) == 0


def test_a_file_that_can_not_be_read_is_named(db, tmp_path):
    (tmp_path / "1_wrong.toml").write_text("key = ")
    with pytest.raises(StartupRefused, match=r"1_wrong\.toml"):
        actions.seed_pathways(at=AT, folder=tmp_path)


def test_a_study_goes_along_the_pathway_of_its_kind(study, bodies):
    path = actions.select_site(
        study=study, organisation=bodies.kempas, selected_date=SELECTED, by=None, at=AT
    )
    assert path.version.pathway.key == "industry_drug"
    assert (path.sponsor_kind, path.phase, path.therapeutic_area) == (
        "industry", "PHASE3", "oncology",
    )  # fmt: skip


def test_what_other_obligations_ask_for_does_not_apply(select, bodies):
    path = select(bodies.kempas, obligations={"CTN": "All products are registered."})
    row = path.milestones.get(key="authorised")
    assert (row.state, row.reason) == ("not_applicable", "All products are registered.")


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("sponsor", True),
        ("neighbour", True),
        ("analyst", True),
        ("representative", False),
        ("rival", False),
        ("coordinator", False),
        ("nobody", False),
    ],
)
def test_sites_are_selected_by_those_of_the_study_or_the_institution(
    study, bodies, cast, version, who, may
):
    given = {
        "study": study, "organisation": bodies.kempas, "selected_date": SELECTED,
        "version": version, "by": getattr(cast, who), "at": AT,
    }  # fmt: skip
    if may:
        path = actions.select_site(**given)
        assert StudySite.objects.get(pk=path.study_site_id).is_kept
    else:
        with pytest.raises(PermissionDenied):
            actions.select_site(**given)


def test_a_site_is_selected_once_and_not_tomorrow(select, bodies, path):
    with pytest.raises(StartupRefused, match=r"was selected for .* on 5 Jan 2026"):
        select(bodies.raintree)
    with pytest.raises(dates.ContradictoryDates, match="2 Jun 2026, but today is 1 Jun 2026"):
        select(bodies.kempas, day=date(2026, 6, 2))


@pytest.mark.parametrize("to", [PathState.WITHDRAWN, PathState.STOPPED])
def test_a_site_leaves_with_a_reason_and_comes_back(path, go_on, cast, to):
    given = {"path": path, "to": to, "by": cast.sponsor, "at": AT}
    with pytest.raises(StartupRefused, match="Say why"):
        actions.leave_path(day=FEB1, reason="", **given)
    actions.leave_path(day=FEB1, reason="No capacity", **given)
    path.refresh_from_db()
    assert (path.state, path.left_date, path.holders, path.due_date) == (to, FEB1, [], None)
    (case,) = cases.read_cases()
    assert (case.end_kind, case.end_date) == (to.value, FEB1)
    with pytest.raises(StartupRefused, match="Reinstate the site first"):
        go_on(confirmed=FEB1)
    with pytest.raises(IllegalMove):
        actions.leave_path(day=FEB1, reason="Again", **given)
    actions.reinstate_path(path=path, reason="Staff came", by=cast.sponsor, at=AT)
    path.refresh_from_db()
    assert (path.state, path.left_date, path.holders) == ("under_way", None, ["sponsor"])
    with pytest.raises(StartupRefused, match="has not left"):
        actions.reinstate_path(path=path, reason="Twice", by=cast.sponsor, at=AT)


def test_a_coordinator_does_not_withdraw_the_site(path, cast):
    with pytest.raises(PermissionDenied):
        actions.leave_path(
            path=path, to=PathState.WITHDRAWN, day=FEB1, reason="x", by=cast.coordinator, at=AT
        )


def edited(**more):
    return SHORT | {"title": "Shorter pathway"} | more


def test_the_lead_proposes_and_decides_and_sites_keep_theirs(path, cast, version):
    proposed = actions.propose_version(plan=edited(), reason="Plainer", by=cast.lead, at=AT)
    with pytest.raises(StartupRefused, match="says the same and is proposed"):
        actions.propose_version(plan=edited(), reason="Again", by=cast.lead, at=AT)
    actions.decide_version(version=proposed, to=VersionState.IN_FORCE, by=cast.lead, at=AT)
    version.refresh_from_db()
    path.refresh_from_db()
    assert (version.state, path.version_id) == ("replaced", version.pk)
    with pytest.raises(IllegalMove):
        actions.decide_version(version=proposed, to=VersionState.DECLINED, by=cast.lead, at=AT)
    with pytest.raises(StartupRefused, match="Say why this site"):
        actions.move_to_version(path=path, version=proposed, reason="", by=cast.lead, at=AT)
    actions.move_to_version(path=path, version=proposed, reason="Agreed", by=cast.lead, at=AT)
    assert SitePathway.objects.get().version_id == proposed.pk


def test_a_site_is_not_moved_where_that_loses_what_was_recorded(path, cast, go_on):
    go_on(confirmed=FEB1, submitted=FEB1)
    without = [one for one in SHORT["milestones"] if one["key"] not in ("submitted", "approved")]
    without = [one | {"needs": [n for n in one["needs"] if n != "approved"]} for one in without]
    plan = edited(milestones=without)
    proposed = actions.propose_version(plan=plan, reason="No board", by=cast.lead, at=AT)
    actions.decide_version(version=proposed, to=VersionState.IN_FORCE, by=cast.lead, at=AT)
    with pytest.raises(StartupRefused, match="has no Submitted, which was recorded here"):
        actions.move_to_version(path=path, version=proposed, reason="x", by=cast.lead, at=AT)


@pytest.mark.parametrize("who", ["analyst", "sponsor", "nobody"])
def test_only_the_lead_decides_on_pathways(cast, who):
    with pytest.raises(PermissionDenied):
        actions.propose_version(plan=edited(), reason="x", by=getattr(cast, who), at=AT)
    assert Pathway.objects.get(key="short").versions.count() == 1

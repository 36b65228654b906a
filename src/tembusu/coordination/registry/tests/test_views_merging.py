"""The pages on which two studies become one, and two again, and on which two are compared."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.coordination.registry.actions import drafts
from tembusu.coordination.registry.actions import merging as actions
from tembusu.coordination.registry.models import Study, StudyDraft, StudySite
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.selectors.story import STUDY
from tembusu.coordination.registry.terms import StudyState
from tembusu.coordination.registry.tests.draft_answers import WHOLE
from tembusu.coordination.registry.views import labels, values
from tembusu.foundation.core import trail
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import Role, ScopeKind

LATER = datetime(2026, 5, 1, 9, tzinfo=UTC)


def text(answer):
    return " ".join(answer.content.decode().split())


def save(draft, by, answers):
    draft.refresh_from_db()
    return drafts.save_draft(
        draft=draft, answers=answers, revision=draft.revision, by=by, at=timezone.now()
    )


def published_by_hand(cast, bodies):
    draft = drafts.start_registration(
        title="Night light", on_behalf_of=bodies.damar, by=cast.sponsor, at=timezone.now()
    )
    save(draft, cast.sponsor, WHOLE)
    drafts.publish_study(draft=draft, by=cast.sponsor, at=timezone.now())
    draft.refresh_from_db()
    return draft


def merge_url(study, other=""):
    url = reverse("registry:merge", args=[study.pk])
    return f"{url}?other={other}" if other else url


def test_a_lead_reads_both_side_by_side_and_merges(enter, cast, bodies, register):
    draft = published_by_hand(cast, bodies)
    mine, imported = draft.study, register.lantern
    client = enter(cast.lead)
    shown = text(client.get(merge_url(mine, "nct09990001")))
    assert imported.number in shown
    assert "Where they differ" in shown
    answer = client.post(
        merge_url(mine, "NCT09990001"), {"stays": imported.pk, "reason": "Same protocol"}
    )
    assert answer["Location"] == reverse("registry:study", args=[imported.pk])
    mine.refresh_from_db()
    assert mine.state == StudyState.MERGED
    assert mine.merged_into == imported
    assert imported.registrations.count() == 2


def test_before_a_merge_it_is_said_whose_value_holds_afterwards(enter, cast, bodies, register):
    mine, imported = published_by_hand(cast, bodies).study, register.lantern
    client = enter(cast.lead)
    page = client.get(merge_url(mine, "NCT09990001"))
    told = {
        one.field: one.before if one.holds == "before" else one.after
        for one in page.context["changes"]
        if one.holds
    }
    assert {"before", "after"} <= {one.holds for one in page.context["changes"]}
    assert "holds afterwards" in text(page)
    client.post(merge_url(mine, "NCT09990001"), {"stays": imported.pk, "reason": "Same protocol"})
    now = studies.effective_record(imported).values
    shown = {labels.field(name): values.with_kind(name, now) for name in now}
    assert told == {name: shown[name] for name in told}


def test_the_trail_of_the_study_that_stays_tells_both_stories(enter, cast, bodies, register):
    mine, imported = published_by_hand(cast, bodies).study, register.lantern
    before = {one.title for one in trail.tell(STUDY, mine) + trail.tell(STUDY, imported)}
    actions.merge_studies(study=mine, into=imported, by=cast.lead, at=LATER, reason="One trial")
    told = trail.tell(STUDY, imported)
    assert before < {one.title for one in told}
    (merged,) = [one for one in told if one.title == "Merged with another study"]
    assert not any("Draft" in one.field for one in merged.shown)


def test_after_a_merge_the_sponsor_goes_on_changing_its_registration(cast, bodies, register):
    draft = published_by_hand(cast, bodies)
    number = draft.study.number
    actions.merge_studies(
        study=draft.study, into=register.lantern, by=cast.lead, at=LATER, reason="Same"
    )
    draft = StudyDraft.objects.get(pk=draft.pk)
    assert draft.study == register.lantern
    people_selectors.forget(cast.sponsor)
    save(draft, cast.sponsor, {"enrolment_count": 9})
    drafts.publish_study(draft=draft, by=cast.sponsor, at=timezone.now())
    registration = register.lantern.registrations.get(registry="own")
    assert registration.registry_no == number
    assert registration.versions.get(version_no=2).record["registry_no"] == number


def test_after_a_merge_who_worked_at_a_site_still_sees_the_study(cast, bodies, register):
    draft = published_by_hand(cast, bodies)
    scope = people.make_scope(kind=ScopeKind.STUDY_SITE, parent=draft.study.scope)
    StudySite.objects.create(
        study=draft.study, organisation=bodies.raintree, scope=scope, made_at=LATER
    )
    people.grant_role(
        person=cast.nobody, role=Role.PRINCIPAL_INVESTIGATOR, scope=scope, by=None, at=LATER
    )
    twin = StudySite.objects.filter(study=register.lantern, organisation=bodies.raintree).get()
    actions.merge_studies(
        study=draft.study, into=register.lantern, by=cast.lead, at=LATER, reason="Same"
    )
    people_selectors.forget(cast.nobody)
    assert twin.scope_id in people_selectors.scopes_of(cast.nobody)


def test_two_numbers_of_one_registry_are_two_trials(enter, cast, register):
    client = enter(cast.lead)
    url = merge_url(register.lantern, register.dengue.number)
    assert "Ask it to correct its record first" in text(client.get(url))
    client.post(url, {"stays": register.lantern.pk, "reason": "Same"})
    register.dengue.refresh_from_db()
    assert register.dengue.state == StudyState.PUBLISHED


@pytest.mark.parametrize(
    "data", [{"stays": "0", "reason": "Same"}, {"reason": "Same"}, {"stays": "mine", "reason": ""}]
)
def test_a_merge_needs_which_number_stays_and_why(data, enter, cast, bodies, register):
    draft = published_by_hand(cast, bodies)
    data = {**data, "stays": draft.study.pk} if data.get("stays") == "mine" else data
    answer = enter(cast.lead).post(merge_url(draft.study, "NCT09990001"), data)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Study.objects.filter(state=StudyState.MERGED).exists()


@pytest.mark.parametrize("number", ["NCT00000000", "x" * 500, "%00", "own"])
def test_a_number_that_stands_for_nothing_is_said(number, enter, cast, register):
    answer = enter(cast.lead).get(merge_url(register.lantern, number))
    assert answer.status_code == 200
    assert answer.context["form"] is None


@pytest.mark.parametrize("who", ["analyst", "sponsor", "administrator", "nobody"])
def test_only_a_lead_merges_and_others_read_why(who, enter, cast, bodies, register):
    draft = published_by_hand(cast, bodies)
    client = enter(getattr(cast, who))
    url = merge_url(draft.study, "NCT09990001")
    assert "It needs the role Coordinating lead" in text(client.get(url))
    client.post(url, {"stays": register.lantern.pk, "reason": "Same"})
    assert not Study.objects.filter(state=StudyState.MERGED).exists()


def test_a_number_of_the_study_itself_is_said_to_be_its_own(enter, cast, register):
    study = register.lantern
    answer = enter(cast.lead).get(merge_url(study, "NCT09990001"))
    assert "is this study itself" in text(answer)
    assert "No study that you may see" not in text(answer)


def test_a_number_is_chosen_ahead_only_where_it_alone_is_known_elsewhere(
    enter, cast, bodies, register
):
    draft, client = published_by_hand(cast, bodies), enter(cast.lead)
    known = client.get(merge_url(draft.study, "NCT09990001")).context["form"]
    assert known["stays"].value() == str(register.lantern.pk)
    assert "it alone stands in another registry" in known.fields["stays"].help_text
    both_own = published_by_hand(cast, bodies)
    open_form = client.get(merge_url(draft.study, both_own.study.number)).context["form"]
    assert open_form["stays"].value() is None


def test_two_that_look_like_two_are_merged_only_with_a_tick(enter, cast, bodies, register):
    draft, client = published_by_hand(cast, bodies), enter(cast.lead)
    url = merge_url(draft.study, register.dengue.number)
    shown = text(client.get(url))
    assert "They look like two studies" in shown
    data = {"stays": register.dengue.pk, "reason": "Same protocol"}
    answer = client.post(url, data)
    assert "tick this only if you know better" in answer.context["form"].errors["checked"].as_text()
    assert not Study.objects.filter(state=StudyState.MERGED).exists()
    assert client.post(url, data | {"checked": "on"}).status_code == 302


def test_two_studies_are_no_edit_of_each_other(enter, cast, register):
    ids = {"a": register.lantern.pk, "b": register.dengue.pk}
    page = enter(cast.analyst).get(reverse("registry:studies_compare"), ids)
    shown = text(page)
    assert "<mark>" in shown
    assert "<del>" not in shown
    assert "<ins>" not in shown
    assert f"{register.lantern.number} beside {register.dengue.number}" in shown
    changes = {one.field: (one.before, one.after) for one in page.context["changes"]}
    assert changes["Phases"] == ("Phase 3", "Phase 2")
    assert changes["Participants"] == ("240 (estimated)", "80 (estimated)")
    told = list(changes)
    assert told[0] == "Public title"
    assert told.index("Status") < told.index("Participants") < told.index("Sponsor")


# -- parting --------------------------------------------------------------------------------------


def part_url(study):
    return reverse("registry:part", args=[study.pk])


@pytest.fixture
def merged(cast, bodies, register):
    """A study that was registered by hand and merged into the imported one."""
    study = published_by_hand(cast, bodies).study
    actions.merge_studies(
        study=study, into=register.lantern, by=cast.lead, at=LATER, reason="Same protocol"
    )
    return study


def test_a_lead_parts_them_from_the_page_of_the_study_that_stayed(enter, cast, merged, register):
    client = enter(cast.lead)
    stayed = client.get(reverse("registry:study", args=[register.lantern.pk]))
    assert part_url(merged) in text(stayed)
    page = text(client.get(part_url(merged)))
    assert "Same protocol" in page
    assert "What goes where" in page
    assert client.post(part_url(merged), {"reason": " "}).status_code == 200
    answer = client.post(part_url(merged), {"reason": "Two protocols"})
    assert answer["Location"] == reverse("registry:study", args=[merged.pk])
    assert text(client.get(answer["Location"])).count("are two studies again") == 1
    merged.refresh_from_db()
    assert merged.state == StudyState.PUBLISHED
    assert StudyDraft.objects.get().study == merged
    trail = text(client.get(reverse("registry:study_trail", args=[merged.pk])))
    assert "Parted again from another study" in trail
    assert "scopes" not in trail


@pytest.mark.parametrize("who", ["analyst", "sponsor", "administrator", "nobody"])
def test_others_read_why_they_part_nothing(who, enter, cast, merged, register):
    client = enter(getattr(cast, who))
    assert "It needs the role Coordinating lead" in text(client.get(part_url(merged)))
    client.post(part_url(merged), {"reason": "Two"})
    merged.refresh_from_db()
    assert merged.state == StudyState.MERGED
    stayed = client.get(reverse("registry:study", args=[register.lantern.pk]))
    assert part_url(merged) not in text(stayed)


def test_a_study_that_is_not_merged_has_nothing_to_part(enter, cast, register):
    assert enter(cast.lead).get(part_url(register.lantern)).status_code == 404

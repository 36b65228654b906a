"""What lies on whose desk, what changed for whom, and which secrets open what."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from tembusu.coordination.registry.actions import drafts
from tembusu.desk import actions, selectors
from tembusu.desk.models import DeskSettings
from tembusu.desk.tests.conftest import AT, TODAY, item
from tembusu.foundation.core import audit, worklist
from tembusu.foundation.core.worklist import Subject, WorkKind
from tembusu.foundation.people import actions as people


def test_everybody_finds_their_own_lines_from_all_rooms(cast, rooms):
    rooms("startup", cast.sponsor, item("startup:1"))
    rooms("submissions", cast.sponsor, item("submissions:1"))
    rooms("startup", cast.rival, item("startup:2"))
    found = [(one.room, one.item.key) for one in selectors.list_lines(cast.sponsor, AT)]
    assert found == [("startup", "startup:1"), ("submissions", "submissions:1")]
    assert [one.item.key for one in selectors.list_lines(cast.rival, AT)] == ["startup:2"]


def test_the_menu_counts_what_waits_on_me_and_nothing_else(cast, rooms):
    rooms("startup", cast.sponsor, item("a"), item("b"), item("c", kind=WorkKind.I_WAIT))
    assert selectors.count_mine(cast.sponsor) == 2
    assert selectors.count_mine(cast.rival) is None


def test_the_count_of_the_menu_is_kept_and_made_anew_by_the_desk(cast, rooms):
    rooms("startup", cast.sponsor, item("a"))
    assert selectors.count_mine(cast.sponsor) == 1
    rooms("startup", cast.sponsor)
    assert selectors.count_mine(cast.sponsor) == 1
    selectors.desk_of(cast.sponsor, AT)
    assert selectors.count_mine(cast.sponsor) is None


def test_the_day_of_a_desk_is_that_of_the_deployments_zone(cast, rooms):
    late = AT.replace(hour=17)  # one in the morning of the next day in Singapore
    assert selectors.desk_of(cast.sponsor, AT).today == TODAY
    assert selectors.desk_of(cast.sponsor, late).today == TODAY + timedelta(days=1)


# -- what changed ---------------------------------------------------------------------------------


@pytest.fixture
def studies(rooms):
    """Studies 1 to 9 of the ledger; the sponsor has a part in those below 5."""

    def make(person):
        def find(user, keys):
            if user.pk != person.pk:
                return {}
            return {key: Subject(f"TMB-{key}", f"/studies/{key}/") for key in keys if key < 5}

        worklist.register_subjects("registry.Study", find)

    return make


def note(by, *keys, event="registry.study.published", at=AT):
    audit.record(event, on=[f"registry.Study:{key}" for key in keys], by=by, at=at)


def changes(person, since=timedelta(days=1)):
    found = selectors.list_changes(person, since=AT - since, at=AT)
    return [(one.record, one.title, one.by) for one in found.rows]


def test_what_others_did_to_my_records_is_told(cast, studies):
    studies(cast.sponsor)
    note(cast.rival, 1)
    note(cast.sponsor, 2)
    note(cast.rival, 7)
    note(None, 3)
    assert changes(cast.sponsor) == [
        ("TMB-3", "Registration published", "System"),
        ("TMB-1", "Registration published", "Koh Jun Hao"),
    ]


def test_nobody_is_told_of_records_in_which_they_have_no_part(cast, studies):
    studies(cast.sponsor)
    note(None, 1)
    assert changes(cast.rival) == []


def test_what_was_before_or_comes_later_is_not_told(cast, studies):
    studies(cast.sponsor)
    note(None, 1, at=AT - timedelta(days=2))
    note(None, 2, at=AT + timedelta(seconds=1))
    assert changes(cast.sponsor) == []


def test_an_act_on_a_record_that_i_may_not_see_is_not_told_for_what_it_touched_besides(
    cast, studies
):
    studies(cast.sponsor)
    audit.record("odd.done", on=["odd.Hidden:1", "registry.Study:1"], by=cast.rival, at=AT)
    note(cast.rival, 7, 1)
    assert changes(cast.sponsor) == []


def test_an_event_about_a_record_of_another_kind_is_passed_over(cast, studies):
    studies(cast.sponsor)
    audit.record("core.job.started", on=["core.Job:1", "odd"], by=None, at=AT)
    assert changes(cast.sponsor) == []


def test_an_import_of_many_is_one_line_and_hides_no_act_of_a_person(cast, studies):
    studies(cast.sponsor)
    for key in (1, 2, 3, 4):
        note(None, key, event="registry.study.import_updated", at=AT - timedelta(hours=1))
    note(cast.rival, 1)
    assert changes(cast.sponsor) == [
        ("TMB-1", "Registration published", "Koh Jun Hao"),
        ("4 records", "Changed by an import", "System"),
    ]


def test_a_study_is_named_to_those_who_work_with_it(cast):
    """The registry's own finder: the sponsor sees its draft, its rival does not."""
    draft = drafts.start_registration(
        title="A draft", on_behalf_of=cast.damar, by=cast.sponsor, at=AT
    )
    find = worklist.finders()["registry.Study"]
    assert [one.name for one in find(cast.sponsor, [draft.study_id]).values()] == [
        draft.study.number
    ]
    assert find(cast.rival, [draft.study_id]) == {}


# -- secrets --------------------------------------------------------------------------------------


def test_a_feed_is_opened_by_its_secret_alone(cast):
    secret = actions.renew_feed(by=cast.sponsor, at=AT)
    assert selectors.feed_person(secret) == cast.sponsor
    assert selectors.feed_person(secret.swapcase()) is None
    assert selectors.feed_person("") is None
    assert DeskSettings.objects.get().feed_sha256 == selectors.sha256(secret)


def test_the_feed_of_a_closed_account_is_closed(cast):
    secret = actions.renew_feed(by=cast.sponsor, at=AT)
    type(cast.sponsor).objects.filter(pk=cast.sponsor.pk).update(is_active=False)
    assert selectors.feed_person(secret) is None


def test_a_digests_link_ends_that_persons_digests_and_no_others(cast):
    token = selectors.unsubscribe_token(cast.sponsor)
    assert selectors.unsubscribe_person(token) == cast.sponsor
    other = token.replace(str(cast.sponsor.pk), str(cast.rival.pk), 1)
    assert selectors.unsubscribe_person(other) is None
    assert selectors.unsubscribe_person("1:x") is None


def test_digests_are_due_for_those_with_roles_who_want_them(cast, rooms):
    stranger = people.register_person(
        email="new@hospital.example", full_name="New", password="x" * 20, by=None, at=AT
    )
    due = set(selectors.list_due_for_digest(TODAY))
    assert due == {cast.sponsor.pk, cast.rival.pk}
    assert stranger.pk not in due
    actions.switch_digest(is_on=False, by=cast.rival, at=AT)
    assert set(selectors.list_due_for_digest(TODAY)) == {cast.sponsor.pk}
    actions.send_digest(person=cast.sponsor, by=None, at=AT)
    assert set(selectors.list_due_for_digest(TODAY)) == set()
    assert set(selectors.list_due_for_digest(TODAY + timedelta(days=1))) == {cast.sponsor.pk}


@pytest.fixture(autouse=True)
def _no_counts_kept():
    cache.clear()

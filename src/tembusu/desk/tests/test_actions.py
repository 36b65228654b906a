"""What was seen, the feed's address, the digest: each written once, and told in the ledger."""

from datetime import timedelta

import pytest
from django.core import mail

from tembusu.desk import actions, selectors
from tembusu.desk.models import DeskSettings, Digest
from tembusu.desk.tests.conftest import AT, item
from tembusu.foundation.core import audit, worklist
from tembusu.foundation.core.worklist import Subject, WorkKind


def last_event(person):
    held = DeskSettings.objects.get(person=person)
    return audit.last_event(audit.ref(held)).event


def test_what_was_seen_never_goes_back(cast):
    actions.mark_seen(by=cast.sponsor, at=AT)
    actions.mark_seen(by=cast.sponsor, at=AT - timedelta(hours=1))
    assert selectors.settings_of(cast.sponsor).seen_at == AT
    assert selectors.settings_of(cast.rival).seen_at is None
    assert last_event(cast.sponsor) == "desk.changes.seen"


def test_a_renewed_feed_kills_the_address_before(cast):
    first = actions.renew_feed(by=cast.sponsor, at=AT)
    assert last_event(cast.sponsor) == "desk.feed.opened"
    second = actions.renew_feed(by=cast.sponsor, at=AT)
    assert last_event(cast.sponsor) == "desk.feed.renewed"
    assert selectors.feed_person(first) is None
    assert selectors.feed_person(second) == cast.sponsor


def test_the_secret_of_a_feed_stands_nowhere(cast):
    secret = actions.renew_feed(by=cast.sponsor, at=AT)
    held = DeskSettings.objects.get()
    event = audit.last_event(audit.ref(held))
    history = DeskSettings._meta.apps.get_model("desk", "DeskSettingsRowhistory")
    told = f"{event.change} {list(history.objects.values())} {held.__dict__}"
    assert secret not in told


def test_a_feed_is_switched_off_once(cast):
    secret = actions.renew_feed(by=cast.sponsor, at=AT)
    actions.close_feed(by=cast.sponsor, at=AT)
    assert selectors.feed_person(secret) is None
    with pytest.raises(actions.NothingToClose):
        actions.close_feed(by=cast.sponsor, at=AT)


def test_the_digest_is_switched_and_a_second_time_changes_nothing(cast):
    actions.switch_digest(is_on=False, by=cast.sponsor, at=AT)
    assert last_event(cast.sponsor) == "desk.digest.switched"
    actions.mark_seen(by=cast.sponsor, at=AT)
    actions.switch_digest(is_on=False, by=cast.sponsor, at=AT)
    assert last_event(cast.sponsor) == "desk.changes.seen"


def test_a_digest_says_what_waits_and_can_be_ended(cast, rooms):
    rooms(
        "startup",
        cast.sponsor,
        item("a"),
        item("b", kind=WorkKind.LAPSES, what="Good clinical practice <course>"),
        *(item(f"more {n}", due=None) for n in range(12)),
    )
    assert actions.send_digest(person=cast.sponsor, by=None, at=AT)
    (sent,) = mail.outbox
    assert sent.to == ["ines@hospital.example"]
    assert sent.subject == "Tembusu: One act is overdue."
    assert "Answer 2 queries: TMB-000042 at Rain Tree General Hospital" in sent.body
    assert "due 17 Nov 2026, since 11 Nov 2026" in sent.body
    assert "https://trials.example/studies/" in sent.body
    assert "Good clinical practice <course>" in sent.body
    assert "and 3 more" in sent.body
    stop = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert stop in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_day_has_one_digest(cast, rooms):
    rooms("startup", cast.sponsor, item())
    assert actions.send_digest(person=cast.sponsor, by=None, at=AT)
    assert not actions.send_digest(person=cast.sponsor, by=None, at=AT + timedelta(hours=3))
    assert len(mail.outbox) == 1
    assert actions.send_digest(person=cast.sponsor, by=None, at=AT + timedelta(days=1))


def test_a_change_is_in_one_digest(cast, rooms):
    worklist.register_subjects(
        "registry.Study", lambda user, keys: {key: Subject("TMB-9", "/studies/9/") for key in keys}
    )
    changed = AT - timedelta(hours=2)
    audit.record("registry.study.published", on=["registry.Study:9"], by=None, at=changed)
    assert actions.send_digest(person=cast.sponsor, by=None, at=AT)
    assert "TMB-9: Registration published" in mail.outbox[0].body
    assert not actions.send_digest(person=cast.sponsor, by=None, at=AT + timedelta(days=1))


def test_nothing_to_say_sends_no_mail_and_is_noted(cast, rooms):
    rooms("startup", cast.sponsor, item(kind=WorkKind.I_WAIT))
    assert not actions.send_digest(person=cast.sponsor, by=None, at=AT)
    assert not mail.outbox
    assert not Digest.objects.get().is_sent


def test_a_digest_that_is_off_or_of_a_closed_account_is_not_made(cast, rooms):
    rooms("startup", cast.sponsor, item())
    actions.switch_digest(is_on=False, by=cast.sponsor, at=AT)
    assert not actions.send_digest(person=cast.sponsor, by=None, at=AT)
    cast.rival.is_active = False
    assert not actions.send_digest(person=cast.rival, by=None, at=AT)
    assert not Digest.objects.exists()


def test_a_mail_that_does_not_leave_is_tried_again(cast, rooms, monkeypatch):
    rooms("startup", cast.sponsor, item())

    def broken(*_, **__):
        raise OSError("The mail server does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", broken)
        with pytest.raises(OSError, match="does not answer"):
            actions.send_digest(person=cast.sponsor, by=None, at=AT)
    assert not Digest.objects.exists()
    assert actions.send_digest(person=cast.sponsor, by=None, at=AT)

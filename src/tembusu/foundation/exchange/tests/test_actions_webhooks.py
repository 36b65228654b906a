"""Events out, to a system that listens; and who may keep subscriptions."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tembusu.foundation.core.models import AuditEvent, Notification
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange import actions, terms
from tembusu.foundation.exchange.actions import posting
from tembusu.foundation.exchange.models import WebhookDelivery
from tembusu.foundation.exchange.terms import DeliveryState, HookState
from tembusu.foundation.exchange.terms.webhooks import _OUT
from tembusu.foundation.exchange.tests import loopback
from tembusu.foundation.exchange.tests.conftest import AT
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import ScopeKind

KIND = "tests.happened"


@pytest.fixture(autouse=True)
def kind(settings):
    settings.TEMBUSU_WEBHOOK_LOOPBACK = True
    terms.register_event(terms.EventOut(KIND, "Something happened.", {"what": "this"}))
    yield KIND
    del _OUT[KIND]


@pytest.fixture
def system():
    yield from loopback.listen()


@pytest.fixture
def subscription(cast, bodies, system):
    made, system.secret = actions.subscribe(
        organisation=bodies.damar,
        label="Damar's trial system",
        url=system.url,
        kinds=[KIND],
        by=cast.sponsor,
        at=AT,
    )
    return made


@pytest.fixture
def study(bodies):
    return people.make_scope(kind=ScopeKind.STUDY, parent=bodies.damar.scope)


def announce(scope, at=None):
    with transaction.atomic():
        return actions.announce(
            kind=KIND, payload={"what": "thé"}, scope_ids=[scope.pk], at=at or timezone.now()
        )


def deliver(at=None):
    """Send what is due, and return the one delivery as it stands then."""
    clock = timezone.now if at is None else lambda: at
    for pk in posting.due(clock()):
        posting.deliver(pk, clock=clock)
    return WebhookDelivery.objects.get()


def test_an_event_arrives_and_its_signature_holds(subscription, study, system):
    assert announce(study) == 1
    assert deliver().state == DeliveryState.DELIVERED
    [(headers, body, is_genuine)] = system.came
    assert is_genuine
    said = json.loads(body)
    assert (said["kind"], said["payload"]) == (KIND, {"what": "thé"})
    assert (headers["Tembusu-Id"], headers["Tembusu-Event"]) == (said["id"], KIND)


@pytest.mark.parametrize("n_hears", [0])
def test_a_rival_hears_nothing(cast, bodies, system, study, n_hears):
    actions.subscribe(
        organisation=bodies.sena, label="Sena", url=system.url, kinds=[KIND], by=cast.rival, at=AT
    )
    assert announce(study) == n_hears


def test_an_event_that_is_undone_is_not_sent(subscription, study):
    with transaction.atomic():
        actions.announce(kind=KIND, payload={}, scope_ids=[study.pk], at=AT)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_a_system_that_is_down_gets_the_event_later(subscription, study, system):
    system.statuses = [500, 302, 200]
    announce(study)
    first = deliver()
    assert (first.state, first.n_attempts) == (DeliveryState.WAITING, 1)
    assert deliver().n_attempts == 1  # not due yet
    later = timezone.now() + timedelta(minutes=2)
    assert deliver(later).state == DeliveryState.WAITING
    done = deliver(later + timedelta(minutes=6))
    assert (done.state, done.n_attempts) == (DeliveryState.DELIVERED, 3)
    assert [one.status for one in done.attempts.order_by("pk")] == [500, 302, 200]
    assert len({headers["Tembusu-Id"] for headers, _, _ in system.came}) == 1


def test_after_the_last_try_the_event_is_dead_and_its_keeper_told(
    subscription, study, system, cast
):
    system.statuses = [503]
    announce(study)
    at = timezone.now()
    while (delivery := deliver(at)).state == DeliveryState.WAITING:
        at = delivery.next_at
    assert (delivery.state, delivery.n_attempts) == (DeliveryState.DEAD, 8)
    assert "could not be delivered" in Notification.objects.get(person=cast.sponsor).text
    system.statuses = [200]
    actions.send_again(delivery=delivery, by=cast.sponsor, at=at)
    again = deliver(at)
    assert again.state == DeliveryState.DELIVERED


def test_what_a_killed_worker_left_is_sent(subscription, study):
    announce(study)
    WebhookDelivery.objects.update(
        state=DeliveryState.SENDING, claimed_at=timezone.now() - timedelta(minutes=6)
    )
    assert deliver().state == DeliveryState.DELIVERED


def test_a_delivery_is_sent_by_one_worker_only(subscription, study, system):
    announce(study)
    [pk] = posting.due(timezone.now())
    assert posting.deliver(pk, clock=timezone.now)
    assert not posting.deliver(pk, clock=timezone.now)
    assert len(system.came) == 1


def test_a_name_that_turned_inwards_is_not_reached(subscription, study, system, settings):
    settings.TEMBUSU_WEBHOOK_LOOPBACK = False
    type(subscription).objects.update(url="https://trials.damar.example/hook")
    announce(study)
    [pk] = posting.due(timezone.now())
    posting.deliver(pk, clock=timezone.now, find=lambda host, port: ["10.0.0.8"])
    attempt = WebhookDelivery.objects.get().attempts.get()
    assert (attempt.status, "machine inside" in attempt.says) == (None, True)
    assert not system.came


@pytest.mark.parametrize("speaks", ["not at all", "no HTTP"])
def test_a_machine_that_does_not_answer_is_an_attempt(subscription, study, system, speaks):
    nobody, plain = "http://127.0.0.1:1/", system.url.replace("http:", "https:")
    url = nobody if speaks == "not at all" else plain
    type(subscription).objects.update(url=url)
    announce(study)
    delivery = deliver()
    assert delivery.state == DeliveryState.WAITING
    assert delivery.attempts.get().says.startswith("No answer")


def test_a_new_secret_and_the_old_one_hold_for_a_day(subscription, study, system, cast):
    old = system.secret
    new = actions.replace_secret(hook=subscription, by=cast.sponsor, at=timezone.now())
    assert new != old
    announce(study)
    deliver()
    system.secret = new
    headers, body, knew_old = system.came[0]
    assert knew_old
    assert system.is_genuine(headers, body)
    subscription.refresh_from_db()
    assert len(actions.hooks.secrets_of(subscription, timezone.now() + timedelta(days=2))) == 1


def test_secrets_lie_sealed_in_the_database(subscription, system):
    subscription.refresh_from_db()
    assert system.secret not in subscription.secret
    told = str(list(AuditEvent.objects.values_list("change", flat=True)))
    assert system.secret not in told


def test_a_paused_subscription_keeps_its_events_and_an_ended_one_does_not(
    subscription, study, system, cast
):
    by, at = cast.sponsor, timezone.now()
    actions.set_hook_state(hook=subscription, to=HookState.PAUSED, by=by, at=at)
    assert announce(study) == 1
    assert deliver().state == DeliveryState.WAITING
    actions.set_hook_state(hook=subscription, to=HookState.ACTIVE, by=by, at=at)
    assert deliver().state == DeliveryState.DELIVERED
    actions.set_hook_state(hook=subscription, to=HookState.ENDED, by=by, at=at)
    assert announce(study) == 0
    with pytest.raises(Refusal):
        actions.set_hook_state(hook=subscription, to=HookState.ACTIVE, by=by, at=at)


def test_a_test_event_is_sent_by_button(subscription, system, cast):
    actions.send_test(subscription=subscription, by=cast.sponsor, at=timezone.now())
    assert deliver().state == DeliveryState.DELIVERED
    assert json.loads(system.came[0][1])["kind"] == terms.PING


@pytest.mark.parametrize("who", ["rival", "nobody", "administrator", "analyst"])
def test_only_those_who_speak_for_a_body_subscribe(cast, bodies, system, who):
    with pytest.raises(PermissionDenied):
        actions.subscribe(
            organisation=bodies.damar,
            label="x",
            url=system.url,
            kinds=[KIND],
            by=getattr(cast, who),
            at=AT,
        )


def test_the_administrator_may_stop_and_not_start(subscription, cast):
    by = cast.administrator
    actions.set_hook_state(hook=subscription, to=HookState.PAUSED, by=by, at=AT)
    with pytest.raises(PermissionDenied):
        actions.set_hook_state(hook=subscription, to=HookState.ACTIVE, by=by, at=AT)
    with pytest.raises(PermissionDenied):
        actions.replace_secret(hook=subscription, by=by, at=AT)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"kinds": []}, "at least one kind"),
        ({"kinds": ["made.up"]}, "no kind of event called made.up"),
        ({"label": "  "}, "name of at most 100"),
        ({"url": "http://damar.example/"}, "https"),
    ],
)
def test_a_subscription_that_may_not_be_is_refused(cast, bodies, system, more, says):
    given = {"label": "x", "url": system.url, "kinds": [KIND], **more}
    with pytest.raises(Refusal, match=says):
        actions.subscribe(organisation=bodies.damar, by=cast.sponsor, at=AT, **given)


def test_an_event_of_no_kind_is_a_mistake(subscription, study):
    with pytest.raises(KeyError):
        actions.announce(kind="made.up", payload={}, scope_ids=[study.pk], at=AT)


def test_an_event_outside_of_an_act_is_a_mistake(fresh_database):
    with pytest.raises(transaction.TransactionManagementError):
        actions.announce(kind=KIND, payload={}, scope_ids=[1], at=AT)

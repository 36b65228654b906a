"""The pages of webhooks: made, shown once, tried, paused; each for their own body."""

import pytest
from django.utils import timezone

from tembusu.foundation.exchange import actions, terms
from tembusu.foundation.exchange.actions import posting
from tembusu.foundation.exchange.models import WebhookDelivery, WebhookSender, WebhookSubscription
from tembusu.foundation.exchange.terms.webhooks import _IN
from tembusu.foundation.exchange.tests.conftest import AT

URL = "https://trials.damar.example/hook"


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def subscription(cast, bodies):
    made, _ = actions.subscribe(
        organisation=bodies.damar,
        label="Damar's system",
        url=URL,
        kinds=[terms.PING],
        by=cast.sponsor,
        at=AT,
    )
    return made


def test_a_subscription_is_made_and_its_secret_shown_once(signed_in, cast, bodies):
    client = signed_in(cast.sponsor)
    assert "Subscribe a system" in text(client.get("/webhooks/"))
    given = {"organisation": bodies.damar.pk, "label": "Ours", "url": URL, "kinds": [terms.PING]}
    shown = client.post("/webhooks/subscriptions/new/", given)
    made = WebhookSubscription.objects.get()
    [secret] = actions.hooks.secrets_of(made, timezone.now())
    assert secret in text(shown)
    assert "no-store" in shown["Cache-Control"]
    page = text(client.get(f"/webhooks/subscriptions/{made.pk}/"))
    assert secret not in page
    assert URL in page


def test_an_address_inside_is_refused_beside_the_form(signed_in, cast, bodies):
    given = {"label": "Ours", "url": "https://10.0.0.8/", "kinds": [terms.PING]}
    page = signed_in(cast.sponsor).post("/webhooks/subscriptions/new/", given)
    assert "Give a public address" in text(page)


def test_a_test_is_sent_and_its_tries_are_shown(signed_in, cast, subscription):
    client = signed_in(cast.sponsor)
    client.post(f"/webhooks/subscriptions/{subscription.pk}/test/")
    delivery = WebhookDelivery.objects.get()
    now = timezone.now
    posting.deliver(delivery.pk, clock=now, find=lambda host, port: ["10.0.0.8"])
    page = text(client.get(f"/webhooks/deliveries/{delivery.pk}/"))
    assert "machine inside" in page
    assert "This is a test." in page
    WebhookDelivery.objects.update(state="dead", next_at=None)
    assert "Send it again" in text(client.get(f"/webhooks/deliveries/{delivery.pk}/"))
    client.post(f"/webhooks/deliveries/{delivery.pk}/again/")
    assert WebhookDelivery.objects.get().state == "waiting"


def test_the_administrator_sees_that_events_go_and_not_what_they_say(signed_in, cast, subscription):
    delivery = actions.send_test(subscription=subscription, by=cast.sponsor, at=AT)
    client = signed_in(cast.administrator)
    assert "Damar&#x27;s system" in text(client.get("/webhooks/"))
    page = text(client.get(f"/webhooks/deliveries/{delivery.pk}/"))
    assert "This is a test." not in page
    client.post(f"/webhooks/subscriptions/{subscription.pk}/state/", {"to": "paused"})
    subscription.refresh_from_db()
    assert subscription.state == "paused"
    refused = client.post(f"/webhooks/subscriptions/{subscription.pk}/secret/", follow=True)
    assert "You can&#x27;t connect" in text(refused)


def test_a_subscription_is_changed(signed_in, cast, subscription):
    client = signed_in(cast.sponsor)
    where = f"/webhooks/subscriptions/{subscription.pk}/change/"
    assert URL in text(client.get(where))
    client.post(where, {"label": "New name", "url": URL, "kinds": [terms.PING]})
    subscription.refresh_from_db()
    assert subscription.label == "New name"


def test_a_sender_is_registered_and_shows_its_address(signed_in, cast, bodies):
    terms.register_receiver("tests.x", lambda event: {}, says="Does nothing.")
    client = signed_in(cast.sponsor)
    try:
        given = {"organisation": bodies.damar.pk, "label": "Ours", "kinds": ["tests.x"]}
        shown = text(client.post("/webhooks/senders/new/", given))
    finally:
        del _IN["tests.x"]
    made = WebhookSender.objects.get()
    assert f"/api/v1/hooks/{made.public_id}/" in shown
    assert "with that person" in text(client.get(f"/webhooks/senders/{made.pk}/"))


@pytest.mark.parametrize("who", ["rival", "nobody", "analyst"])
@pytest.mark.parametrize("page", ["", "change/"])
def test_what_is_another_bodys_does_not_exist(signed_in, cast, subscription, who, page):
    client = signed_in(getattr(cast, who))
    where = f"/webhooks/subscriptions/{subscription.pk}/{page}"
    assert client.get(where).status_code == 404


@pytest.mark.parametrize("act", ["state/", "secret/", "test/"])
def test_what_is_another_bodys_is_not_worked_on(signed_in, cast, subscription, act):
    client = signed_in(cast.rival)
    where = f"/webhooks/subscriptions/{subscription.pk}/{act}"
    assert client.post(where, {"to": "ended"}).status_code == 404


@pytest.mark.parametrize("page", ["", "subscriptions/new/", "senders/new/"])
def test_who_keeps_none_sees_no_webhooks(signed_in, cast, page):
    assert signed_in(cast.nobody).get(f"/webhooks/{page}").status_code == 404

"""The screens of exchange in a real browser: axe, narrow windows, light and dark."""

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from tests.support import axe

from tembusu.foundation.exchange import actions, terms
from tembusu.foundation.exchange.actions import posting
from tembusu.foundation.exchange.tests.cast import PURPOSE
from tembusu.foundation.exchange.tests.conftest import (
    AT,
    checked,
    csv_file,
    make_bodies,
    make_cast,
    run_job,
)
from tembusu.foundation.people import sign_in

pytestmark = pytest.mark.journey
RTGH = "Rain Tree General Hospital"
ROWS = [
    (RTGH, "Rain Tree", "15/03/2019"),
    (RTGH, "RT General", "14/03/2019"),
    (RTGH, "", "31/02/2020"),
    ("Nowhere Clinic", "Nowhere", "1 Mar 2020"),
]


def enter(page, site, person):
    """Give the browser the session of somebody who signed in just now."""
    client = Client()
    client.force_login(person)
    session, now = client.session, timezone.now().timestamp()
    session[sign_in.BEGAN] = session[sign_in.SEEN] = now
    session["account_authentication_methods"] = [{"method": "password", "at": now}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session.session_key, "url": site.url}])


def look(page, name):
    """Check a page at three widths and in both colour schemes; keep pictures where asked."""
    kept = os.environ.get("TEMBUSU_SHOTS")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} at {width}: {wide} pixels wide"
            if kept and width != 320 and scheme == "light":
                path = Path(kept) / f"exchange-{name}-{width}.png"
                page.screenshot(path=str(path), full_page=True)
        found = axe.violations(page, within="main")
        assert found == [], f"{name}, {scheme}: {[str(one) for one in found]}"
    page.set_viewport_size({"width": 1280, "height": 900})


def sent(person, *rows):
    return actions.send_extract(
        purpose=PURPOSE,
        source=csv_file(*rows),
        name="names.csv",
        organisation_id=None,
        by=person,
        at=timezone.now(),
    )


def taken(extract):
    return run_job(
        actions.take_extract(extract=extract, takes_changes=True, by=extract.sent_by, at=AT)
    )


def test_the_pages_of_extracts_can_be_used_by_everybody(page, live_site):
    analyst = make_cast(make_bodies()).analyst
    taken(checked(sent(analyst, (RTGH, "Rain Tree", "14/03/2019"))))
    waiting, preview = sent(analyst, *ROWS), checked(sent(analyst, *ROWS))
    enter(page, live_site, analyst)
    for name, path in (
        ("list", ""),
        ("new", f"new/{PURPOSE.key}/"),
        ("mapping", f"{waiting.pk}/mapping/"),
        ("preview", f"{preview.pk}/"),
        ("changed", f"{preview.pk}/?show=changed"),
    ):
        page.goto(f"{live_site.url}/extracts/{path}")
        look(page, name)
    taken(preview)
    page.goto(f"{live_site.url}/extracts/{preview.pk}/")
    look(page, "done")


def test_the_pages_of_webhooks_can_be_used_by_everybody(page, live_site):
    bodies = make_bodies()
    sponsor = make_cast(bodies).sponsor
    made, _ = actions.subscribe(
        organisation=bodies.damar,
        label="Damar trial system",
        url="https://trials.damar.example/hook",
        kinds=[terms.PING],
        by=sponsor,
        at=AT,
    )
    delivery = actions.send_test(subscription=made, by=sponsor, at=timezone.now())
    posting.deliver(delivery.pk, clock=timezone.now, find=lambda host, port: ["10.0.0.8"])
    enter(page, live_site, sponsor)
    for name, path in (
        ("webhooks", ""),
        ("subscribe", "subscriptions/new/"),
        ("subscription", f"subscriptions/{made.pk}/"),
        ("delivery", f"deliveries/{delivery.pk}/"),
    ):
        page.goto(f"{live_site.url}/webhooks/{path}")
        look(page, name)

"""What people do again and again on their paths: sign in, look for barriers at two widths."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.support import axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.site import LiveSite

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret
WIDTHS = ((1280, 800), (390, 844))


def house() -> SimpleNamespace:
    """Make a coordinating body with an analyst, and two institutions."""
    from tembusu.foundation.people import actions as people
    from tembusu.foundation.people import sign_in
    from tembusu.foundation.people.terms import OrganisationKind, Role

    def body(kind: OrganisationKind, name: str) -> Any:
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Singapore", by=None, at=AT
        )

    office = body(OrganisationKind.COORDINATING_BODY, "Banyan Clinical Trials Office")
    raintree = body(OrganisationKind.INSTITUTION, "Rain Tree General Hospital")
    kempas = body(OrganisationKind.INSTITUTION, "Kempas Medical Centre")
    analyst = people.register_person(
        email="nadia@banyan.example", full_name="Nadia Rahim", password=PASSWORD, by=None, at=AT
    )
    people.grant_role(
        person=analyst, role=Role.COORDINATING_ANALYST, scope=office.scope, by=None, at=AT
    )
    sign_in.enrol(analyst, secret=SECRET)
    return SimpleNamespace(office=office, raintree=raintree, kempas=kempas, analyst=analyst)


def enter(page: Page, site: LiveSite, person: Any) -> None:
    """Sign in with password and second factor, as a person does, and go on to the studies."""
    from allauth.mfa.totp.internal import auth as totp

    page.goto(f"{site.url}/account/login/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).first.fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    code = totp.format_hotp_value(totp.hotp_value(SECRET, int(time.time()) // 30))
    page.get_by_role("main").get_by_role("textbox").first.fill(code)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(f"{site.url}/desk/")
    page.goto(f"{site.url}/studies/")


def has_no_barrier(page: Page) -> None:
    """Look at the page with axe at both widths; nothing may be cut off sideways either."""
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        found = axe.violations(page)
        assert not found, f"{page.url} at {width}: {[str(one) for one in found]}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} pixels wide at {width}"
    page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})


def look(page: Page, name: str) -> None:
    """Look for barriers, and keep pictures where a folder is named for them."""
    has_no_barrier(page)
    if kept := os.environ.get("TEMBUSU_SHOTS"):
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=str(Path(kept) / f"{name}-{width}.png"), full_page=True)
        page.set_viewport_size({"width": WIDTHS[0][0], "height": WIDTHS[0][1]})

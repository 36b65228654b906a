"""The cast of the start-up journey: a trial, its sponsor, a board, a regulator and three sites."""

from __future__ import annotations

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tembusu.coordination.registry.tests.conftest import trial
from tests.journeys.steps import PASSWORD, SECRET, enter, house
from tests.support.browser import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.support.site import LiveSite

SEATS = (
    ("Adaeze Nwosu", ("medical",), False),
    ("Ong Boon Keng", ("scientific",), True),
    ("Ravi Subramaniam", ("lay",), True),
    ("Foo Mei Lin", ("medical",), False),
    ("Quek Hui Min", ("legal",), False),
)


def ago(days: int) -> str:
    """Return the day so many days ago as a date control takes it."""
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def join(name: str, role: Any, scope: Any) -> Any:
    """Make a person with a role, a password and a second factor."""
    from tembusu.foundation.people import actions as people
    from tembusu.foundation.people import sign_in

    then = timezone.now() - timedelta(days=400)
    person = people.register_person(
        email=f"{name.lower().replace(' ', '.')}@journey.example",
        full_name=name,
        password=PASSWORD,
        by=None,
        at=then,
    )
    people.grant_role(person=person, role=role, scope=scope, by=None, at=then)
    sign_in.enrol(person, secret=SECRET)
    return person


def world(folder: Path) -> SimpleNamespace:
    """Make a published trial of Damar that has no site yet, and everybody who takes it on its way."""
    from tembusu.foundation.people import actions as people
    from tembusu.foundation.people.terms import OrganisationKind, Role

    made = house()
    then = timezone.now() - timedelta(days=400)

    def body(kind: OrganisationKind, name: str) -> Any:
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Singapore", by=None, at=then
        )

    kinds = OrganisationKind
    made.halia = body(kinds.INSTITUTION, "Halia Specialist Hospital")
    made.damar = body(kinds.SPONSOR, "Damar Therapeutics")
    made.board = body(kinds.ETHICS_BOARD, "Meranti Ethics Board")
    made.regulator = body(kinds.REGULATOR, "Medicines and Devices Authority")
    made.sponsor = join("Ines Duarte", Role.SPONSOR_MANAGER, made.damar.scope)
    made.secretary = join("Chitra Pillai", Role.BOARD_SECRETARY, made.board.scope)
    made.reviewer = join("Yusof Rahman", Role.REGULATOR_REVIEWER, made.regulator.scope)
    made.hospital = join("Lakshmi Nair", Role.INSTITUTION_REPRESENTATIVE, made.raintree.scope)
    seat_board(made, then)
    made.study = publish(folder, made.damar)
    return made


def seat_board(made: SimpleNamespace, then: Any) -> None:
    """Let the board and the regulator work here, and seat the board as the law asks."""
    from tembusu.coordination.submissions import actions
    from tembusu.foundation.people.terms import Role

    for one in (made.board, made.regulator):
        actions.keep_body_desk(
            body=one, works_here=True, system="", approval_months=12, by=None, at=then
        )
    made.members = []
    for name, qualities, is_external in SEATS:
        is_chair = not made.members
        role = Role.BOARD_CHAIR if is_chair else Role.BOARD_MEMBER
        person = join(name, role, made.board.scope)
        actions.seat_member(
            board=made.board,
            person=person,
            qualities=qualities,
            is_external=is_external,
            from_date=timezone.localdate(then),
            by=None,
            at=then,
        )
        made.members.append(person)


def publish(folder: Path, sponsor: Any) -> Any:
    from tembusu.coordination.registry.actions import imports
    from tembusu.coordination.registry.models import Study
    from tembusu.foundation.people import actions as people

    file = folder / "trial.json"
    file.write_text(json.dumps([trial(1, "VN-118 in nasopharyngeal carcinoma", locations=[])]))
    imports.import_studies(paths=[file], by=None, at=timezone.now() - timedelta(days=200))
    study = Study.objects.get()
    people.move_scope(scope=study.scope, parent=sponsor.scope)
    study.sponsor = sponsor
    study.save()
    return study


def staff(made: SimpleNamespace, site: Any) -> None:
    """Give a study-site its coordinator and principal investigator, once it is selected."""
    from tembusu.foundation.people.terms import Role

    made.coordinator = join("Siti Aminah", Role.SITE_COORDINATOR, site.scope)
    made.investigator = join("Farah Osman", Role.PRINCIPAL_INVESTIGATOR, site.scope)


def day_of(text: str) -> date:
    return date.fromisoformat(text)


class Parties:
    """A browser of their own for everybody: each signs in once, with password and second factor."""

    def __init__(self, browser: Browser, site: LiveSite) -> None:
        self.browser, self.site = browser, site
        self.pages: dict[int, Page] = {}
        self.problems: list[str] = []

    def __call__(self, person: Any) -> Page:
        """Return this person's page, signed in."""
        if person.pk not in self.pages:
            context = self.browser.new_context(
                viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce"
            )
            context.set_default_timeout(TIMEOUT)
            page = context.new_page()
            page.on("pageerror", lambda error: self.problems.append(str(error)))
            enter(page, self.site, person)
            self.pages[person.pk] = page
        return self.pages[person.pk]

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()
        assert not self.problems, f"a page's own script failed: {self.problems}"

"""What an extract of milestones looks like: its columns, and how studies and sites are found."""

from collections.abc import Collection
from typing import Any

from tembusu.coordination.registry.selectors import kinds
from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import SitePathway
from tembusu.foundation.exchange import terms
from tembusu.foundation.exchange.terms import Column, EventOut
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind

KEY = "startup.milestones"
TITLE = "Milestones of start-up"
INTRO = (
    "What another system knows of study-sites' start-up, past years included: a row for each milestone"
    " of each site. Sites that are not on their way begin on the day on which they were selected."
)

COMPLETED = "startup.milestone_completed"
COMPLETED_EXAMPLE = {
    "study": "NCT09990001",
    "site": "Rain Tree General Hospital",
    "milestone": "contract_signed",
    "completed": "2026-03-14",
    "evidence": "Agreement 2026-118",
}
MOVED = "startup.milestone_moved"
MOVED_EXAMPLE = {
    "study": "NCT09990001",
    "site": "Rain Tree General Hospital",
    "milestone": "contract_signed",
    "move": "hold",
    "day": "2026-03-02",
    "waits_on": "institution",
    "reason": "legal_review",
}
CHANGED = EventOut(
    "startup.milestones_changed",
    "A study-site's milestones, holds or end changed.",
    {
        "study": "TMB-000147",
        "site": "Rain Tree General Hospital",
        "state": "under_way",
        "stage": "contract",
        "waits_on": ["institution"],
        "since": "2026-03-14",
        "due": "2026-04-14",
    },
)


def said_of(path: SitePathway) -> dict[str, Any]:
    """Return what goes out of a study-site that changed."""
    return {
        "study": path.study_site.study.number,
        "site": path.study_site.organisation.name,
        "state": str(path.state),
        "stage": path.stage,
        "waits_on": list(path.holders),
        "since": path.waiting_since.isoformat() if path.waiting_since else None,
        "due": path.due_date.isoformat() if path.due_date else None,
    }


def find_studies(numbers: Collection[Any], by: Any) -> dict[Any, Any]:
    """Return the studies that the user may see, by the numbers that a file calls them."""
    return kinds.find_by_numbers(by, numbers)


def find_sites(names: Collection[Any], by: Any) -> dict[Any, Any]:
    """Return institutions by any name that they have or had; a name of two is nobody's."""
    called: dict[str, set[int]] = {}
    for body in people.directory():
        if body.kind is OrganisationKind.INSTITUTION:
            for name in (body.name, *body.aliases, *body.acronyms):
                called.setdefault(_plain(name), set()).add(body.organisation_id)
    wanted = {name: called.get(_plain(name), set()) for name in names}
    bodies = people.bodies_of_kinds([OrganisationKind.INSTITUTION]).in_bulk()
    return {
        name: bodies[next(iter(ids))]
        for name, ids in wanted.items()
        if len(ids) == 1 and next(iter(ids)) in bodies
    }


def _plain(name: Any) -> str:
    return " ".join(str(name).casefold().split())


def may_send(user: Any) -> bool:
    """Say whether the user may send extracts at all; each row is judged by its study-site."""
    act = permissions.RECORD_MILESTONE
    return people.holds_anywhere(user, act.roles | act.everywhere)


def row_key(values: Any) -> str:
    """Return what a row is about: a milestone of a study-site."""
    return f"{values['study'].pk} {values['site'].pk} {_plain(values['milestone'])}"


def columns() -> tuple[Column, ...]:
    """Return what a file may say."""
    text, day = terms.text, terms.date
    return (
        Column(
            "study", "Study number", text(at_most=60), is_required=True,
            aliases=("Study", "Study no.", "Study no", "Trial", "Registry number", "NCT number"),
            hint="Our number, or that of any registry",
            look_up=find_studies, unknown="no study '{value}' is known here, or not to you.",
        ),
        Column(
            "site", "Site", text(at_most=300), is_required=True,
            aliases=("Institution", "Hospital", "Centre"), hint="Any name that it has or had",
            look_up=find_sites,
            unknown="no institution is called '{value}', or more than one is.",
        ),
        Column("milestone", "Milestone", text(at_most=100), is_required=True,
               aliases=("Activity", "Step"), hint="As the pathway calls it, or its key"),
        Column("selected", "Selected on", day(),
               aliases=("Site selected on", "Selected", "Selection date")),
        Column("started", "Started on", day(), aliases=("Started", "Start date")),
        Column("completed", "Completed on", day(),
               aliases=("Completed", "Completion date", "Done on")),
        Column("waiting_on", "Waits on", text(at_most=60), aliases=("Waiting on", "Party"),
               hint="A party of the pathway; from its start to its end unless days are given"),
        Column("waited_from", "Waited from", day(), aliases=("Waiting since", "On hold from")),
        Column("waited_until", "Waited until", day(), aliases=("On hold until",),
               hint="The first day on which it was held no more"),
        Column("reason", "Delay reason", text(at_most=100), aliases=("Reason",)),
        Column("not_applicable", "Does not apply because", text(),
               aliases=("Not applicable", "Not applicable because")),
        Column("evidence", "Evidence", text(), aliases=("Reference", "Document")),
        Column("note", "Note", text(), aliases=("Remark", "Comment")),
    )  # fmt: skip

"""What is proposed when a submission is begun: bodies, obligations, sponsors, what it follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tembusu.coordination.registry.selectors import sites as registry_sites
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.submissions.models import BodyDesk, Submission
from tembusu.coordination.submissions.selectors import bodies, pack, packages, routes
from tembusu.coordination.submissions.terms import Package, SubmissionKind
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.jurisdictions.terms import NO_APPLICATION, Cardinality, Theme
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind
from trialtime.calendars import add_months

ETHICS_LABEL = "Ethics review"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Due:
    """An application that a study may need.

    :ivar per_investigator: one is sent for each principal investigator
    :ivar is_of_route: the study's kept route asks for it
    """

    kind: str
    label: str
    clock_key: str = ""
    per_investigator: bool = False
    is_of_route: bool = False
    body_kind: str = ""


def get_study(user: Any, pk: int) -> Any:
    """Return the study if this user may see it, or 404."""
    return studies.get_study(user, pk)


def asked_for(user: Any, study: Any, on: date) -> list[Due]:
    """Return the kinds of application, those of the study's route first."""
    route = routes.newest_route(study)
    found: dict[str, Due] = {}
    for one in route.obligations if route else ():
        kind = str(one.get("kind"))
        if kind != NO_APPLICATION and kind not in found:
            found[kind] = Due(
                kind,
                str(one.get("label")),
                str(one.get("clock_key") or ""),
                one.get("cardinality") == Cardinality.PRINCIPAL_INVESTIGATOR.value,
                is_of_route=True,
                body_kind=OrganisationKind.REGULATOR,
            )
    found.setdefault(
        pack.ETHICS,
        Due(pack.ETHICS, ETHICS_LABEL, body_kind=OrganisationKind.ETHICS_BOARD),
    )
    for item in jurisdictions.pack(on).of_theme(Theme.OBLIGATIONS):
        each = str(item.details.get("cardinality", ""))
        found.setdefault(
            item.key,
            Due(
                item.key,
                str(item.value or item.label),
                item.key,
                Cardinality.PRINCIPAL_INVESTIGATOR.value in each,
                body_kind=OrganisationKind.REGULATOR,
            ),
        )
    return [*found.values(), Due(OTHER, "Something else")]


def sponsors_to_name(study: Any, submission: Submission | None = None) -> list[tuple[int, str]]:
    """Return the bodies that may stand behind a study's submissions: its sponsor first."""
    found = {study.sponsor_id: study.sponsor.name} if study.sponsor_id else {}
    if submission is not None:
        rows = submission.sponsors.select_related("organisation")
        found |= {one.organisation_id: one.organisation.name for one in rows}
    for one in registry_sites.list_sites(study):
        found.setdefault(one.organisation_id, one.organisation.name)
    kinds = (OrganisationKind.SPONSOR,)
    for body in people.bodies_of_kinds(kinds)[:200]:
        found.setdefault(body.pk, body.name)
    return list(found.items())


def choices(user: Any, study: Any, asked: Sequence[Due]) -> dict[str, list[tuple[Any, str]]]:
    """Return what may be chosen, by field of the form."""
    approved = [
        (one.pk, f"{one.number}: {one.label or one.obligation} ({one.body.name})")
        for one in packages.of_study(user, study)
        if packages.is_approved(one)
    ]
    sponsors = sponsors_to_name(study)
    return {
        "body": [(one.pk, one.name) for one in bodies.list_bodies()],
        "obligation": [(one.kind, one.label) for one in asked],
        "earlier": approved,
        "sites": [(one.pk, one.organisation.name) for one in registry_sites.list_sites(study)],
        "sponsors": sponsors,
        "lead": sponsors,
    }


def proposed(study: Any, asked: Sequence[Due], given: Mapping[str, str]) -> dict[str, Any]:
    """Return what a new submission begins with: the obligation asked for, its body, all sites."""
    wanted = next((one for one in asked if one.kind == given.get("obligation")), asked[0])
    kinds = [one for one in bodies.list_bodies() if one.kind == wanted.body_kind]
    earlier = given.get("earlier", "")
    held = (
        Submission.objects.filter(pk=int(earlier), study=study).first()
        if earlier.isdigit()
        else None
    )
    kind = given.get("kind", "")
    return {
        "obligation": held.obligation if held else wanted.kind,
        "body": held.body_id if held else (kinds[0].pk if kinds else None),
        "kind": kind if kind in set(SubmissionKind) else SubmissionKind.INITIAL,
        "earlier": held.pk if held else None,
        "sites": [one.pk for one in registry_sites.list_sites(study)],
        "sponsors": [study.sponsor_id] if study.sponsor_id else [],
        "investigator_name": given.get("investigator", "")[:200],
    }


def package(asked: Sequence[Due], given: Mapping[str, Any]) -> Package:
    """Return what was typed as a package."""
    due = next(one for one in asked if one.kind == given["obligation"])
    return Package(
        body_id=given["body"],
        kind=SubmissionKind(given["kind"]),
        obligation=due.kind,
        label=due.label,
        clock_key=due.clock_key if given["kind"] == SubmissionKind.INITIAL else "",
        site_ids=given.get("sites") or (),
        sponsor_ids=given["sponsors"],
        lead_id=given["lead"],
        per_investigator=due.per_investigator,
        investigator_name=given["investigator_name"],
        note=given["note"],
    )


def checklist_of(body: Any, package: Package) -> str:
    """Return the pack's kind of checklist: a board's is that of ethics whatever is asked of it."""
    return pack.ETHICS if body.kind == OrganisationKind.ETHICS_BOARD else package.obligation


def package_of(submission: Submission) -> dict[str, Any]:
    """Return what a draft covers, as its form shows it."""
    sponsors = list(submission.sponsors.all())
    return {
        "sites": [one.study_site_id for one in submission.sites.all()],
        "sponsors": [one.organisation_id for one in sponsors],
        "lead": next((one.organisation_id for one in sponsors if one.is_lead), None),
        "investigator_name": submission.investigator_name,
        "reference_no": submission.reference_no,
        "note": submission.note,
    }


def validity_proposed(submission: Submission, on: date) -> dict[str, Any]:
    """Return how long an approval of this body usually holds, from a day on."""
    desk = BodyDesk.objects.filter(body=submission.body).first()
    months = desk.approval_months if desk else None
    is_for_long = submission.kind in (SubmissionKind.INITIAL, SubmissionKind.RENEWAL)
    if not months or not is_for_long:
        return {}
    return {"valid_from": on, "valid_to": date.fromordinal(add_months(on, months).toordinal() - 1)}

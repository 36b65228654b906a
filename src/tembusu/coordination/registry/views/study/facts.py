"""The facts of a study in groups, each line with where its value comes from."""

from collections.abc import Mapping
from typing import Any

from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.views import labels, sources, values
from tembusu.coordination.registry.views.sources import SourcedFact
from tembusu.foundation.ui import wording


def design_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    masked = said.get("who_masked") or []
    masking = values.text("masking", said.get("masking"))
    who = values.text("who_masked", masked).lower().replace("\n", ", ")
    shown = [
        ("Type", "study_type", ""),
        ("Phase", "phases", labels.phase(said.get("phases") or [])),
        ("Purpose", "primary_purpose", ""),
        ("Allocation", "allocation", ""),
        ("Design", "intervention_model", ""),
        ("Design", "observational_model", ""),
        ("Time", "time_perspective", ""),
        ("Masking", "masking", f"{masking}: {who}" if masking and who else masking),
        ("Participants", "enrolment_count", values.participants(said)),
        countries(said),
        ("Monitoring committee", "has_dmc", ""),
    ]
    return source.facts(shown, keep_empty={"study_type", "enrolment_count"})


def countries(said: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the countries of recruitment, as listed or as the sites tell them."""
    field = "countries" if said.get("countries") else "locations"
    return "Countries of recruitment", field, ", ".join(records.countries(said))


def people_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    sponsor = said.get("lead_sponsor") or {}
    kind = (
        f"{sponsor.get('name', '')} ({labels.word(sponsor['kind']).lower()})"
        if sponsor.get("kind")
        else ""
    )
    reached = ("name", "affiliation", "phone", "email")
    shown = [
        ("Sponsor", "lead_sponsor", kind or sponsor.get("name") or ""),
        ("Collaborators", "collaborators", listed(said, "collaborators", "name")),
        ("Sources of support", "support_sources", ""),
        ("Responsible party", "responsible_party", responsible(said)),
        ("Officials", "officials", officials(said)),
        ("Public contact", "public_contacts", listed(said, "public_contacts", *reached)),
        (
            "Scientific contact",
            "scientific_contacts",
            listed(said, "scientific_contacts", *reached),
        ),
    ]
    shown += [
        ("Protocol number", "org_study_no", ""),
        ("Other numbers", "secondary_ids", listed(said, "secondary_ids", "id_text", "domain")),
    ]
    return source.facts(shown, keep_empty={"lead_sponsor"})


def responsible(said: Mapping[str, Any]) -> str:
    """Return who answers for the record: the sponsor, or a person by name."""
    party = said.get("responsible_party") or {}
    kind = party.get("kind") or ""
    if kind == "SPONSOR":
        return "The sponsor"
    parts = ("name", "old_name_title", "title", "affiliation", "old_organisation")
    person = ", ".join(dict.fromkeys(party[part] for part in parts if party.get(part)))
    role = labels.word(kind).lower()
    if person and role:
        return f"{person} ({role})"
    return person or labels.word(kind)


def officials(said: Mapping[str, Any]) -> str:
    """Return the persons who answer for the study as a whole, each with their part in it."""
    lines = []
    for one in said.get("officials") or []:
        who = ", ".join(one[part] for part in ("name", "affiliation") if one.get(part))
        role = labels.word(one.get("role")).lower()
        lines.append(f"{who} ({role})" if who and role else who)
    return "\n".join(line for line in lines if line)


def ethics_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    """Return what boards said, and what comes of the data: shared how, and where results are."""
    reviews = "\n".join(ethics_line(one) for one in said.get("ethics_reviews") or [])
    shown = [
        ("Ethics review", "ethics_reviews", reviews),
        ("Sharing of data", "ipd_sharing", ""),
        ("What is shared, and how", "ipd_description", ""),
        ("Page on sharing", "ipd_url", ""),
        ("Summary results posted", "has_results", ""),
        ("Address of the results", "results_url", ""),
    ]
    return source.facts(shown, keep_empty={"ethics_reviews", "ipd_sharing"})


def ethics_line(review: Mapping[str, Any]) -> str:
    """Return 'Meranti Ethics Board: Approved, 3 Apr 2026', as far as it is given."""
    approved = review.get("approval_dtc")
    stands = [review.get("status") or "", wording.day(approved) if approved else ""]
    words = ", ".join(one for one in stands if one)
    return ": ".join(one for one in (review.get("committee") or "", words) if one)


def listed(said: Mapping[str, Any], field: str, *parts: str) -> str:
    """Return a list of persons or bodies, a line for each, of those parts that are given."""
    lines = (
        ", ".join(str(one[part]) for part in parts if one.get(part))
        for one in said.get(field) or []
    )
    return "\n".join(line for line in lines if line)


def date_facts(said: Mapping[str, Any], source: sources.Sources) -> list[SourcedFact]:
    shown = [
        registered(said),
        ("First enrolment", "start_dtc", values.dated(said, "start")),
        ("Primary completion", "primary_completion_dtc", values.dated(said, "primary_completion")),
        ("Completion", "completion_dtc", values.dated(said, "completion")),
        ("Results posted", "results_first_posted_dtc", values.dated(said, "results_first_posted")),
        ("Last update", "last_update_posted_dtc", values.dated(said, "last_update_posted")),
        ("Verified", "verified_dtc", values.dated(said, "verified")),
    ]
    if why := records.why_undecided(said):
        shown.insert(1, ("In time", "start_dtc", why))
    keep = {"registered_dtc", "start_dtc", "completion_dtc"}
    return source.facts(shown, keep_empty=keep)


def registered(said: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the day of registration, with which of a registry's days it is."""
    day, submitted = said.get("registered_dtc"), said.get("first_submitted_dtc")
    if not day and said.get("first_posted_dtc"):
        posted = wording.day(said["first_posted_dtc"])
        return "Registered", "first_posted_dtc", f"{posted}, first posted by the registry"
    text = values.dated(said, "registered")
    if day and day == submitted:
        text += ", first submitted to the registry"
    return "Registered", "registered_dtc", text

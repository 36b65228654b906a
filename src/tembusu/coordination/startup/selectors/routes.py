"""What a study's kept route asks of regulators, as the milestones of its sites need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.submissions.selectors import routes
from tembusu.foundation.jurisdictions.terms import NO_APPLICATION


@dataclass(frozen=True, slots=True)
class KeptRoute:
    """The newest answer to which route a study takes.

    :ivar reasons: kind of obligation → why the study has it; ``none`` says why a body asks nothing
    :ivar labels: how the applications are called, in the order of the answer
    """

    version_no: int
    kept_on: date
    reasons: Mapping[str, str]
    labels: tuple[str, ...]


def kept_route(study: Any) -> KeptRoute | None:
    """Return a study's kept route; None while nobody answered, or where the answer says nothing."""
    found = routes.newest_route(study)
    if found is None or not found.obligations:
        return None
    reasons: dict[str, list[str]] = {}
    for one in found.obligations:
        said = reasons.setdefault(str(one["kind"]), [])
        if (why := str(one.get("reason") or one.get("label") or "")) and why not in said:
            said.append(why)
    labels = [str(one["label"]) for one in found.obligations if one["kind"] != NO_APPLICATION]
    return KeptRoute(
        found.version_no,
        localdate(found.answered_at),
        {kind: " ".join(said) for kind, said in reasons.items()},
        tuple(dict.fromkeys(labels)),
    )

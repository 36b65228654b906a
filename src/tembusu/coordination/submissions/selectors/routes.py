"""A study's route: what was answered, what it owes, what was begun of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tembusu.coordination.submissions.models import RouteAnswer
from tembusu.foundation.jurisdictions.terms import Obligation, ProductAnswers, RouteAnswers


def newest_route(study: Any) -> RouteAnswer | None:
    rows = RouteAnswer.objects.filter(study=study).select_related("answered_by")
    return rows.order_by("-version_no").first()


def versions(study: Any) -> Sequence[RouteAnswer]:
    rows = RouteAnswer.objects.filter(study=study).select_related("answered_by")
    return list(rows.order_by("-version_no"))


def answers_of(kept: Mapping[str, Any]) -> RouteAnswers:
    """Return kept answers as the tree reads them."""
    products = kept.get("products") or []
    return RouteAnswers(
        study=dict(kept.get("study") or {}),
        products=tuple(ProductAnswers(one["name"], dict(one["answers"])) for one in products),
    )


def as_json(answers: RouteAnswers) -> dict[str, Any]:
    return {
        "study": dict(answers.study),
        "products": [{"name": one.name, "answers": dict(one.answers)} for one in answers.products],
    }


def obligation_json(one: Obligation) -> dict[str, Any]:
    """Return an obligation as it is kept: plain JSON, lists for tuples."""
    made: dict[str, Any] = json.loads(json.dumps(asdict(one)))
    return made

"""Definitions: taken from the file where there are none yet, changed by the coordinating lead."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from tembusu.foundation.core import audit, jobs
from tembusu.foundation.core.audit import Actor
from tembusu.insight import permissions
from tembusu.insight.models import Definition, DefinitionVersion
from tembusu.insight.rules import definitions as rules
from tembusu.insight.selectors import definitions as selectors
from tembusu.insight.terms import RECOUNT, DefinitionText

FROM_FILE = "As this release says"


@audit.act
def seed_definitions(*, by: Actor | None, at: datetime) -> int:
    """Take the definitions that the database does not hold yet from the file; return how many."""
    missing = [one for one in rules.from_file() if one.key not in selectors.seeded()]
    for one in missing:
        definition, is_new = Definition.objects.get_or_create(
            key=one.key, defaults={"measure": one.measure, "made_at": at}
        )
        if is_new:
            version = _add(definition, 1, one.text, FROM_FILE, by, at)
            audit.record("insight.definition.seeded", on=[definition, version], by=by, at=at)
    return len(missing)


@audit.act
def define_measure(
    *, key: str, text: DefinitionText, seen_version: int, by: Actor, at: datetime, reason: str
) -> DefinitionVersion:
    """Change a definition: a new version, from now on. Facts are counted again where that is needed.

    :param seen_version: the version that the person read before changing it
    :raises PermissionDenied: for anybody but the coordinating lead
    :raises DefinitionRefused: if it says nothing new, lacks a source or a reason, or somebody else was
        quicker
    """
    permissions.check_can_define(by)
    seed_definitions(by=None, at=at)
    definition = Definition.objects.select_for_update().get(key=key)
    present = selectors.get_in_force(key)
    if present.version_no != seen_version:
        raise rules.DefinitionRefused(
            f"Somebody changed {key} meanwhile: version {present.version_no} stands. Read it, then "
            "change it if that is still needed."
        )
    rules.check_definition(text, reason=reason, present=present.text)
    version = _add(definition, present.version_no + 1, text, reason.strip(), by, at)
    before, after = asdict(present.text), asdict(text)
    change = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    audit.record(
        "insight.definition.changed",
        on=[definition, version],
        by=by,
        at=at,
        change=change,
        reason=reason,
    )
    if rules.needs_recount(present.text, text):
        jobs.start(
            RECOUNT, title=f"Count again under {key} v{version.number}", arguments={}, by=by, at=at
        )
    return version


def _add(
    definition: Definition, number: int, text: DefinitionText, reason: str, by: Any, at: datetime
) -> DefinitionVersion:
    with transaction.atomic():
        return DefinitionVersion.objects.create(
            definition=definition,
            number=number,
            **asdict(text),
            reason=reason,
            made_by_id=by.pk if by is not None else None,
            made_at=at,
        )

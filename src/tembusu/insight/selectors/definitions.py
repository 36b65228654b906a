"""Definitions as they stand, as they stood, and what the file of the release proposes."""

from django.http import Http404

from tembusu.insight.models import Definition, DefinitionVersion
from tembusu.insight.rules import definitions as rules
from tembusu.insight.terms import CountsFrom, DefinitionInForce, DefinitionText


def text_of(version: DefinitionVersion) -> DefinitionText:
    """Return what a version says."""
    return DefinitionText(
        label=version.label,
        says=version.says,
        counts_from=CountsFrom(version.counts_from),
        target_days=version.target_days,
        target_source=version.target_source,
    )


def in_force() -> dict[str, DefinitionInForce]:
    """Return the definition of each measure, in the order of their keys.

    Those of the release stand where the database has none yet.
    """
    newest = DefinitionVersion.objects.order_by("definition_id", "-number").distinct(
        "definition_id"
    )
    held = {
        version.definition.measure: DefinitionInForce(
            version.definition.key, version.definition.measure, version.number, text_of(version)
        )
        for version in newest.select_related("definition")
    }
    for one in rules.from_file():
        held.setdefault(one.measure, one)
    return dict(sorted(held.items(), key=lambda each: each[1].key))


def get_in_force(key: str) -> DefinitionInForce:
    """Return the definition of this key; there is none otherwise."""
    for one in in_force().values():
        if one.key == key:
            return one
    raise Http404(f"There is no definition {key}.")


def list_versions(key: str) -> list[DefinitionVersion]:
    """Return the versions of a definition, newest first."""
    rows = DefinitionVersion.objects.filter(definition__key=key)
    return list(rows.select_related("definition", "made_by").order_by("-number"))


def proposal(key: str) -> DefinitionText | None:
    """Return what the file of the release says now, where neither a version nor the file's last says it.

    What the file said when it was taken, or what stands, is no proposal.
    """
    from_file = next((one for one in rules.from_file() if one.key == key), None)
    versions = list_versions(key)
    if from_file is None or not versions:
        return None
    told = [text_of(version) for version in versions if version.made_by_id is None]
    if from_file.text in (*told, text_of(versions[0])):
        return None
    return from_file.text


def seeded() -> set[str]:
    """Return the keys of the definitions that the database holds."""
    return set(Definition.objects.values_list("key", flat=True))

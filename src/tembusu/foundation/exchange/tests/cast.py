"""A purpose to test with: other names of organisations, each since a day."""

from tembusu.foundation.exchange import terms
from tembusu.foundation.exchange.terms import (
    Column,
    Difference,
    Outcome,
    Purpose,
    Verdict,
    VerdictKind,
)
from tembusu.foundation.people.models import Organisation, OrganisationName
from tembusu.foundation.people.terms import NameKind, Role

KEY = "people.aliases"


def find_bodies(names, by):
    return {body.name: body for body in Organisation.objects.filter(name__in=names)}


def held(rows):
    """Return the aliases that these rows are about, by (body, alias)."""
    found = OrganisationName.objects.filter(
        organisation__in=[row.values["body"] for row in rows], kind=NameKind.ALIAS
    )
    return {(one.organisation_id, one.name): one for one in found}


def about(row):
    return (row.values["body"].pk, row.values["alias"])


def judge(row, known):
    if row.values["alias"] == "Forbidden":
        return Verdict(VerdictKind.REFUSED, reason="That is no name.")
    what = f"{row.values['alias']} of {row.values['body']}"
    one = known.get(about(row))
    if one is None:
        return Verdict(VerdictKind.NEW, what=what)
    since = row.values["since"]
    if one.valid_from == since:
        return Verdict(VerdictKind.SAME, what=what)
    before = str(one.valid_from or "")
    return Verdict(VerdictKind.CHANGED, [Difference("Since", before, str(since or ""))], what=what)


def check(rows, *, by, at):
    known = held(rows)
    return [judge(row, known) for row in rows]


def take(rows, *, by, at, run):
    known, made = held(rows), []
    for row in rows:
        if row.values["alias"] == "Explodes":
            raise terms.Fault("This one explodes.")
        one = known.get(about(row))
        kind = VerdictKind.NEW if one is None else VerdictKind.CHANGED
        if one is None:
            one = OrganisationName(
                organisation=row.values["body"], name=row.values["alias"], kind=NameKind.ALIAS
            )
        one.valid_from = row.values["since"]
        one.save()
        made.append(Outcome(kind))
    return made


PURPOSE = Purpose(
    key=KEY,
    title="Other names of organisations",
    intro="What bodies are called beside their official name.",
    columns=(
        Column(
            "body",
            "Organisation",
            terms.text(at_most=300),
            is_required=True,
            aliases=("Institution", "Hospital"),
            look_up=find_bodies,
            unknown="no organisation is called '{value}'.",
        ),
        Column("alias", "Other name", terms.text(at_most=300), is_required=True),
        Column("since", "Since", terms.date(), hint="The first day on which it was called so"),
        Column("beds", "Beds", terms.integer(least=0)),
    ),
    may=lambda user: user.is_authenticated and user.email.startswith("nadia"),
    check=check,
    take=take,
    row_key=lambda values: f"{values['body'].pk} {values['alias']}",
)
ROLE = Role.COORDINATING_ANALYST

"""Whether a package is complete enough to be sent, and whether its sponsors and sites make sense."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import SubmissionKind

MOST_NAMED = 6


class IncompleteRefused(SubmissionRefused):
    """A package that lacks what its checklist asks for."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a checklist: whether it is asked for, whether it is there or said not to apply."""

    label: str
    is_required: bool
    n_versions: int
    not_applicable_reason: str = ""

    @property
    def is_answered(self) -> bool:
        return self.n_versions > 0 or bool(self.not_applicable_reason)


def missing(lines: Sequence[Line]) -> list[str]:
    """Return the labels of what is asked for and neither there nor said not to apply."""
    return [one.label for one in lines if one.is_required and not one.is_answered]


def check_complete(lines: Sequence[Line]) -> None:
    """Refuse a package whose checklist is not answered.

    :raises IncompleteRefused: naming what is missing
    """
    lacking = missing(lines)
    if not lacking:
        return
    named = "; ".join(lacking[:MOST_NAMED])
    more = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
    raise IncompleteRefused(
        f"{len(lacking)} of the documents that are asked for "
        f"{'is' if len(lacking) == 1 else 'are'} missing: {named}{more}. Add each, or say why it "
        "does not apply."
    )


def check_sponsors(*, n_sponsors: int, n_leads: int) -> None:
    """Refuse a package without a sponsor, or of several sponsors of which none or two lead.

    Source: Health Products (Clinical Trials) Regulations 2016 reg. 4 for several sponsors with a lead.
    The rule is the same wherever several may stand behind a trial (ICH E6(R3) 3.1).

    :raises SubmissionRefused: saying what to name
    """
    if n_sponsors == 0:
        raise SubmissionRefused("Name the sponsor that stands behind this submission.")
    if n_leads != 1:
        raise SubmissionRefused(
            f"{n_sponsors} sponsors stand behind this submission, and {n_leads} of them "
            f"{'leads' if n_leads == 1 else 'lead'}. Name exactly one lead sponsor."
        )


def check_covers(
    *,
    site_ids: Collection[int],
    of_study: Collection[int],
    per_investigator: bool,
    investigator: str,
) -> None:
    """Refuse sites of another study, and a package for one investigator that names none.

    :raises SubmissionRefused: saying what to mend
    """
    if strange := set(site_ids) - set(of_study):
        raise SubmissionRefused(
            f"{len(strange)} of the sites are not sites of this study. Choose among its own."
        )
    if per_investigator and not investigator.strip():
        raise SubmissionRefused(
            "This is sent once for each principal investigator: name the one whom it is for."
        )


def check_follows(kind: SubmissionKind, *, has_earlier: bool, is_approved: bool) -> None:
    """Refuse what follows an approval where there is none to follow.

    :raises SubmissionRefused: saying what comes first
    """
    if kind is SubmissionKind.INITIAL:
        if has_earlier:
            raise SubmissionRefused("A first application follows no earlier one.")
        return
    if not has_earlier:
        raise SubmissionRefused(
            f"{kind.label} follows a first application to the same body. Name it; where it was made "
            "elsewhere, record it by hand first."
        )
    if not is_approved:
        raise SubmissionRefused(
            f"{kind.label} follows what the body approved; the first application is not approved. "
            "Change that one instead."
        )

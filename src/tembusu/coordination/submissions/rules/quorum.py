"""Whether a board may decide an item, and what its votes come to.

Quorum and composition are judged for each item, not for each meeting: a member who declared an interest
leaves for that item, takes no part in its vote and is not counted. Which numbers and seats are asked for
is the jurisdiction pack's; that interests and recusals are recorded is asked by Human Biomedical
Research Regulations 2017, reg. 11, and ICH E6(R3) 1.2.
"""

from collections.abc import Collection, Mapping, Sequence

from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import (
    Choice,
    Member,
    Outcome,
    Quorum,
    QuorumRule,
    SeatKind,
    Tally,
)


class QuorumRefused(SubmissionRefused):
    """A vote or a decision without enough members, or without the members that the rule names."""


class VoteRefused(SubmissionRefused):
    """A vote by somebody who does not take part in the item."""


def judge(rule: QuorumRule, *, present: Sequence[Member], with_interest: Collection[int]) -> Quorum:
    """Return whether enough members take part in an item, and what is missing.

    :param present: the members who attend the meeting
    :param with_interest: keys of members who declared an interest in this item: they leave for it
    """
    left = [one for one in present if one.key in with_interest]
    taking = [one for one in present if one.key not in with_interest]
    missing = []
    if len(taking) < rule.n_members:
        short = rule.n_members - len(taking)
        missing.append(
            f"{len(taking)} of at least {rule.n_members} members take part: {short} more "
            f"{'is' if short == 1 else 'are'} needed."
        )
    if rule.needs_chair and not any(one.is_chair for one in taking):
        missing.append("Nobody takes the chair: name a member who is present and has no interest.")
    missing += [line for seat in rule.each_of if (line := _lacking(seat, taking))]
    if rule.one_of and not any(_is_taken(seat, taking) for seat in rule.one_of):
        missing.append(f"One of these must take part: {'; '.join(s.says for s in rule.one_of)}.")
    return Quorum(
        n_taking_part=len(taking),
        n_members=rule.n_members,
        missing=tuple(missing),
        left=tuple(one.name for one in left),
    )


def _is_taken(seat: SeatKind, taking: Sequence[Member]) -> bool:
    return sum(map(seat.holds, taking)) >= seat.n


def _lacking(seat: SeatKind, taking: Sequence[Member]) -> str:
    if _is_taken(seat, taking):
        return ""
    n = sum(map(seat.holds, taking))
    return f"{seat.says[:1].upper()}{seat.says[1:]} is missing ({n} of {seat.n})."


def composition(rule: QuorumRule, members: Sequence[Member], *, n_least: int) -> list[str]:
    """Return what a board lacks in its own composition, whoever attends.

    :param members: all who sit on it now
    :param n_least: of how many members it is made at least
    """
    lacking = [line for seat in rule.each_of if (line := _lacking(seat, members))]
    if len(members) < n_least:
        lacking.insert(0, f"The board has {len(members)} members; at least {n_least} are needed.")
    return lacking


def check_quorum(quorum: Quorum) -> None:
    """Refuse a vote or decision without quorum.

    :raises QuorumRefused: naming all that is missing
    """
    if not quorum.is_met:
        raise QuorumRefused(
            f"There is no quorum for this item. {' '.join(quorum.missing)} "
            "Put the item off to the next meeting, or wait for the members."
        )


def check_may_vote(key: int, *, present: Sequence[Member], with_interest: Collection[int]) -> None:
    """Refuse the vote of somebody who is not present or has an interest.

    :raises VoteRefused: saying why
    """
    if key not in {one.key for one in present}:
        raise VoteRefused("Only members who are recorded as present vote. Ask the secretary.")
    if key in with_interest:
        raise VoteRefused(
            "You declared an interest in this item: you leave for it, and don’t vote on it."
        )


def tally(votes: Mapping[int, Choice], *, taking_part: Collection[int]) -> Tally:
    """Count the votes of those who take part; others' votes, cast before they left, don't count."""
    counted = [choice for key, choice in votes.items() if key in taking_part]
    return Tally(
        n_approve=counted.count(Choice.APPROVE),
        n_ask=counted.count(Choice.ASK),
        n_refuse=counted.count(Choice.REFUSE),
        n_abstain=counted.count(Choice.ABSTAIN),
    )


def carried(votes: Tally) -> Choice | None:
    """Return what more than half of the votes that decide were for; None without a majority."""
    n = votes.n_approve + votes.n_ask + votes.n_refuse
    for choice, count in (
        (Choice.APPROVE, votes.n_approve),
        (Choice.ASK, votes.n_ask),
        (Choice.REFUSE, votes.n_refuse),
    ):
        if 2 * count > n:
            return choice
    return None


def check_decision(outcome: Outcome, *, votes: Tally, n_taking_part: int) -> None:
    """Refuse a chair's decision that the votes do not carry.

    :raises QuorumRefused: while fewer than half of those who take part voted
    :raises VoteRefused: where the majority is for something else
    """
    if 2 * votes.n_cast < n_taking_part or votes.n_cast == 0:
        raise QuorumRefused(
            f"{votes.n_cast} of {n_taking_part} members voted. At least half of those who take part "
            "must vote before the chair confirms the decision."
        )
    wanted = Choice.REFUSE if outcome is Outcome.REFUSED else Choice.APPROVE
    majority = carried(votes)
    if majority is not wanted:
        found = f"is for “{majority.label}”" if majority else "is for nothing"
        raise VoteRefused(
            f"The majority {found} ({votes.n_approve} approve, {votes.n_ask} ask, {votes.n_refuse} "
            f"refuse, {votes.n_abstain} abstain): it does not carry “{outcome.label}”."
        )

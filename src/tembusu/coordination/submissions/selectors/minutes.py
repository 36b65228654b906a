"""The first draft of a meeting's minutes, made from what was recorded."""

from tembusu.coordination.submissions.models import AgendaItem, Meeting
from tembusu.coordination.submissions.rules.dates import said
from tembusu.coordination.submissions.selectors import boards, packages
from tembusu.coordination.submissions.terms import Member, Outcome


def draft(meeting: Meeting) -> str:
    """Return the minutes of a meeting as a first text that its secretary goes on with."""
    there = boards.present(meeting)
    keys = {one.key for one in there}
    away = [one for one in boards.members(meeting.board, meeting.held_date) if one.key not in keys]
    place = f", {meeting.place}" if meeting.place else ""
    lines = [
        f"{meeting.board.name}",
        f"Meeting of {said(meeting.held_date)}{place}",
        "",
        f"In the chair: {meeting.chair.full_name if meeting.chair else 'nobody'}",
        f"Present: {_names(there) or 'nobody'}",
    ]
    if away:
        lines.append(f"Apologies: {_names(away)}")
    for item in boards.agenda(meeting):
        lines += ["", *_item(item)]
    return "\n".join(lines)


def _names(found: list[Member]) -> str:
    return "; ".join(
        f"{one.name} ({', '.join(sorted(one.qualities))}{', external' if one.is_external else ''})"
        if one.qualities
        else one.name
        for one in found
    )


def _item(item: AgendaItem) -> list[str]:
    submission = item.submission
    title = getattr(getattr(submission.study, "index", None), "title", "")
    lines = [f"{item.position}. {submission.number}: {title} ({submission.study.number})"]
    for one in sorted(submission.interests.all(), key=lambda each: each.person.full_name):
        if one.has_interest:
            lines.append(
                f"Interest: {one.person.full_name} ({one.nature}) left for this item and did not vote."
            )
    if item.quorum_found:
        lines.append(f"Taking part: {item.quorum_found['taking_part']} members.")
    if item.discussion:
        lines.append(item.discussion)
    lines.append(f"Decision: {_decision(item)}")
    return lines


def _decision(item: AgendaItem) -> str:
    if item.is_put_off:
        return "put off to a later meeting."
    n = item.votes_counted
    votes = (
        f"{n['approve']} approve, {n['ask']} ask, {n['refuse']} refuse, {n['abstain']} abstain"
        if n
        else "no votes"
    )
    if item.is_asked:
        return f"the applicant is asked before the board decides ({votes})."
    decision = packages.decision_of(item.submission)
    word = Outcome(item.outcome).label.lower() if item.outcome else "none"
    text = f"{word} ({votes})."
    conditions = decision.conditions.order_by("number") if decision else []
    return " ".join([text, *(f"Condition {one.number}: {one.text}" for one in conditions)])

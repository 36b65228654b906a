"""Synthetic submissions on the demonstration's studies, made through the room's own actions.

One board works here, with members, a meeting that was held and one that is planned; the regulator keeps
its own system, so its outcomes are mirrors. Decisions are without legal effect.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.registry.selectors import search, studies
from tembusu.coordination.registry.selectors import sites as registry_sites
from tembusu.coordination.submissions import actions
from tembusu.coordination.submissions.models import BodyDesk, Meeting, Submission
from tembusu.coordination.submissions.rules.mirror import Mirrored
from tembusu.coordination.submissions.selectors import boards, minutes, pack
from tembusu.coordination.submissions.terms import (
    Answer,
    Asked,
    Choice,
    LetterKind,
    Outcome,
    Package,
    Stop,
    SubmissionKind,
)
from tembusu.foundation.people import actions as people_actions
from tembusu.foundation.people import demo as people
from tembusu.foundation.people import selectors as bodies
from tembusu.foundation.people.terms import Role

BOARD, REGULATOR = "Meranti Ethics Board", "Medicines and Devices Authority"
SEATS: Sequence[tuple[str, tuple[str, ...], bool]] = (
    ("Dr Adaeze Nwosu", ("medical",), False),
    ("Ong Boon Keng", ("scientific",), True),
    ("Dr Foo Mei Lin", ("medical", "scientific"), False),
    ("Ravi Subramaniam", ("lay",), True),
    ("Quek Hui Min", ("legal",), False),
    ("Nora Abdullah", ("lay", "community"), True),
)
N_OF_SPONSOR = 9  # studies of each sponsor that submit
QUERY = "Justify the dose for participants over 65, and say who reviews safety between the visits."
REPLY = "The dose was lowered in version 2.0 of the protocol; the safety committee meets monthly."
CONDITION = "Send the consent form in the languages of all sites before the first participant."


@dataclass(frozen=True, slots=True)
class Stage:
    """Who acts in the demonstration, and its present."""

    at: datetime
    board: Any
    regulator: Any
    secretary: Any
    chair: Any

    def then(self, days: int, hour: int = 0) -> datetime:
        """Return the moment so many days ago."""
        return self.at - timedelta(days=days) + timedelta(hours=hour)

    def on(self, days: int) -> date:
        return localdate(self.then(days))


def is_loaded() -> bool:
    return Submission.objects.exists()


def load(at: datetime) -> None:
    """Make submissions of two sponsors' studies, unless there are some."""
    if is_loaded():
        return
    stage = _stage(at)
    _open_board(stage)
    made = []
    for sponsor, name in (
        ("Damar Therapeutics", "Ines Duarte"),
        ("Sena Biologics", "Koh Jun Hao"),
    ):
        body = bodies.find_by_name(None, sponsor)[0]
        manager = _person(name)
        made += [(study, body, manager) for study in _studies_of(body, N_OF_SPONSOR)]
    for no, (study, body, manager) in enumerate(made):
        WAYS[no % len(WAYS)](stage, study, body, manager)
        _to_regulator(stage, study, body, manager, no)
    _held_meeting(stage)
    _planned_meeting(stage)


def figures() -> dict[str, int]:
    """Return what was made, for the line that the demo prints."""
    return {"submissions": Submission.objects.count(), "meetings": Meeting.objects.count()}


def _person(name: str) -> Any:
    player = next(one for one in people.PEOPLE if one.name == name)
    found = bodies.person_by_email(player.email)
    if found is None:
        raise LookupError(f"The demonstration has no {name}: load its people first.")
    return found


def _stage(at: datetime) -> Stage:
    return Stage(
        at=at,
        board=bodies.find_by_name(None, BOARD)[0],
        regulator=bodies.find_by_name(None, REGULATOR)[0],
        secretary=people.person_as(Role.BOARD_SECRETARY),
        chair=people.person_as(Role.BOARD_CHAIR),
    )


def _open_board(stage: Stage) -> None:
    """Let the board work here, and say for what each member sits."""
    then = stage.then(395)
    if not BodyDesk.objects.filter(body=stage.board).exists():
        actions.keep_body_desk(
            body=stage.board, works_here=True, system="", approval_months=12, by=None, at=then
        )
    for name, qualities, is_external in SEATS:
        actions.seat_member(
            board=stage.board,
            person=_person(name),
            qualities=qualities,
            is_external=is_external,
            from_date=localdate(then),
            by=None,
            at=then,
        )


def _studies_of(sponsor: Any, n: int) -> list[Any]:
    """Return studies that name a sponsor, with sites here; those that came in from a registry are put
    below it, so that its people work with them."""
    lead = people.person_as(Role.COORDINATING_LEAD)
    rows = search.visible_index(lead).filter(sponsor_name=sponsor.name).order_by("pk")
    found = []
    for pk in rows.values_list("pk", flat=True):
        study = studies.get_study(lead, pk)
        if not registry_sites.list_sites(study).exists():
            continue
        if study.scope.parent_id is None:
            people_actions.move_scope(scope=study.scope, parent=sponsor.scope)
        found.append(study)
        if len(found) == n:
            break
    bodies.forget(lead)
    return found


# -- packages -------------------------------------------------------------------------------------


def _sent(
    stage: Stage, study: Any, sponsor: Any, by: Any, days: int, body: Any, **more: Any
) -> Submission:
    """Begin a package, add its documents and send it so many days ago."""
    made = _begun(stage, study, sponsor, by, days + 6, body, **more)
    for line in made.documents.filter(is_required=True):
        _attach(stage, made, line, by, days + 3)
    return actions.submit_submission(submission=made, on=stage.on(days), by=by, at=stage.then(days))


def _begun(
    stage: Stage, study: Any, sponsor: Any, by: Any, days: int, body: Any, **more: Any
) -> Submission:
    kind = more.get("kind", SubmissionKind.INITIAL)
    obligation = more.get("obligation", pack.ETHICS)
    site_ids = [one.pk for one in registry_sites.list_sites(study)][:4]
    package = Package(
        body_id=body.pk,
        kind=kind,
        obligation=obligation,
        label=more.get("label", "Ethics review"),
        clock_key=more.get("clock_key", ""),
        site_ids=site_ids,
        sponsor_ids=[sponsor.pk],
        investigator_name="Dr Farah Osman" if obligation == "CTC" else "",
        per_investigator=obligation == "CTC",
    )
    return actions.start_submission(
        study=study,
        package=package,
        documents=pack.documents(obligation, kind, stage.on(days)),
        earlier=more.get("earlier"),
        by=by,
        at=stage.then(days),
    )


def _attach(stage: Stage, made: Submission, line: Any, by: Any, days: int) -> None:
    text = f"Synthetic document for demonstrations.\n{line.label}\nVersion 1.0\n{made.number}\n"
    actions.add_document(
        submission=made,
        key=line.key,
        label="",
        source=io.BytesIO(text.encode()),
        name=f"{line.key}.txt",
        version_label="1.0",
        version_date=stage.on(days + 10),
        note="",
        by=by,
        at=stage.then(days),
    )


def _in_review(
    stage: Stage, study: Any, sponsor: Any, by: Any, days: int, *, meets: bool
) -> Submission:
    """Return a package that the board received two days after it was sent and sent to review."""
    made = _sent(stage, study, sponsor, by, days, stage.board)
    made = actions.receive_submission(
        submission=made, on=stage.on(days - 2), by=stage.secretary, at=stage.then(days - 2)
    )
    ways = pack.reviews(stage.on(days - 2), stage.board.pk)
    way = next(
        (one for one in ways if one.needs_meeting is meets and "exempt" not in one.key), ways[0]
    )
    return actions.choose_review(
        submission=made,
        way=way.key,
        needs_meeting=way.needs_meeting,
        reason="",
        on=stage.on(days - 4),
        by=stage.secretary,
        at=stage.then(days - 4),
    )


def _asked(stage: Stage, made: Submission, days: int) -> None:
    actions.raise_queries(
        submission=made,
        text=QUERY,
        due_date=stage.on(days - 14),
        on=stage.on(days),
        by=stage.secretary,
        at=stage.then(days),
    )


def _answered(stage: Stage, made: Submission, by: Any, days: int) -> None:
    actions.answer_queries(
        submission=made, answer=REPLY, on=stage.on(days), by=by, at=stage.then(days)
    )


def _decided(stage: Stage, made: Submission, days: int, *, valid_days: int, **more: Any) -> None:
    last = stage.on(days) + timedelta(days=valid_days)
    outcome = more.get("outcome", Outcome.APPROVED)
    actions.decide_submission(
        submission=made,
        answer=Answer(
            outcome=outcome,
            on=stage.on(days),
            conditions=more.get("conditions", ()),
            valid_from=stage.on(days),
            valid_to=last,
            renewal_due=pack.renewal_due(pack.ETHICS, last, stage.on(days)),
        ),
        by=stage.chair,
        at=stage.then(days),
    )
    letter = actions.write_letter(
        submission=Submission.objects.get(pk=made.pk),
        kind=LetterKind.APPROVAL,
        by=stage.secretary,
        at=stage.then(days, 2),
    )
    actions.send_letter(letter=letter, by=stage.secretary, at=stage.then(days, 3))


# -- what becomes of packages to the board --------------------------------------------------------

Way = Callable[[Stage, Any, Any, Any], None]


def _approved_long_ago(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    made = _in_review(stage, study, sponsor, by, 330, meets=False)
    _decided(stage, made, 305, valid_days=364)


def _approved_with_conditions(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    made = _in_review(stage, study, sponsor, by, 140, meets=False)
    _asked(stage, made, 128)
    _answered(stage, made, by, 117)
    _decided(
        stage, made, 108, valid_days=364, outcome=Outcome.APPROVED_WITH_CONDITIONS,
        conditions=[Asked(CONDITION, stage.on(-21)), Asked("Report the first ten participants.")],
    )  # fmt: skip


def _before_the_meeting(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    _in_review(stage, study, sponsor, by, 85, meets=True)


def _queried(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    made = _in_review(stage, study, sponsor, by, 30, meets=False)
    _asked(stage, made, 9)


def _just_received(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    made = _sent(stage, study, sponsor, by, 6, stage.board)
    actions.receive_submission(
        submission=made, on=stage.on(4), by=stage.secretary, at=stage.then(3)
    )


def _just_sent(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    _sent(stage, study, sponsor, by, 2, stage.board)


def _for_the_next_meeting(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    _in_review(stage, study, sponsor, by, 24, meets=True)


def _amended(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    first = _in_review(stage, study, sponsor, by, 280, meets=False)
    _decided(stage, first, 262, valid_days=364)
    made = _begun(
        stage, study, sponsor, by, 20, stage.board, kind=SubmissionKind.AMENDMENT, earlier=first
    )
    criteria = pack.amendment_rules(stage.on(20)).criteria
    actions.classify_amendment(
        submission=made,
        is_substantial=bool(criteria),
        reasons=[one.key for one in criteria[:1]],
        why="A third arm is added, which changes how the trial is conducted.",
        is_urgent_safety=False,
        by=by,
        at=stage.then(19),
    )
    for line in made.documents.filter(is_required=True):
        _attach(stage, made, line, by, 18)
    actions.submit_submission(submission=made, on=stage.on(17), by=by, at=stage.then(15))


def _withdrawn(stage: Stage, study: Any, sponsor: Any, by: Any) -> None:
    made = _in_review(stage, study, sponsor, by, 70, meets=False)
    actions.withdraw_submission(
        submission=made,
        reason="The compound was given up for reasons of supply.",
        on=stage.on(55),
        by=by,
        at=stage.then(54),
    )


WAYS: Sequence[Way] = (
    _before_the_meeting,
    _approved_long_ago,
    _queried,
    _before_the_meeting,
    _approved_with_conditions,
    _just_sent,
    _before_the_meeting,
    _for_the_next_meeting,
    _amended,
    _just_received,
    _for_the_next_meeting,
    _withdrawn,
)


# -- the regulator, which keeps its own system ----------------------------------------------------


def _to_regulator(stage: Stage, study: Any, sponsor: Any, by: Any, no: int) -> None:
    """Send an application to the regulator, and mirror what its system says of it so far."""
    kind, label = (
        ("CTA", "Clinical trial authorisation (CTA)"),
        ("CTN", "Clinical trial notification (CTN)"),
    )[no % 2]
    if no % 6 == 5:
        _begun(
            stage,
            study,
            sponsor,
            by,
            8,
            stage.regulator,
            obligation=kind,
            label=label,
            clock_key=kind,
        )
        return
    days = 60 + 9 * no
    made = _sent(
        stage,
        study,
        sponsor,
        by,
        days,
        stage.regulator,
        obligation=kind,
        label=label,
        clock_key=kind,
    )
    says: dict[str, Any] = {"received": stage.on(days - 1)}
    if no % 3 == 0:
        says["stops"] = (Stop(stage.on(days - 12), stage.on(days - 23)),)
    if no % 6 == 1:
        says["stops"] = (Stop(stage.on(days - 15), None),)
    elif no % 6 != 2:
        says |= {"outcome": Outcome.APPROVED, "decided": stage.on(days - 44)}
        says |= {"valid_from": stage.on(days - 44)}
    actions.record_outcome(
        submission=made,
        says=Mirrored(f"MDA-{stage.on(days).year}-{1100 + no}", **says),
        by=by,
        at=stage.then(max(days - 46, 1)),
    )


# -- meetings -------------------------------------------------------------------------------------


def _held_meeting(stage: Stage) -> None:
    """Hold a meeting on which one is approved, one asked and one refused, with its minutes."""
    days = 40
    meeting = actions.plan_meeting(
        board=stage.board,
        held_date=stage.on(days),
        cut_off_date=stage.on(days + 14),
        place="Seminar room 4",
        by=stage.secretary,
        at=stage.then(90),
    )
    waiting = [
        one
        for one in boards.waiting_for_agenda(stage.board)
        if one.received_date and one.received_date <= meeting.cut_off_date
    ]
    items = actions.put_on_agenda(
        meeting=meeting, submissions=waiting, by=stage.secretary, at=stage.then(days + 10)
    )
    members = [_person(name) for name, _, _ in SEATS]
    actions.record_attendance(
        meeting=meeting,
        present_ids=[one.pk for one in members[:6]],
        chair_id=stage.chair.pk,
        by=stage.secretary,
        at=stage.then(days),
    )
    for no, item in enumerate(items):
        _debate(stage, item, no, members, days)
    meeting.refresh_from_db()
    draft = actions.close_meeting(
        meeting=meeting, minutes=minutes.draft(meeting), by=stage.secretary, at=stage.then(days, 4)
    )
    text = actions.edit_minutes(
        minutes=draft,
        body=f"{draft.body}\n\nThe meeting ended at 16:40.",
        revision=1,
        by=stage.secretary,
        at=stage.then(days - 3),
    )
    actions.approve_minutes(
        minutes=text, revision=text.revision, by=stage.chair, at=stage.then(days - 5)
    )


def _debate(stage: Stage, item: Any, no: int, members: Sequence[Any], days: int) -> None:
    """Let the members declare, vote and decide: approve, ask, refuse, in turn."""
    way = (Choice.APPROVE, Choice.ASK, Choice.APPROVE, Choice.REFUSE)[no % 4]
    voters = []
    for place, one in enumerate(members):
        has_interest = no == 0 and place == 4
        actions.declare_interest(
            submission=item.submission,
            has_interest=has_interest,
            nature="Advised the sponsor on contracts last year" if has_interest else "",
            by=one,
            at=stage.then(days, 1),
        )
        voters += [] if has_interest else [one]
    for place, one in enumerate(voters):
        choice = Choice.ABSTAIN if place == 3 else way
        actions.cast_vote(item=item, choice=choice, by=one, at=stage.then(days, 2))
    said = "The members discussed the risk to participants, the consent form and who pays."
    at, on = stage.then(days, 3), stage.on(days)
    if way is Choice.ASK:
        actions.ask_from_meeting(
            item=item,
            text=QUERY,
            due_date=on + timedelta(days=60),
            discussion=said,
            by=stage.chair,
            at=at,
        )
        return
    answer = Answer(Outcome.REFUSED, on, "The control arm is not the standard of care.")
    if way is Choice.APPROVE:
        last = on + timedelta(days=364)
        answer = Answer(
            Outcome.APPROVED, on, valid_from=on, valid_to=last,
            renewal_due=pack.renewal_due(pack.ETHICS, last, on),
        )  # fmt: skip
    actions.confirm_decision(item=item, answer=answer, discussion=said, by=stage.chair, at=at)


def _planned_meeting(stage: Stage) -> None:
    """Plan the next meeting, with an agenda for what came in time."""
    today = localdate(stage.at)
    meeting = actions.plan_meeting(
        board=stage.board,
        held_date=today + timedelta(days=9),
        cut_off_date=today - timedelta(days=5),
        place="Seminar room 4",
        by=stage.secretary,
        at=stage.then(8),
    )
    waiting = [
        one
        for one in boards.waiting_for_agenda(stage.board)
        if one.received_date and one.received_date <= meeting.cut_off_date
    ]
    actions.put_on_agenda(
        meeting=meeting, submissions=waiting[:1], by=stage.secretary, at=stage.then(2)
    )
    reader = people.person_as(Role.BOARD_MEMBER)
    for one in waiting[:1]:
        actions.assign_reviewer(
            submission=one,
            reviewer=reader,
            due_date=today + timedelta(days=6),
            by=stage.secretary,
            at=stage.then(2),
        )

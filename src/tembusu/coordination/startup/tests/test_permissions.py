"""Who may do what to a study-site, role by role: each act is refused to all the others."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.terms import PathState
from tembusu.coordination.startup.tests.conftest import AT

JAN10, FEB1 = date(2026, 1, 10), date(2026, 2, 1)
ROLES = (
    "investigator", "coordinator", "representative", "neighbour", "cluster", "sponsor", "rival",
    "monitor", "analyst", "lead", "administrator", "nobody",
)  # fmt: skip
RECORDERS = (
    "investigator", "coordinator", "representative", "cluster", "sponsor", "analyst", "lead",
)  # fmt: skip
MAY = {
    "select": ("neighbour", "sponsor", "analyst", "lead"),
    "complete": RECORDERS,
    "hold": RECORDERS,
    "drop": RECORDERS,
    "reopen": RECORDERS,
    "leave": ("investigator", "representative", "cluster", "sponsor", "analyst", "lead"),
    "reinstate": ("investigator", "representative", "cluster", "sponsor", "analyst", "lead"),
    "escalate": ("analyst", "lead"),
    "delegate": ("investigator", "coordinator"),
    "sign": ("investigator",),
}
TABLE = [
    pytest.param(act, who, who in may, id=f"{act}-{who}")
    for act, may in MAY.items()
    for who in ROLES
]


@pytest.fixture
def act(path, study, bodies, cast, version):
    """Do one act in somebody's name: ``act("leave", cast.sponsor)``; what comes before is done."""

    def select(**by):
        return actions.select_site(
            study=study, organisation=bodies.kempas, selected_date=JAN10, version=version, **by
        )

    def complete(**by):
        return actions.complete_milestone(path=path, key="confirmed", day=JAN10, **by)

    def hold(**by):
        return actions.hold_milestone(
            path=path, key="confirmed", waiting_on="sponsor", reason_code="answer",
            start_date=JAN10, **by,
        )  # fmt: skip

    def drop(**by):
        return actions.drop_milestone(path=path, key="authorised", reason="Not for us", **by)

    def reopen(**by):
        drop(by=None, at=AT)
        return actions.reopen_milestone(path=path, key="authorised", reason="For us", **by)

    def leave(**by):
        to = PathState.WITHDRAWN
        return actions.leave_path(path=path, to=to, day=FEB1, reason="No staff", **by)

    def reinstate(**by):
        leave(by=None, at=AT)
        return actions.reinstate_path(path=path, reason="Staff came", **by)

    def escalate(**by):
        return actions.escalate(
            path=path, to_person=cast.representative, question="When?",
            reply_by=date(2027, 1, 1), **by,
        )  # fmt: skip

    def delegate(**by):
        return actions.record_delegation(
            path=path, person=cast.coordinator, tasks=["essential_records"], start_date=JAN10, **by
        )

    def sign(**by):
        row = delegate(by=cast.investigator, at=AT)
        return actions.sign_delegation(delegation=row, override="Supervised", **by)

    acts = (select, complete, hold, drop, reopen, leave, reinstate, escalate, delegate, sign)
    known = {one.__name__: one for one in acts}
    assert sorted(known) == sorted(MAY)
    return lambda name, person: known[name](by=person, at=AT)


@pytest.mark.parametrize(("name", "who", "may"), TABLE)
def test_an_act_is_done_by_some_and_refused_to_all_others(act, path, cast, name, who, may):
    if may:
        assert act(name, getattr(cast, who)) is not None
        return
    with pytest.raises(PermissionDenied):
        act(name, getattr(cast, who))
    assert SitePathway.objects.get().pk == path.pk

"""The tables of moves: of a milestone, of a study-site's pathway, of a pathway's version."""

from collections.abc import Mapping

from tembusu.coordination.startup.terms import MilestoneState, PathState, VersionState

# A hold ends by resuming (back to where it was), by completing, or by falling away.
MILESTONE_MOVES: Mapping[MilestoneState, frozenset[MilestoneState]] = {
    MilestoneState.NOT_STARTED: frozenset(
        {
            MilestoneState.STARTED,
            MilestoneState.ON_HOLD,
            MilestoneState.COMPLETED,
            MilestoneState.NOT_APPLICABLE,
        }
    ),
    MilestoneState.STARTED: frozenset(
        {MilestoneState.ON_HOLD, MilestoneState.COMPLETED, MilestoneState.NOT_APPLICABLE}
    ),
    MilestoneState.ON_HOLD: frozenset(
        {
            MilestoneState.NOT_STARTED,
            MilestoneState.STARTED,
            MilestoneState.COMPLETED,
            MilestoneState.NOT_APPLICABLE,
        }
    ),
    MilestoneState.COMPLETED: frozenset({MilestoneState.STARTED}),
    MilestoneState.NOT_APPLICABLE: frozenset({MilestoneState.NOT_STARTED, MilestoneState.STARTED}),
}

# Withdrawn and stopped are ends that somebody may take back: a site is reinstated.
PATH_MOVES: Mapping[PathState, frozenset[PathState]] = {
    PathState.UNDER_WAY: frozenset({PathState.OPEN, PathState.WITHDRAWN, PathState.STOPPED}),
    PathState.OPEN: frozenset({PathState.UNDER_WAY, PathState.WITHDRAWN, PathState.STOPPED}),
    PathState.WITHDRAWN: frozenset({PathState.UNDER_WAY, PathState.OPEN}),
    PathState.STOPPED: frozenset({PathState.UNDER_WAY, PathState.OPEN}),
}

VERSION_MOVES: Mapping[VersionState, frozenset[VersionState]] = {
    VersionState.PROPOSED: frozenset({VersionState.IN_FORCE, VersionState.DECLINED}),
    VersionState.IN_FORCE: frozenset({VersionState.REPLACED}),
    VersionState.REPLACED: frozenset(),
    VersionState.DECLINED: frozenset(),
}

"""Which state of a proposal may follow which."""

from tembusu.foundation.jurisdictions.terms import ProposalState

PROPOSAL_MOVES = {
    ProposalState.OPEN: frozenset(
        {ProposalState.ACCEPTED, ProposalState.DECLINED, ProposalState.OVERTAKEN}
    ),
    ProposalState.ACCEPTED: frozenset(),
    ProposalState.DECLINED: frozenset(),
    ProposalState.OVERTAKEN: frozenset(),
}

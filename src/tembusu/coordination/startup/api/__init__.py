"""Start-up for programs: read how study-sites stand, and record what happened to a milestone.

Every call acts as the token's person: what they may not see is 404, and each move goes through the same
action as its button on the study-site's page, with the same refusals.
"""

from ninja import Router

from tembusu.coordination.startup.api import moves, sites

__all__ = ["router"]

router = Router(tags=["startup"])
router.add_router("", sites.router)
router.add_router("", moves.router)

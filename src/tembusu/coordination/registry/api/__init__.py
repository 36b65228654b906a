"""The registry's part of the API: find studies, read one, send records, see what became of them.

Every call acts as the token's person: what they may not see is 404, and writes go through the same
actions as the screens. The search takes the same words as the address of the portfolio.
"""

from ninja import Router

from tembusu.coordination.registry.api import imports, studies
from tembusu.coordination.registry.api.calls import IMPORTS, READS

__all__ = ["IMPORTS", "READS", "router"]

router = Router(tags=["registry"])
router.add_router("", studies.router)
router.add_router("", imports.router)

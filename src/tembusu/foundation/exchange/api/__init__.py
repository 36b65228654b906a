"""Exchange for programs: send an extract, see what became of it, send signed events."""

from ninja import Router

from tembusu.foundation.exchange.api import extracts, hooks

__all__ = ["router"]

router = Router(tags=["exchange"])
router.add_router("", extracts.router)
router.add_router("", hooks.router)

"""The pack that this deployment uses: as its database holds it; before that, as its file has it."""

from datetime import date

from django.conf import settings

from tembusu.foundation.jurisdictions.rules import files, periods
from tembusu.foundation.jurisdictions.terms import Pack


def all_periods() -> Pack:
    """Return the pack with every period of every item."""
    return files.read(settings.TEMBUSU_JURISDICTION)


def pack(on: date) -> Pack:
    """Return the pack as it holds on a day."""
    return periods.on(all_periods(), on)

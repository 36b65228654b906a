"""What people type in start-up."""

from tembusu.coordination.startup.forms.moves import (
    FORMS,
    LeaveForm,
    ReasonForm,
    SelectForm,
    VersionForm,
)
from tembusu.coordination.startup.forms.pathways import DecideForm

__all__ = ["FORMS", "DecideForm", "LeaveForm", "ReasonForm", "SelectForm", "VersionForm"]

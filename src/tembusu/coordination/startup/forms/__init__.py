"""What people type in start-up."""

from tembusu.coordination.startup.forms.moves import FORMS, LeaveForm, ReasonForm, SelectForm

__all__ = ["FORMS", "LeaveForm", "ReasonForm", "SelectForm"]

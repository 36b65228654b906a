"""States of an extract, and how its columns were found."""

from tembusu.foundation.core.states import State


class ExtractState(State):
    """Where an extract stands on its way from a file to records."""

    SENT = "sent"
    CHECKING = "checking"
    CHECKED = "checked"
    TAKING = "taking"
    STOPPED = "stopped"
    DONE = "done"
    DISCARDED = "discarded"


class MappedBy(State):
    """By what a column of the file was proposed."""

    SAVED = "saved"
    NAME = "name"
    LIKENESS = "likeness"
    NOTHING = "nothing"


class HookState(State):
    """Whether a webhook is at work. One that ended stays in the log and never comes back."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class DeliveryState(State):
    """How far the delivery of one event to one subscription has come."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"

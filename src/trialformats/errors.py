"""The one error of this package: a record or file that cannot be read, and why."""


class FormatError(ValueError):
    """A source that cannot be read.

    `reason` is a sentence a data manager can act on; `field` names the place ('' if none).
    """

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field

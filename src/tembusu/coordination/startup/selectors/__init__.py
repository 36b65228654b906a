"""Reads of start-up: ``paths``, ``cases``. Scoped to a user, but for ``cases``, which figures read."""

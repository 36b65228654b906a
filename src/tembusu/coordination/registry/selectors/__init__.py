"""Reads of the registry, always scoped to a user: ``studies``, ``search``, ``places``, ``runs``."""

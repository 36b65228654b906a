"""Writes of insight. Facts are brought in step by ``counting``, called by this room and commands."""

from tembusu.insight.actions.definitions import define_measure, seed_definitions

__all__ = ["define_measure", "seed_definitions"]

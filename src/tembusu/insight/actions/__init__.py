"""Writes of insight. Facts are brought in step by ``counting``, called by this room and commands."""

from tembusu.insight.actions.definitions import define_measure, seed_definitions
from tembusu.insight.actions.papers import ask_for_paper, keep_paper

__all__ = ["ask_for_paper", "define_measure", "keep_paper", "seed_definitions"]

"""Synthetic start-ups: live ones for the cast, and years of past ones from a documented generator."""

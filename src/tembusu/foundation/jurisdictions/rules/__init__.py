"""Decisions on packs, taken on plain values: what a pack may hold, and what follows from it."""

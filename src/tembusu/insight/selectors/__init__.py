"""Reads of insight: figures, the cases behind them, definitions, papers. Scoped to a user."""

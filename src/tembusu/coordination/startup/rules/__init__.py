"""What start-up decides, on plain values: ``plans``, ``moves``, ``dates``, ``choosing``."""

"""Who may do what in exchange."""

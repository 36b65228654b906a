"""Who may do what in startup."""

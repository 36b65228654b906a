"""Who may do what in insight."""

"""Who may do what in submissions."""

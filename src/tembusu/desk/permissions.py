"""Who may do what in desk."""

"""Who may do what in jurisdictions."""

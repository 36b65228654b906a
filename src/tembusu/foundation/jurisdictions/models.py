"""Tables of jurisdictions."""

"""The words of jurisdictions."""

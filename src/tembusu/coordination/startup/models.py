"""Tables of startup."""

"""The words of startup."""

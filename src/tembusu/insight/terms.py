"""The words of insight."""

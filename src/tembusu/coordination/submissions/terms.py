"""The words of submissions."""

"""The words of desk."""

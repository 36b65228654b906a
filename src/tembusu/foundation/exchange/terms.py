"""The words of exchange."""

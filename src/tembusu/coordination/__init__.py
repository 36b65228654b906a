"""The national coordinating body's wing."""

"""Screens of people, split by what they are about."""

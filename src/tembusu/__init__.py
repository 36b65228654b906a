"""Tembusu: one record for each clinical trial, shared by everyone who has to move it forward."""

__version__ = "0.1.0"

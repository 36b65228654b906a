"""Fixtures for every test: databases, the live site and its browser."""

pytest_plugins = ["tests.support.database", "tests.support.site", "tests.support.browser"]

"""Fixtures for every test: databases, the live site and its browser."""

from __future__ import annotations

import signal

pytest_plugins = ["tests.support.database", "tests.support.site", "tests.support.browser"]

# Whatever is started in a shell's background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: an archive's hold the hour, and two workers must agree on names."""
    return argname if isinstance(val, bytes) else None

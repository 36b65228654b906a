"""Fixtures for every test: databases, the live site and its browser."""

import signal

pytest_plugins = ["tests.support.database", "tests.support.site", "tests.support.browser"]

# Whatever is started in a shell's background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

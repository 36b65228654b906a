"""One module for each command of ``tembusu``; the table is in ``config/cli.py``."""

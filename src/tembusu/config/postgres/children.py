"""Running PostgreSQL's programs as the server's user."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tembusu.config.postgres.terms import Account


def run_as(
    account: Account,
    words: Sequence[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    apart: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account and return what it said.

    Its environment holds nothing of ours, so no ``PG*`` setting leaks in, and its working folder
    is one that every user may enter. ``apart`` takes it out of reach of the terminal's Ctrl-C.

    :raises OSError: if it cannot be run at all
    """
    return subprocess.run(  # noqa: S603 the words are ours
        words,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(environ or {})},
        user=account.uid if account.switches else None,
        group=account.gid if account.switches else None,
        extra_groups=[] if account.switches else None,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=apart,
    )

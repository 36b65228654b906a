"""``tembusu recompute-figures``: the national figures counted anew from start-up's records."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import click

from tembusu.config.application import Refused, application
from tembusu.config.commands.serve import check_in_step


@click.command(short_help="Count the national figures anew from start-up's records.")
@click.option(
    "--processes",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="How many count at the same time, each its own months.",
)
@click.option("--part", hidden=True, type=(int, int), default=None)
def recompute_figures(processes: int, part: tuple[int, int] | None) -> None:
    """Count the national figures anew from start-up's records, and keep what differs.

    Events keep the figures in step by themselves; this is for a version that counts otherwise, and to
    make sure. The last line says how many months were not what they should have been.
    """
    started = time.monotonic()
    with application():
        check_in_step()
        from django.utils import timezone

        from tembusu.insight.actions import counting

        if part is not None:
            number, of = part
            done = counting.recount(counting.months()[number::of], at=timezone.now())
            click.echo(f"{done.n_cases} {done.n_months} {done.n_changed}")
            return
        totals = _together(processes)
    took = time.monotonic() - started
    click.echo(
        f"{totals[0]:,} study-sites in {totals[1]:,} months counted in {took:.1f} s;"
        f" {totals[2]:,} months changed."
    )


def _together(processes: int) -> list[int]:
    """Count in so many processes and return their sums: study-sites, months, months that changed."""
    command = [sys.executable, "-m", "tembusu.config.cli", "recompute-figures", "--part"]
    running = [
        subprocess.Popen(  # noqa: S603 our own command, with numbers alone
            [*command, str(number), str(processes)],
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        for number in range(processes)
    ]
    said = [each.communicate()[0] for each in running]
    if any(each.returncode for each in running):
        raise Refused("counting broke off: see above. What was counted stays; run it again.")
    return [sum(column) for column in zip(*(map(int, text.split()) for text in said), strict=True)]

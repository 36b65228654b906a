"""``tembusu doctor``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from tembusu.config import health
from tembusu.config.application import application


@click.command(short_help="Say what is wrong here and how to mend it.")
@click.option("--json", "as_json", is_flag=True, help="Write the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what is wrong here and how to mend it. Exits with 1 if something is."""
    with application(needs_answer=False) as server:
        findings = health.examine(server)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        show(findings)
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


def show(findings: Sequence[health.Finding]) -> None:
    wide = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = (
            click.style("ok   ", fg="green") if finding.is_well else click.style("WRONG", fg="red")
        )
        click.echo(f"  {mark}  {finding.name:<{wide}}  {finding.told}")
        if finding.mend:
            click.echo(f"         {'':<{wide}}  to mend: {finding.mend}")
    n_wrong = sum(not finding.is_well for finding in findings)
    click.echo(
        f"{n_wrong} of {len(findings)} checks found something wrong." if n_wrong else "All well."
    )

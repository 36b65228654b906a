"""``tembusu process-report``: what a log of events says about its process. Needs no database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from trialtime.process import Conformance, Edge, Reading, Report

FILE = click.Path(path_type=Path, dir_okay=False)
SHOWN_EDGES, SHOWN_VARIANTS, SHOWN_FAULTS = 20, 10, 20
LONGEST_WAY = 12  # activities of a variant that are shown


@click.command(short_help="Say what a log of events tells about its process.")
@click.argument("path", metavar="LOG", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--case", default="case_id", show_default=True, help="Column that names the case.")
@click.option("--activity", default="activity", show_default=True, help="Column of what happened.")
@click.option("--timestamp", default="timestamp", show_default=True, help="Column of when.")
@click.option("--json", "as_json", is_flag=True, help="Print nothing but the last line.")
@click.option("--report", type=FILE, help="Write everything that was found to this file, as JSON.")
@click.option(
    "--pathway",
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    help="TOML file of what each activity needs before it: compare the log with that.",
)
@click.option("--xes", type=FILE, help="Write the log to this file as XES (IEEE 1849-2016).")
@click.option("--ocel", type=FILE, help="Write the log to this file as OCEL 2.0 (JSON).")
def process_report(
    path: Path,
    case: str,
    activity: str,
    timestamp: str,
    as_json: bool,
    report: Path | None,
    pathway: Path | None,
    xes: Path | None,
    ocel: Path | None,
) -> None:
    """Read a log of events (CSV, packed with gzip or not) and say what it tells about its process.

    Each row is an event: a case, an activity, a time. The last line is JSON: cases, events,
    activities, variants, and the median and mean days from the first to the last event of a case.
    A row that can't be read is told with its line on standard error, and the others count.
    """
    from trialtime.process import Columns, LogRefused, make_report, read_log

    needs = read_pathway(pathway) if pathway else None
    try:
        reading = read_log(path, Columns(case, activity, timestamp))
    except LogRefused as refusal:
        raise refused(str(refusal)) from refusal
    found = make_report(reading.log)
    agreement = compare(reading, needs) if needs is not None else None
    write_files(reading, found, agreement, report=report, xes=xes, ocel=ocel)
    tell_faults(reading)
    if not as_json:
        show(found, agreement)
    click.echo(json.dumps(found.summary(), separators=(",", ":")))


def refused(why: str) -> click.ClickException:
    """Return the refusal of a command; imported only now, for it loads what speaks to the database."""
    from tembusu.config.application import Refused

    return Refused(why)


def read_pathway(path: Path) -> dict[str, list[str]]:
    """Return what each activity needs: the table `needs` of a TOML file.

    :raises Refused: if it is no such file
    """
    import tomllib

    try:
        needs = tomllib.loads(path.read_text(encoding="utf-8")).get("needs")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise refused(f"{path.name} is no TOML file: {fault}.") from fault
    if not isinstance(needs, dict) or not all(
        isinstance(names, list) and all(isinstance(name, str) for name in names)
        for names in needs.values()
    ):
        raise refused(
            f"{path.name} needs a table [needs] with a line for each activity, like "
            '"Site open" = ["Contract signed", "Ethics approved"].'
        )
    return needs


def compare(reading: Reading, needs: Mapping[str, Sequence[str]]) -> Conformance:
    from trialtime.process import PathwayRefused, check_conformance

    try:
        return check_conformance(reading.log, needs)
    except PathwayRefused as refusal:
        raise refused(str(refusal)) from refusal


def write_files(
    reading: Reading,
    found: Report,
    agreement: Conformance | None,
    *,
    report: Path | None,
    xes: Path | None,
    ocel: Path | None,
) -> None:
    from trialtime.process import write_ocel, write_xes
    from trialtime.process.report import as_json

    def write_report(file: IO[bytes]) -> None:
        told = as_json(found, reading, agreement)
        file.write(json.dumps(told, ensure_ascii=False, indent=1).encode())

    for where, write in (
        (report, write_report),
        (xes, lambda file: write_xes(reading.log, file)),
        (ocel, lambda file: write_ocel(reading.log, file)),
    ):
        if where is None:
            continue
        try:
            with where.open("wb") as file:
                write(file)
        except OSError as fault:
            raise refused(f"{where} can't be written: {fault.strerror}.") from fault


def tell_faults(reading: Reading) -> None:
    for notice in reading.notices:
        click.echo(notice, err=True)
    if not reading.n_refused:
        return
    rows = "1 row was" if reading.n_refused == 1 else f"{reading.n_refused:,} rows were"
    click.echo(f"{rows} refused; the others are in the report.", err=True)
    for fault in reading.faults[:SHOWN_FAULTS]:
        click.echo(f"  {fault}", err=True)
    if reading.n_refused > SHOWN_FAULTS:
        click.echo("  … --report lists the first thousand.", err=True)


def show(report: Report, agreement: Conformance | None) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    time = report.throughput
    console.print(
        f"{report.n_cases:,} cases, {report.n_events:,} events, "
        f"{len(report.activities):,} activities, {len(report.variants):,} variants"
    )
    console.print(
        f"Days from first to last event of a case: median {_days(time.median_days)}, "
        f"mean {_days(time.mean_days)}, a quarter within {_days(time.p25_days)}, "
        f"three quarters within {_days(time.p75_days)}, longest {_days(time.longest_days)}.\n"
        "Cases still under way count as far as they came."
    )
    show_activities(console, report)
    show_edges(console, report.edges)
    show_variants(console, report)
    if agreement is not None:
        show_agreement(console, agreement)


def show_activities(console: Console, report: Report) -> None:
    _show(
        console,
        "Activities",
        ("Activity", "Events", "Cases", "First", "Last", "Cases with rework", "Directly again"),
        (
            (a.activity, a.n_events, a.n_cases, a.n_starts, a.n_ends, a.n_reworked, a.n_loops)
            for a in report.activities
        ),
    )


def show_edges(console: Console, edges: Sequence[Edge]) -> None:
    title = "What followed what"
    if len(edges) > SHOWN_EDGES:
        title += f" (the {SHOWN_EDGES} most frequent of {len(edges):,})"
    _show(
        console,
        title,
        ("From", "To", "Times", "Median days"),
        ((e.source, e.target, e.n, _days(e.median_days)) for e in edges[:SHOWN_EDGES]),
    )


def show_variants(console: Console, report: Report) -> None:
    title = "Ways through"
    if len(report.variants) > SHOWN_VARIANTS:
        title += f" (the {SHOWN_VARIANTS} most frequent of {len(report.variants):,})"
    _show(
        console,
        title,
        ("Way", "Cases", "Share"),
        (
            (_way(v.activities), v.n_cases, f"{v.n_cases / report.n_cases:.1%}")
            for v in report.variants[:SHOWN_VARIANTS]
        ),
    )


def show_agreement(console: Console, agreement: Conformance) -> None:
    fitness, fitting = agreement.fitness, agreement.fitting_fraction
    if fitness is None or fitting is None:
        console.print("\nThe log has nothing that the pathway asks about.")
        return
    console.print(
        f"\n{agreement.n_fitting:,} of {agreement.n_cases:,} cases ({fitting:.1%}) keep the pathway; "
        f"of {agreement.n_checked:,} needs checked {agreement.n_broken:,} are broken "
        f"(fitness {fitness:.4f})."
    )
    _show(
        console,
        "Broken needs",
        ("Activity", "came without, or before", "Cases", "Of these never"),
        ((b.activity, b.needs, b.n_cases, b.n_never) for b in agreement.breaches),
    )
    _show(
        console,
        "Missing and repeated",
        ("Activity of the pathway", "Cases without it", "Cases with it more than once"),
        (
            (name, n, agreement.n_repeated[name])
            for name, n in agreement.n_missing.items()
            if n or agreement.n_repeated[name]
        ),
    )
    _show(
        console,
        "Not in the pathway",
        ("Activity", "Events"),
        sorted(agreement.unknown.items()),
    )


def _show(
    console: Console, title: str, heads: Sequence[str], rows: Iterable[Sequence[str | int]]
) -> None:
    from rich.table import Table
    from rich.text import Text

    cells = [[one if isinstance(one, str) else f"{one:,}" for one in row] for row in rows]
    if not cells:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for no, head in enumerate(heads):
        is_name = no == 0 or head in {"To", "came without, or before"}
        table.add_column(head, justify="left" if is_name else "right", overflow="fold")
    for row in cells:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    console.print()
    console.print(table)


def _way(activities: Sequence[str]) -> str:
    more = len(activities) - LONGEST_WAY
    way = " → ".join(_shown(name) for name in activities[:LONGEST_WAY])
    return f"{way} → … and {more:,} more" if more > 0 else way


def _shown(text: str) -> str:
    """Return a name as a terminal may show it: no signs that steer it, and one for 'no name'."""
    return "".join(sign if sign.isprintable() else "�" for sign in text) or "(no name)"


def _days(days: float | None) -> str:
    return "not known" if days is None else f"{days:,.2f}"

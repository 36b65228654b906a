"""How fast a desk opens on which 1,000 lines lie, beside a ledger of 20,000 events.

    python bench/desk.py [--lines 1000] [--repeats 40]

Through the page that people open, with all of the application's layers; the lines come from two rooms of
the bench's own, so that the desk is measured and not what the rooms' questions cost.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import synthetic_studies
from portfolio import sign_in
from search import line, percentile

DATABASE = "tembusu_bench_desk"
TARGET = 200  # milliseconds
N_EVENTS = 20_000
PAGES = ("", "?due=overdue", "?sheet=waiting&sort=longest", "?sheet=changed", "?after=950")


def offer(n_lines: int) -> None:
    """Let two rooms offer lines to everybody, over 300 studies."""
    from tembusu.foundation.core import worklist
    from tembusu.foundation.core.worklist import Subject, WorkItem, WorkKind

    kinds = [WorkKind.WAITS_ON_ME, WorkKind.WAITS_ON_ME, WorkKind.I_WAIT, WorkKind.LAPSES]

    def lines(room: str) -> Any:
        def provider(user: Any, at: datetime) -> list[WorkItem]:
            today = at.date()
            return [
                WorkItem(
                    key=f"{room}:{n}",
                    kind=kinds[n % 4],
                    what=f"Complete milestone {n % 20}",
                    record=f"TMB-{n % 300:06} at hospital {n % 40}",
                    url=f"/studies/{n % 300}/",
                    act="Complete",
                    holder=f"Body {n % 25}",
                    since=today - timedelta(days=n % 90),
                    due=today + timedelta(days=n % 60 - 20) if n % 5 else None,
                    study=f"TMB-{n % 300:06}",
                )
                for n in range(n_lines // 2)
            ]

        return provider

    def concerning(user: Any, keys: Iterable[int]) -> dict[int, Subject]:
        return {key: Subject(f"TMB-{key:06}", f"/studies/{key}/") for key in keys if key % 3 == 0}

    worklist._providers.clear()
    worklist.register("startup", lines("startup"))
    worklist.register("submissions", lines("submissions"))
    worklist._finders.clear()
    worklist.register_subjects("registry.Study", concerning)


def fill_ledger() -> None:
    """Write a week's events about 1,000 studies."""
    from django.utils import timezone

    from tembusu.foundation.core import audit

    now = timezone.now()
    audit.record_many(
        audit.describe(
            "registry.study.published",
            on=[f"registry.Study:{n % 1000}"],
            by=None,
            at=now - timedelta(seconds=20 * n),
        )
        for n in range(N_EVENTS)
    )


def main() -> int:
    """Measure; the exit status is 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=40)
    arguments = parser.parse_args()
    with synthetic_studies.throw_away_database(DATABASE):
        from django.test import Client

        offer(arguments.lines)
        fill_ledger()
        client = Client(HTTP_HOST="127.0.0.1")
        sign_in(client)
        met = [measure(client, page, arguments.repeats) for page in PAGES]
    return 0 if all(met) else 1


def measure(client: Any, page: str, repeats: int) -> bool:
    """Print how long a page takes, beside the processor's time alone; say whether it is in time."""
    took: list[float] = []
    worked: list[float] = []
    for _ in range(repeats + 1):
        started, busy = time.perf_counter(), time.process_time()
        answer = client.get(f"/desk/{page}")
        took.append(1000 * (time.perf_counter() - started))
        worked.append(1000 * (time.process_time() - busy))
        assert answer.status_code == 200, answer.status_code
    name = f"desk{page or ', first page'}, {len(answer.content) / 1000:.0f} KB"
    print(
        line(name, took[1:], TARGET),
        f"(processor p95 {percentile(worked[1:], 0.95):.0f} ms)",
        flush=True,
    )
    return percentile(took[1:], 0.95) < TARGET


if __name__ == "__main__":
    sys.exit(main())

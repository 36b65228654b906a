"""How fast the portfolio lists among 500,000 studies, and how flat its export's memory stays.

    python bench/portfolio.py [--studies 500000] [--repeats 20] [--keep]

List: the first and the 10,000th page of 50 for each sort in both directions, with its counts,
through the page that people open. The 10,000th page's address is made from the row before it, as
the pages before would have done. Export: every row as CSV and as JSON lines, from the streaming
selector; memory is the process's resident set after 5,000 rows against its peak by the end.
"""

import argparse
import csv
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psutil
import synthetic_studies
from search import line, percentile

PAGE = 50
FAR = 10_000
LIST_TARGET = 200  # milliseconds
EXPORT_TARGET = 50  # MiB
WARM_ROWS = 5_000
FIELDS = ("number", "title", "status", "phase", "sponsor_name", "enrolment", "start_date")


def far_cursor(name: str) -> str:
    """Return the cursor with which the 10,000th page begins, or the last whole one there is."""
    from tembusu.coordination.registry.models import StudyIndex
    from tembusu.coordination.registry.selectors.search import sort_named
    from tembusu.foundation.ui import paging

    sort = sort_named(name)
    n_before = min((FAR - 1) * PAGE, StudyIndex.objects.count() - PAGE)
    rows = StudyIndex.objects.filter(is_public=True).defer("document")
    row = rows.order_by(*paging.order_by(sort))[n_before - 1]
    value = getattr(row, sort.column)
    return paging.encode(paging.Cursor(value, row.pk, n_before=n_before), sort)


def opener() -> Callable[[str, str], object]:
    """Return how a signed-in person opens a page, through all of the application's layers."""
    from django.test import Client
    from django.urls import reverse

    from tembusu.foundation.ui import links

    client = Client(HTTP_HOST="127.0.0.1")
    sign_in(client)
    address = reverse("registry:studies")

    def open_page(sort: str, cursor: str) -> object:
        where = {links.SORT: sort} | ({links.CURSOR: cursor} if cursor else {})
        answer = client.get(address, where)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    return open_page


def sign_in(client: Any) -> None:
    """Sign a synthetic person in, just now."""
    from django.utils import timezone

    from tembusu.foundation.people import actions
    from tembusu.foundation.people import sign_in as people

    email = f"reader.{time.time_ns()}@hospital.example"
    person = actions.register_person(
        email=email, full_name="Synthetic Reader", by=None, at=timezone.now(), password=None
    )
    client.force_login(person)
    session = client.session
    session[people.BEGAN] = session[people.SEEN] = timezone.now().timestamp()
    session.save()


def measure_lists(repeats: int) -> bool:
    """Print the list's figures and return whether the target is met."""
    from tembusu.coordination.registry.selectors.search import SORTS

    open_page = opener()
    everything: list[float] = []
    for name in [sign + key for key in SORTS for sign in ("", "-")]:
        for page, cursor in (("first", ""), (f"{FAR:,}th", far_cursor(name))):
            act = partial(open_page, name, cursor)
            act()
            times = [once(act) for _ in range(repeats)]
            everything += times
            print(line(f"list by {name}, {page} page", times, LIST_TARGET), flush=True)
    print(line("list, all sorts and pages", everything, LIST_TARGET))
    return percentile(everything, 0.95) < LIST_TARGET


def once(act: Callable[[], object]) -> float:
    """Return how many milliseconds an act takes."""
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def as_csv(rows: Iterator[object]) -> Iterator[str]:
    """Yield each row as a line of CSV."""
    for row in rows:
        text = io.StringIO()
        csv.writer(text).writerow([getattr(row, name) for name in FIELDS])
        yield text.getvalue()


def as_json(rows: Iterator[object]) -> Iterator[str]:
    """Yield each row as a line of JSON."""
    for row in rows:
        yield json.dumps({name: getattr(row, name) for name in FIELDS}, default=str) + "\n"


def measure_export(name: str, write: Callable[[Iterator[object]], Iterator[str]]) -> bool:
    """Print one export's figures and return whether its memory stayed flat."""
    from django.contrib.auth.models import AnonymousUser

    from tembusu.coordination.registry.selectors import search

    process = psutil.Process()
    started, base, peak, n, size = time.perf_counter(), 0, 0, 0, 0
    for text in write(iter(search.stream(AnonymousUser()))):
        n, size = n + 1, size + len(text.encode())
        if n == WARM_ROWS:
            base = process.memory_info().rss
        elif n % WARM_ROWS == 0:
            peak = max(peak, process.memory_info().rss)
    took = time.perf_counter() - started
    growth = max(peak - base, 0) / 2**20
    said = "met" if growth < EXPORT_TARGET else "MISSED"
    print(
        f"export as {name}: {n:,} rows, {size / 2**20:.0f} MiB in {took:.1f} s; memory grew"
        f" {growth:.1f} MiB  target < {EXPORT_TARGET} MiB: {said}",
        flush=True,
    )
    return growth < EXPORT_TARGET


def main() -> int:
    """Measure; the exit status is 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--studies", type=int, default=synthetic_studies.N_STUDIES)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--keep", action="store_true", help="leave the database there")
    arguments = parser.parse_args()
    if not synthetic_studies.has_input():
        return 1
    with synthetic_studies.portfolio(arguments.studies, keep=arguments.keep):
        met = [
            measure_lists(arguments.repeats),
            measure_export("CSV", as_csv),
            measure_export("JSON", as_json),
        ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Tables as files: CSV that streams, opens in a spreadsheet and runs nothing there."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

BOM = "\ufeff"
# A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def cell(value: object) -> str:
    """Return a value as a CSV cell; a quote in front keeps a text from being run as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return cell("; ".join(str(one) for one in value))
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def csv_lines(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a CSV file line by line, with one byte order mark in front."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(list(heading))
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def csv_response(
    name: str, heading: Iterable[str], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """Return rows as a CSV file called ``name``, streamed so that memory stays flat."""
    answer = StreamingHttpResponse(csv_lines(heading, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer

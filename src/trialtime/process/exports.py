"""Hands a log on: as XES (IEEE 1849-2016) and as OCEL 2.0 in JSON (ocel-standard.org, 2023).

Both are written case by case, so that memory stays as it is. Times without a zone are written as UTC,
for both formats ask for a zone. XML can't hold most control characters; in XES each becomes U+FFFD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import IO

import numpy as np

from trialtime.process.logs import EventLog

_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\n": "&#10;",
        "\r": "&#13;",
        "\t": "&#9;",
    }
)
CHUNK = 50_000  # events whose times are worded at once
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
</global>
<classifier name="Activity" keys="concept:name"/>
"""


def write_xes(log: EventLog, file: IO[bytes]) -> None:
    """Write the log as XES: a trace for each case, with its name; an event with name and time."""
    file.write(_XES_HEAD.encode())
    activities = [_attribute("string", "concept:name", name) for name in log.activities]
    for name, events in _by_case(log):
        parts = [f"<trace>\n{_attribute('string', 'concept:name', name)}\n"]
        parts += [
            f'<event>\n{activities[activity]}\n<date key="time:timestamp" value="{time}"/>\n</event>\n'
            for activity, time in events
        ]
        parts.append("</trace>\n")
        file.write("".join(parts).encode())
    file.write(b"</log>\n")


def write_ocel(log: EventLog, file: IO[bytes], *, object_type: str = "case") -> None:
    """Write the log as OCEL 2.0 JSON: an object for each case, and each event tied to it.

    :param object_type: what a case is, in a word ("study-site")
    """
    kind = json.dumps(object_type)
    activities = [json.dumps(name, ensure_ascii=False) for name in log.activities]
    types = ", ".join(f'{{"name": {name}, "attributes": []}}' for name in activities)
    file.write(
        f'{{"objectTypes": [{{"name": {kind}, "attributes": []}}],\n"eventTypes": [{types}],\n'
        '"objects": ['.encode()
    )
    cases = (json.dumps(name, ensure_ascii=False) for name in log.cases)
    mark = "\n"
    for name in cases:
        told = f'{mark}{{"id": {name}, "type": {kind}, "attributes": [], "relationships": []}}'
        file.write(told.encode())
        mark = ",\n"
    file.write(b'],\n"events": [')
    no, mark = 0, "\n"
    for case, events in _by_case(log):
        name = json.dumps(case, ensure_ascii=False)
        tied = f'"relationships": [{{"objectId": {name}, "qualifier": {kind}}}]'
        for activity, time in events:
            no += 1
            event = f'"id": "e{no}", "type": {activities[activity]}, "time": "{time}"'
            file.write(f'{mark}{{{event}, "attributes": [], {tied}}}'.encode())
            mark = ",\n"
    file.write(b"]}\n")


def _by_case(log: EventLog) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Yield each case with the codes of its activities and their times, worded in UTC."""
    fine = bool((log.time % 1000).any())
    at = 0
    while at < log.n_cases:
        start = int(log.bounds[at])
        upto = int(np.searchsorted(log.bounds, start + CHUNK, side="left"))
        until = min(max(upto, at + 1), log.n_cases)
        end = int(log.bounds[until])
        stamps = log.time[start:end].astype("datetime64[us]")
        times = np.datetime_as_string(stamps, unit="us" if fine else "ms", timezone="UTC").tolist()
        codes = log.activity[start:end].tolist()
        bounds = (log.bounds[at : until + 1] - start).tolist()
        for no, (a, b) in enumerate(pairwise(bounds), start=at):
            yield log.cases[no], list(zip(codes[a:b], times[a:b], strict=True))
        at = until


def _attribute(kind: str, key: str, value: str) -> str:
    whole = _NOT_XML.sub("\ufffd", value).translate(_ESCAPES)
    return f'<{kind} key="{key}" value="{whole}"/>'

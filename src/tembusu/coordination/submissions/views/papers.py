"""Letters and minutes as PDF, set by typst from plain text: nothing in a text is ever executed."""

import json
from datetime import date
from typing import Any

import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from tembusu.coordination.submissions.models import AgendaItem, Letter, Meeting, Minutes
from tembusu.coordination.submissions.rules.dates import said
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.views import labels
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Fact

NO_EFFECT = "Synthetic data: without legal effect."
# The text comes in as data and is set as it stands; blank lines part paragraphs.
SHEET = b"""
#let paper = json(bytes(sys.inputs.at("paper")))
#let (year, month, day) = paper.on
#set document(
  title: paper.title,
  author: paper.author,
  date: datetime(year: year, month: month, day: day),
)
#set page(
  paper: "a4",
  margin: (x: 25mm, y: 28mm),
  footer: [
    #set text(size: 8pt, fill: rgb("#555555"))
    #paper.foot #h(1fr) #context counter(page).display("1 / 1", both: true)
  ],
)
#set text(size: 10.5pt, lang: "en", region: "gb")
#set par(leading: 0.65em, spacing: 1.1em)
#text(size: 9pt, fill: rgb("#555555"))[#paper.author]
#v(2mm)
#heading(level: 1)[#paper.title]
#if paper.mark != "" [
  #v(1mm)
  #rect(width: 100%, inset: 6pt, stroke: 0.6pt + rgb("#9a5b00"))[#text(weight: "bold")[#paper.mark]]
]
#v(3mm)
#for block in paper.blocks {
  par(block.map(line => [#line]).join(linebreak()))
}
"""


def pdf(*, title: str, author: str, body: str, foot: str, on: date) -> bytes:
    """Return a text as PDF/A, with its title, who wrote it, and a line at the foot of each page."""
    blocks = [part.split("\n") for part in body.replace("\r\n", "\n").split("\n\n") if part.strip()]
    paper = {
        "title": title,
        "author": author,
        "blocks": blocks,
        "foot": foot,
        "on": [on.year, on.month, on.day],
        "mark": NO_EFFECT if settings.TEMBUSU_SYNTHETIC else "",
    }
    made: Any = typst.compile(
        SHEET, format="pdf", sys_inputs={"paper": json.dumps(paper)}, pdf_standards="a-2b"
    )
    return bytes(made)


def _response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def minutes_response(meeting: Meeting, minutes: Minutes) -> HttpResponse:
    if minutes.approved_at and minutes.approved_by:
        day = said(timezone.localdate(minutes.approved_at))
        foot = f"Approved by {minutes.approved_by.full_name}, {day}. SHA-256 {minutes.sha256[:16]}…"
    else:
        foot = "Draft, not approved."
    content = pdf(
        title=f"Minutes of {said(meeting.held_date)}",
        author=meeting.board.name,
        body=minutes.body,
        foot=foot,
        on=timezone.localdate(minutes.approved_at or minutes.written_at),
    )
    return _response(content, f"minutes-{meeting.held_date.isoformat()}.pdf")


def letter_response(letter: Letter) -> HttpResponse:
    if letter.sent_at:
        day = said(timezone.localdate(letter.sent_at))
        foot = f"Sent {day}. SHA-256 {letter.sha256[:16]}…"
    else:
        foot = "Draft, not sent."
    content = pdf(
        title=letter.subject,
        author=letter.submission.body.name,
        body=letter.body,
        foot=foot,
        on=timezone.localdate(letter.sent_at or letter.written_at),
    )
    return _response(content, f"{letter.submission.number}-{letter.kind}.pdf")


def item_facts(item: AgendaItem) -> list[Fact]:
    """Return what members should know of an item."""
    submission = item.submission
    n = sum(1 for one in packages.checklist_lines(submission) if one.n_versions)
    return [
        Fact("Study", labels.title_of(submission.study), note=submission.study.number),
        Fact("Application", labels.what(submission)),
        Fact("Received", wording.day(submission.received_date)),
        Fact("Documents", n),
        Fact("Rounds of queries", submission.queries.count()),
    ]

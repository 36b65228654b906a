"""The queue from which a name of locations was opened: kept while names are decided one by one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.foundation.ui import links

KEY = "queue"
LONGEST = 200
PARTS = ("state", "country", "q", links.CURSOR)


@dataclass(frozen=True, slots=True)
class Queue:
    """Which names stand in the queue; without a state it was opened from nowhere.

    :ivar cursor: the page of the list on which it was
    """

    state: PlaceState | None = None
    country: str = ""
    text: str = ""
    cursor: str = ""

    @property
    def query(self) -> str:
        values = (self.state or "", self.country, self.text, self.cursor)
        return urlencode({name: one for name, one in zip(PARTS, values, strict=True) if one})

    @property
    def list_url(self) -> str:
        """Return the address of the list; where something was just decided, that takes the focus."""
        start = reverse("registry:places")
        return f"{start}?{self.query}" if self.state else start

    def place_url(self, place_id: int) -> str:
        """Return the address of a name, from which its decision leads on in this queue."""
        url = reverse("registry:place", args=[place_id])
        return f"{url}?{urlencode({KEY: self.query})}" if self.state else url

    def url_after(self, user: Any, place: Place) -> str:
        """Return where to go on after a name: to the next one, at the end to the list."""
        if self.state is None:
            return self.list_url
        rows = selectors.list_places(user, state=self.state, country=self.country, text=self.text)
        following = selectors.next_place(rows, after=place)
        return self.place_url(following) if following else self.list_url


def read_queue(params: QueryDict) -> Queue:
    """Return the queue that an address or a form names; what is no queue is none."""
    return queue_in(QueryDict(params.get(KEY, "")[:1000]))


def queue_in(params: QueryDict) -> Queue:
    """Return the queue that the address of the list shows, if it names the state."""
    state, country, text, cursor = (words(params, name) for name in PARTS)
    if state not in set(PlaceState):
        return Queue()
    return Queue(PlaceState(state), country, text, cursor)


def words(params: QueryDict, name: str) -> str:
    return " ".join(params.get(name, "").replace("\0", " ").split())[:LONGEST]

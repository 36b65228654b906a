"""One page of a list, as the address asks for it."""

from typing import Any

from django.http import Http404, HttpRequest

from tembusu.foundation.ui import links, paging

NEWEST = paging.Sort("newest", "pk", paging.Kind.WHOLE, is_ascending=False)
SIZE = 50


def fetch(request: HttpRequest, rows: Any, sort: paging.Sort = NEWEST) -> paging.Page[Any]:
    """Return the page that the address asks for; a cursor that cannot be used is 404."""
    try:
        return paging.fetch(
            rows.order_by(),
            sort,
            after=request.GET.get(links.CURSOR, ""),
            size=SIZE,
            count=paging.count_capped(rows.order_by()),
        )
    except paging.CursorError as fault:
        raise Http404(str(fault)) from fault

"""The portfolio: search, filters, order, pages, what is ticked, and the same rows as a file."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.rules import ranking
from tembusu.coordination.registry.selectors import drafts, search, sites
from tembusu.coordination.registry.selectors import views as saved
from tembusu.coordination.registry.selectors.search import SearchPage
from tembusu.coordination.registry.views import columns, filters, labels
from tembusu.coordination.registry.views.filters import EVERYBODYS, MINE, WHOSE, Asked
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links, navigation, paging
from tembusu.foundation.ui.terms import Badge, Chip, Crumb, Tab

PAGE = 50
MOST_TICKED = 500
TICKED = "ticked"
FORMATS = {
    "csv": ("text/csv; charset=utf-8", columns.studies_csv),
    "json": ("application/json", columns.studies_json),
}
LIST = Crumb("Studies", "/studies/")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the portfolio as the screen says it."""

    row: StudyIndex
    numbers: Sequence[str]
    status: Badge
    phase: str
    where: str
    n_sites: str
    conditions: str
    n_more_conditions: int
    kind: str
    acronym: str


def line(row: StudyIndex) -> Line:
    numbers = [row.number, *(number for number in row.registry_nos if number != row.number)]
    return Line(
        row=row,
        numbers=numbers,
        status=labels.status(row.status),
        phase=labels.phase(row.phase),
        where=countries(row.countries),
        n_sites=labels.plural(row.n_locations, "site") if row.n_locations else "no site listed",
        conditions=", ".join(row.conditions[:2]),
        n_more_conditions=max(len(row.conditions) - 2, 0),
        kind=labels.word(row.study_type),
        acronym="" if row.acronym.casefold() in row.title.casefold() else row.acronym,
    )


def countries(names: Sequence[str]) -> str:
    """Return 'Singapore and 4 more': the home country first where it takes part."""
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    ordered = sorted(names, key=lambda name: name != home)
    if not ordered:
        return ""
    if len(ordered) == 1:
        return ordered[0]
    return f"{ordered[0]} and {len(ordered) - 1} more"


# -- list ---------------------------------------------------------------------------------------


@login_required
@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    if not request.GET and search.has_own(request.user):
        return redirect(list_url(f"{WHOSE}={MINE}"))
    params = filters.kept(request.GET)
    try:
        asked = filters.read(params)
        found = find(request.user, asked)
    except (filters.AddressRefused, paging.CursorError) as refusal:
        return refused(request, str(refusal))
    if says_nothing(request.GET, params):
        return redirect(list_url(params.urlencode()))
    counted = search.facet_counts(
        request.user,
        [facet.name for facet in filters.FACETS if facet.in_menu],
        text=asked.text,
        filters=asked.filters,
        mode=found.mode,
    )
    names = organisation_names(asked, counted.by_kind)
    context = {
        "page": found.page,
        "found": found,
        "asked": asked,
        "lines": [line(row) for row in found.rows],
        "ticked": chosen(request.GET.getlist(TICKED)),
        "tabs": whose_tabs(request, asked, found),
        "understood": found.understanding if says_something(found) else None,
        "explained": found.understanding.explained,
        "left_out": found.understanding.left_out,
        "offers_any": offers_any(found),
        "suggestion_url": links.with_values(params, q=found.suggestion, as_typed=""),
        "as_typed_url": links.with_values(params, as_typed="1"),
        "any_url": links.with_values(params, mode="any"),
        "all_url": links.with_values(params, mode=""),
        "n_ranked": ranking.MOST_CHOSEN,
        "by_date_url": links.with_values(params, sort="-updated"),
        "filters": filters.chips(params, asked, names),
        "bare_url": bare_url(asked),
        "menus": filters.menus(asked, shown_counts(counted), names),
        "is_sample": counted.is_sample,
        "sort": asked.sort,
        "sorts": filters.sorts(params, asked),
        "sort_label": filters.sort_label(asked),
        "sort_said": filters.sort_said(asked),
        "kept_values": filters.hidden(params),
        "n_ranges": n_ranges(asked),
        "views": view_chips(request),
        "query": params.urlencode(),
        "save_url": f"{reverse('registry:view_new')}?{filters.canonical(params)}",
        "may_register": not drafts.why_not_register(request.user),
        "may_import": people.may(request.user, permissions.IMPORT_STUDIES),
        "register_url": navigation.address("registry:register"),
        **export_urls(params),
    }
    return render(request, "registry/portfolio.html", context)


def says_nothing(given: QueryDict, params: QueryDict) -> bool:
    """Whether an address holds unknown or empty values, which no link of the page may carry on."""
    left = given.copy()
    left.pop(TICKED, None)
    return left.urlencode() != params.urlencode()


def whose_tabs(request: HttpRequest, asked: Asked, found: SearchPage) -> list[Tab]:
    """Return the studies of one's own and all, with how many of each match; none without own."""
    if not asked.filters.is_mine and not search.has_own(request.user):
        return []
    is_mine = asked.filters.is_mine
    other = search.count_found(
        request.user,
        asked.text,
        replace(asked.filters, is_mine=not is_mine),
        asked.mode,
        mends=asked.mends,
    )
    n_mine, n_all = (found.count, other) if is_mine else (other, found.count)
    params = filters.kept(request.GET)
    return [
        Tab("My studies", links.with_values(params, whose=MINE), n_mine.n, is_mine),
        Tab("All studies", links.with_values(params, whose=EVERYBODYS), n_all.n, not is_mine),
    ]


def bare_url(asked: Asked) -> str:
    """Return the same list without text and filters."""
    whose = MINE if asked.filters.is_mine else EVERYBODYS
    return list_url(f"{WHOSE}={whose}")


def list_url(query: str) -> str:
    start = reverse("registry:studies")
    return f"{start}?{query}" if query else start


def says_something(found: SearchPage) -> bool:
    """Whether there is anything to tell of how the text was understood."""
    text = found.understanding
    told = (text.mended, found.suggestion, text.notes, text.explained, text.left_out)
    is_any = bool(text.typed) and found.mode == "any"
    return any(told) or found.fell_back or is_any or offers_any(found)


def offers_any(found: SearchPage) -> bool:
    """Whether any of several words may be asked for instead of all."""
    return not found.fell_back and found.mode == "all" and len(found.understanding.parts) > 1


def refused(request: HttpRequest, why: str) -> HttpResponse:
    """Answer an address that cannot be meant: what is wrong, and the way back."""
    return render(request, "registry/refused_address.html", {"why": why}, status=400)


def find(user: Any, asked: Asked) -> SearchPage:
    """Return the page that an address asks for.

    :raises CursorError: if its cursor is of another list
    """
    return search.search(
        user,
        asked.text,
        asked.filters,
        asked.mode,
        asked.sort,
        asked.cursor,
        PAGE,
        mends=asked.mends,
    )


def n_ranges(asked: Asked) -> int:
    given = [asked.filters.updated_since]
    given += [getattr(asked.filters, attribute) for _, _, attribute in filters.WHOLE]
    return sum(one is not None for one in given)


def shown_counts(counted: search.FacetCounts) -> Mapping[str, Sequence[tuple[str, Any]]]:
    """Return the counts of the filters; where they are of a sample, the values without figures."""
    if not counted.is_sample:
        return counted.by_kind
    return {kind: [(value, None) for value, _ in pairs] for kind, pairs in counted.by_kind.items()}


def organisation_names(
    asked: Asked, counts: Mapping[str, Sequence[tuple[str, int]]]
) -> Mapping[str, str]:
    wanted = [value for value, _ in counts.get("organisation", ())[: filters.MOST_SHOWN]]
    wanted += asked.filters.facets.get("organisation", ())
    return sites.organisation_names(wanted)


def view_chips(request: HttpRequest) -> list[Chip]:
    """Return the person's saved views; the one that is open is marked."""
    here = filters.canonical(request.GET)
    return [
        Chip(view.name, url=list_url(view.query), is_current=view.query == here)
        for view in saved.list_views(request.user)
    ]


def export_urls(params: QueryDict) -> dict[str, str]:
    asked = params.copy()
    asked.pop(links.CURSOR, None)
    return {
        f"{name}_url": f"{reverse('registry:studies_export', args=[name])}?{asked.urlencode()}"
        for name in FORMATS
    }


# -- the same rows as a file --------------------------------------------------------------------


@login_required
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Stream exactly the studies that the list shows, all its pages, in its order."""
    try:
        asked = filters.read(filters.kept(request.GET))
    except filters.AddressRefused as refusal:
        return refused(request, str(refusal))
    rows = search.stream(
        request.user, asked.text, asked.filters, asked.sort, mode=asked.mode, mends=asked.mends
    )
    return file_of(rows, kind)


def file_of(rows: Iterable[StudyIndex], kind: str) -> StreamingHttpResponse:
    if kind not in FORMATS:
        raise Http404(f"There is no export as {kind}.")
    media_type, lines = FORMATS[kind]
    answer = StreamingHttpResponse(gathered(lines(rows)), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="studies.{kind}"'
    return answer


def gathered(lines: Iterable[str], n: int = 200) -> Iterator[str]:
    """Yield lines in bundles: a server sends each piece by itself."""
    iterator = iter(lines)
    while bundle := "".join(itertools.islice(iterator, n)):
        yield bundle


# -- ticked rows --------------------------------------------------------------------------------


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Do the chosen act with the ticked studies, as far as the user may see them."""
    ids = chosen(request.POST.getlist("row"))
    act = request.POST.get("act", "")
    if act == "compare":
        return compare_ticked(request, ids)
    if not ids:
        messages.warning(request, "Tick the studies first.")
        return redirect(back(request))
    rows = search.visible_index(request.user).filter(pk__in=ids).defer("document")
    by_id = {row.pk: row for row in rows}
    return file_of((by_id[pk] for pk in ids if pk in by_id), act)


def chosen(values: Sequence[str]) -> list[int]:
    """Return the ids of studies among what was sent, each once."""
    given = [value for value in values if value.isascii() and value.isdigit()]
    found = [int(value) for value in given[:MOST_TICKED] if len(value) <= 18]
    return list(dict.fromkeys(found))


def back(request: HttpRequest, ids: Sequence[int] = ()) -> str:
    """Return the page of the list on which rows were ticked, with its ticks."""
    params = filters.kept(QueryDict(request.POST.get("query", "")))
    params.setlist(TICKED, [str(pk) for pk in ids])
    return list_url(params.urlencode())


def compare_ticked(request: HttpRequest, ids: Sequence[int]) -> HttpResponseBase:
    if len(ids) != 2:
        n = {0: "none is", 1: "one is"}.get(len(ids), f"{len(ids)} are")
        messages.warning(request, f"Tick two studies to compare them; {n} ticked.")
        return redirect(back(request, ids[:PAGE]))
    where = urlencode({"a": ids[0], "b": ids[1]})
    return redirect(f"{reverse('registry:studies_compare')}?{where}")

"""One study: what it is, where it stands, what every registry says of it."""

from tembusu.coordination.registry.views.study.frame import LIST, frame, load
from tembusu.coordination.registry.views.study.overview import overview
from tembusu.coordination.registry.views.study.sites import fetch, sites
from tembusu.coordination.registry.views.study.texts import eligibility_page, outcomes
from tembusu.coordination.registry.views.study.trail import trail_tab

__all__ = [
    "LIST",
    "eligibility_page",
    "fetch",
    "frame",
    "load",
    "outcomes",
    "overview",
    "sites",
    "trail_tab",
]

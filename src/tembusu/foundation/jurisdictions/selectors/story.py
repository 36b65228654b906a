"""How an item of the reference data tells its trail."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.urls import reverse

from tembusu.foundation.core.trail import OWN_KEY, RowSource, Story
from tembusu.foundation.jurisdictions.models import PackItem
from tembusu.foundation.jurisdictions.selectors.browse import find_row

TITLES: Mapping[str, str] = {
    "jurisdictions.item.changed": "Item changed",
    "jurisdictions.proposals.accepted": "Proposal of the file accepted",
    "jurisdictions.proposals.declined": "Proposal of the file declined",
    "jurisdictions.body.tied": "Organisation tied to the body",
    "jurisdictions.body.untied": "Organisation untied from the body",
}
SPARE: Mapping[str, str] = {
    "id": OWN_KEY,
    "pack": "The country, which is the same in all.",
    "theme": "Stands at the top of the page.",
    "key": "Stands at the top of the page.",
    "position": "Where the item stands in the list.",
    "version": "The act that made it stands beside it.",
}


def _sources(record: models.Model) -> list[RowSource]:
    row: Any = record
    where = {"pack": row.pack, "theme": row.theme, "key": row.key}
    return [RowSource(PackItem, where, "Period", spare=SPARE, is_told=True)]


def _refs(record: models.Model) -> list[str]:
    row: Any = record
    return [f"jurisdictions.PackItem:{row.pack}.{row.theme}.{row.key}"]


def _url(record: models.Model) -> str:
    row: Any = record
    return reverse("jurisdictions:item", args=[row.theme, row.key])


ITEM = Story(
    label="item of the reference data",
    find=find_row,
    url=_url,
    refs=_refs,
    sources=_sources,
    titles=TITLES,
)

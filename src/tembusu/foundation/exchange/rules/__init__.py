"""What exchange decides, on plain values."""

from tembusu.foundation.exchange.rules.headers import LOOKED_AT, Proposal, find_header, propose
from tembusu.foundation.exchange.rules.moves import EXTRACT_MOVES
from tembusu.foundation.exchange.rules.rows import (
    Layout,
    MappingRefused,
    ReadRow,
    Repeats,
    check_mapping,
    order_of,
    overtaken,
    read_row,
)

__all__ = [
    "EXTRACT_MOVES",
    "LOOKED_AT",
    "Layout",
    "MappingRefused",
    "Proposal",
    "ReadRow",
    "Repeats",
    "check_mapping",
    "find_header",
    "order_of",
    "overtaken",
    "propose",
    "read_row",
]

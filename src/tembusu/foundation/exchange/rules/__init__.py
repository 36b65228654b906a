"""What exchange decides, on plain values."""

from tembusu.foundation.exchange.rules.addresses import (
    AddressRefused,
    Target,
    check_url,
    choose,
    is_public,
)
from tembusu.foundation.exchange.rules.headers import LOOKED_AT, Proposal, find_header, propose
from tembusu.foundation.exchange.rules.moves import DELIVERY_MOVES, EXTRACT_MOVES, HOOK_MOVES
from tembusu.foundation.exchange.rules.retries import is_taken, next_try
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
from tembusu.foundation.exchange.rules.signing import (
    is_signed,
    is_timely,
    sign,
    sign_with_all,
)

__all__ = [
    "DELIVERY_MOVES",
    "EXTRACT_MOVES",
    "HOOK_MOVES",
    "LOOKED_AT",
    "AddressRefused",
    "Layout",
    "MappingRefused",
    "Proposal",
    "ReadRow",
    "Repeats",
    "Target",
    "check_mapping",
    "check_url",
    "choose",
    "find_header",
    "is_public",
    "is_signed",
    "is_taken",
    "is_timely",
    "next_try",
    "order_of",
    "overtaken",
    "propose",
    "read_row",
    "sign",
    "sign_with_all",
]

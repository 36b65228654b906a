"""The room's words, and how other rooms take part: a ``Purpose`` for extracts, kinds of events and
receivers for webhooks.

A room that takes extracts makes a ``Purpose`` of ``Column`` values, with the ready-made readers below,
and calls ``register_purpose`` from its ``apps.py``. All else (upload, mapping, preview, job, result,
refused rows, the API) is done here.
"""

from tembusu.foundation.exchange.terms.columns import (
    WHY_REFUSED,
    Column,
    Difference,
    Outcome,
    Purpose,
    Row,
    Verdict,
    VerdictKind,
    get_purpose,
    purposes,
    register_purpose,
)
from tembusu.foundation.exchange.terms.readers import (
    ORDERS,
    DateOrder,
    DateReader,
    Fault,
    choice,
    date,
    integer,
    number,
    reference,
    text,
    yes_no,
)
from tembusu.foundation.exchange.terms.states import ExtractState, MappedBy

__all__ = [
    "ORDERS",
    "WHY_REFUSED",
    "Column",
    "DateOrder",
    "DateReader",
    "Difference",
    "ExtractState",
    "Fault",
    "MappedBy",
    "Outcome",
    "Purpose",
    "Row",
    "Verdict",
    "VerdictKind",
    "choice",
    "date",
    "get_purpose",
    "integer",
    "number",
    "purposes",
    "reference",
    "register_purpose",
    "text",
    "yes_no",
]

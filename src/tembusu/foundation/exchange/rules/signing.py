"""Signatures of webhooks: HMAC-SHA256 (RFC 2104) over the time and the body, in hexadecimal.

    Tembusu-Signature: v1=<HMAC-SHA256(secret, timestamp + "." + body)>

While a secret is being changed there are two, parted by a comma; one that fits is enough.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime

VERSION = "v1"
WINDOW = 300  # seconds by which a clock may differ, and within which an event may be sent again
MOST_SIGNATURES = 4


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return one signature with its version.

    :param timestamp: seconds since 1 January 1970 UTC, as the header has them
    """
    message = timestamp.encode() + b"." + body
    return f"{VERSION}={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def sign_with_all(secrets: Sequence[str], timestamp: str, body: bytes) -> str:
    return ",".join(sign(secret, timestamp, body) for secret in secrets)


def is_signed(signature: str, secrets: Collection[str], timestamp: str, body: bytes) -> bool:
    """Say whether a signature was made with one of the secrets, in a time that tells nothing."""
    given = [one.strip().encode() for one in signature.split(",")[:MOST_SIGNATURES]]
    found = False
    for secret in secrets:
        expected = sign(secret, timestamp, body).encode()
        for one in given:
            found |= hmac.compare_digest(one, expected)
    return found


def is_timely(timestamp: str, now: datetime) -> bool:
    """Say whether a timestamp is within five minutes of now, either way."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - now.timestamp()) <= WINDOW

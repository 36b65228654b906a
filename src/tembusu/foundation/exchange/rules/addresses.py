"""To which addresses events may be sent: public ones, over HTTPS, and nothing inside.

Whoever may enter an address must not reach machines behind the firewall with it (OWASP, Server-Side
Request Forgery Prevention). So a name is judged by what it stands for at the moment of sending, and the
connection is made to that very address: a name that changes its mind in between gains nothing.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from tembusu.foundation.core.states import Refusal

LONGEST = 500
# Addresses in which one of IPv4 lies hidden, so that they may lead anywhere inside.
CARRIERS = tuple(ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
GLOBAL_6 = ipaddress.ip_network("2000::/3")
INSIDE = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".intranet")


class AddressRefused(Refusal):
    """An address to which nothing is sent."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address in its parts. ``path`` has the query with it."""

    is_secure: bool
    host: str
    port: int
    path: str


def check_url(url: str, *, allows_loopback: bool = False) -> Target:
    """Return the parts of an address to which events may be sent, as far as its text tells.

    :param allows_loopback: whether this machine's own address is taken, also without TLS
    :raises AddressRefused: saying what is wrong with it
    """
    if len(url) > LONGEST or not url.isascii() or any(c.isspace() or ord(c) < 32 for c in url):
        raise AddressRefused(
            f"Write the address in plain letters, without blanks, in at most {LONGEST} characters."
        )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise AddressRefused("This is no address of the web: https://name/path.") from None
    is_own = allows_loopback and host in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (is_own and parts.scheme == "http"):
        raise AddressRefused("The address must begin with https://, so that nobody reads along.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("Write the address as https://name/path, without a name to sign in.")
    if not is_own and not _may_be_public(host):
        raise AddressRefused("Give a public address: events are not sent to machines inside.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    return Target(secure, host, port or (443 if secure else 80), path)


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        # Names of one part, and numbers written oddly (0x7f.1, 2130706433), stand for machines inside.
        last = host.rsplit(".", 1)[-1]
        return "." in host and last.isalpha() and not host.endswith(INSIDE)


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet.

    :raises ValueError: if it is no IP address
    """
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in GLOBAL_6 or any(ip in one for one in CARRIERS) or ip.teredo is not None:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def choose(addresses: Collection[str], *, allows_loopback: bool = False) -> str:
    """Return the address to connect to, of those that a name stands for.

    One that is not public spoils the name: it is not asked which of them is meant.

    :raises AddressRefused: if there is none, or one leads inside
    """
    if not addresses:
        raise AddressRefused("The name of this address is not known.")
    for address in addresses:
        own = allows_loopback and ipaddress.ip_address(address.split("%", 1)[0]).is_loopback
        if not (own or is_public(address)):
            raise AddressRefused("The name leads to a machine inside; nothing is sent there.")
    return next(iter(addresses))

"""Where a request really comes from, when proxies stand in front."""

import ipaddress
from collections.abc import Iterable

from aiohttp import web

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_V6_SITE = 64


class Proxies:
    """The proxies whose ``X-Forwarded-For`` is believed."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        """*trusted* are addresses or networks, ``10.0.0.5`` or ``10.0.0.0/8``; raises ValueError for anything else."""
        self._trusted = [ipaddress.ip_network(text, strict=False) for text in trusted]

    def client(self, request: web.Request) -> Address | None:
        """The first address, seen from us, that is not one of the trusted proxies.

        Everything before it in the header is the client's own say and means nothing. ``None`` where it cannot be
        known: a local socket, or a header that is no address.
        """
        address = _parsed(request.remote or "")
        if address is None or not self._trusts(address):
            return address
        chain = [part for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
        for text in reversed(chain):
            address = _parsed(text.strip())
            if address is None or not self._trusts(address):
                return address
        return address

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def site(address: Address) -> str:
    """What one household has: an IPv4 address, or the /64 of an IPv6 one (a phone changes within it at will)."""
    if address.version == 4:  # noqa: PLR2004 - of IP
        return str(address)
    return str(ipaddress.ip_network((address, _V6_SITE), strict=False))


def _parsed(text: str) -> Address | None:
    # Some proxies add the port: 1.2.3.4:567 or [::1]:567.
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address

"""Who is at the other end of the connection. For limits only: addresses are neither stored nor logged.

X-Forwarded-For is believed only from the proxies named in the settings, and read from the right: each trusted proxy
vouches for the one address that it saw itself, whatever stands to the left of that may be invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import web

Network = IPv4Network | IPv6Network
FORWARDING = ("X-Forwarded-For", "Forwarded", "Via")


def networks(trusted: Sequence[str]) -> tuple[Network, ...]:
    """The settings' `trusted_proxies`, addresses or networks; raises ValueError with the one that is neither."""
    return tuple(ip_network(one, strict=False) for one in trusted)


def client(request: web.BaseRequest, trusted: Sequence[Network]) -> str:
    """The address of the first hop that is not a proxy of ours; `local` on a Unix socket without one."""
    peer = _clean(_peer(request))
    if not trusted or not _is_trusted(peer, trusted):
        return peer
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for hop in reversed(forwarded):
        address = _clean(hop)
        if address == "":
            break
        if not _is_trusted(address, trusted):
            return address
        peer = address
    return peer


def came_direct(request: web.BaseRequest) -> bool:
    """Whether the peer is on this machine or a private network without a proxy between: a scraper, not a visitor."""
    if any(name in request.headers for name in FORWARDING):
        return False
    peer = _clean(_peer(request))
    return peer == "local" or ip_address(peer).is_private


def _peer(request: web.BaseRequest) -> str:
    found = request.transport.get_extra_info("peername") if request.transport is not None else None
    return str(found[0]) if isinstance(found, (tuple, list)) and found else "local"


def _clean(text: str) -> str:
    """An address in one form, IPv4 in IPv6 unwrapped; empty where it is none."""
    text = text.strip()
    if text == "local":
        return text
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    if address == "local":
        return True
    return any(ip_address(address) in network for network in trusted) if address else False

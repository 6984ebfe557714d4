"""Who is at the other end of the connection. For limits only: addresses are neither stored nor logged.

X-Forwarded-For is believed only from the proxies named in the settings, and read from the right: each trusted proxy
vouches for the one address that it saw itself, whatever stands to the left of that may be invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import web

from services.settings import Settings

Network = IPv4Network | IPv6Network
FORWARDING = ("X-Forwarded-For", "Forwarded", "Via")
REMEMBERED = 4096
"""Addresses whose form is remembered, in memory alone: a browser comes many times, and a proxy with every request."""


def networks(trusted: Sequence[str]) -> tuple[Network, ...]:
    """The settings' `trusted_proxies`, addresses or networks; raises ValueError with the one that is neither."""
    return tuple(ip_network(one, strict=False) for one in trusted)


def client(request: web.BaseRequest, trusted: tuple[Network, ...]) -> str:
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


def is_here(request: web.BaseRequest, client: str, settings: Settings) -> bool:
    """Whether whoever asks (`client`, as above) sits at this machine and asks for it by a name that is its own.

    The name matters: a page of anybody's may point a name of its own at 127.0.0.1, and then reads what the browser gets
    there as if it were its own. An address in place of a name cannot be made to point elsewhere.
    """
    if any(name in request.headers for name in FORWARDING) and not settings.trusted_proxies:
        return False
    own_end = _clean(_end(request, "sockname"))
    here = client == "local" or (client != "" and (ip_address(client).is_loopback or client == own_end))
    return here and _is_own_name(request.host, settings.url)


def _is_own_name(host: str, url: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:  # an IPv6 address that is none
        return False
    return name in {"localhost", urlsplit(url).hostname} or _clean(name) not in {"", "local"}


def _peer(request: web.BaseRequest) -> str:
    return _end(request, "peername")


def _end(request: web.BaseRequest, which: str) -> str:
    found = request.transport.get_extra_info(which) if request.transport is not None else None
    return str(found[0]) if isinstance(found, (tuple, list)) and found else "local"


@lru_cache(maxsize=REMEMBERED)
def _clean(text: str) -> str:
    """An address in one form, IPv4 in IPv6 unwrapped; empty where it is none."""
    text = text.strip()
    if text == "local":
        return text
    found = _read(text.strip("[]").partition("%")[0])
    return str(getattr(found, "ipv4_mapped", None) or found or "")


@lru_cache(maxsize=REMEMBERED)
def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    if address == "local":
        return True
    found = _read(address)
    return found is not None and any(found in one for one in trusted)


@lru_cache(maxsize=REMEMBERED)
def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=REMEMBERED)
def network(address: str) -> str:
    """What one caller has of an address: IPv4 whole, IPv6 its /64, since a household is given that many."""
    found = _read(address)
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return address if found is None else str(found)

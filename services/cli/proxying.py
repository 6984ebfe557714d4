"""Which service answers an address, as a table for the proxy, read from the declared routes.

    areas(installed())    # [Area("/{lang}/events", "events", below=True), …]

Every process has the chassis's routes; what belongs to no service alone goes to the first service, whose own are the
front page and the catalogue. Where all addresses below one belong to a service, the table says so in one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.chassis import CHASSIS
from services.http.routing import exactness, template
from services.pages.languages import LANGUAGES
from services.routes import Route
from services.service import Service

LANGUAGE = "(/(" + "|".join(LANGUAGES) + "))?"
"""A page's language; without it the service leads to the page in the reader's own."""


class AddressShared(Exception):
    """Two services declare one address, by different methods: a proxy that looks at paths cannot tell them apart."""


@dataclass(frozen=True, slots=True)
class Area:
    """An address that one service answers; `below`: with everything below it."""

    path: str
    service: str
    below: bool

    @property
    def expression(self) -> str:
        """The address as a regular expression (RE2)."""
        return f"^{matched(self.path)}{'(/|$)' if self.below else '/?$'}"


@dataclass(slots=True)
class _Node:
    """One part of the tree of addresses."""

    path: str
    owners: set[str] = field(default_factory=set)
    parts: dict[str, _Node] = field(default_factory=dict)

    def everyone(self) -> set[str]:
        return self.owners.union(*(part.everyone() for part in self.parts.values()))


def matched(path: str) -> str:
    """A declared path as a regular expression without ends."""
    found = ""
    for part in path.split("/")[1:]:
        if part == "{lang}":
            found += LANGUAGE
        else:
            found += "/" + "".join("[^/]+" if one.startswith("{") else one.replace(".", "\\.") for one in _split(part))
    return found


def _split(part: str) -> list[str]:
    return [one for one in re.split(r"(\{[^{}]*\})", part) if one]


def addresses(services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    """Every address with the service that answers it; the chassis's pages of one service belong to that service."""
    first = services[0].name
    for service in (CHASSIS, *services):
        for route in service.routes:
            path = template(route.path)
            if service is not CHASSIS:
                yield path, service.name
            elif "{service}" in path:
                yield from ((path.replace("{service}", one.name), one.name) for one in services)
            else:
                yield path, first


def areas(services: Sequence[Service]) -> list[Area]:
    """The table, the more exact address first; the first service, which gets the rest, stands in it only where a line
    of another would take its own. Raises `AddressShared`."""
    root = _Node("")
    for path, owner in addresses(services):
        node = root
        for part in path.split("/")[1:]:
            name = part if part == "{lang}" or "{" not in part else re.sub(r"\{[^{}]*\}", "{}", part)
            node = node.parts.setdefault(name, _Node(f"{node.path}/{name}"))
        node.owners.add(owner)
    found = sorted(_areas(root), key=lambda area: exactness(area.path))
    first = services[0].name
    others = [area for area in found if area.service != first]
    return [area for area in found if area.service != first or any(_meets(one, area) for one in others)]


def _areas(node: _Node) -> Iterator[Area]:
    if len(node.owners) > 1:
        raise AddressShared(f"{node.path} is declared by {' and '.join(sorted(node.owners))}")
    everyone = node.everyone()
    if len(everyone) == 1 and node.path not in {"", "/{lang}"}:
        yield Area(node.path, everyone.pop(), below=True)
        return
    for owner in node.owners:
        yield Area(node.path, owner, below=False)
    for part in node.parts.values():
        yield from _areas(part)


def _meets(taker: Area, area: Area) -> bool:
    """Whether the line of another service would take an address of this one."""
    return re.search(taker.expression, area.path.replace("{lang}", LANGUAGES[0]).replace("{}", "x")) is not None


def answering(table: Sequence[Area], path: str, otherwise: str) -> str:
    """The service that a proxy with this table would ask."""
    return next((area.service for area in table if re.search(area.expression, path)), otherwise)


def alike(routes: Sequence[Route]) -> str:
    """One regular expression for these routes' addresses."""
    return "^(" + "|".join(dict.fromkeys(matched(template(route.path)) for route in routes)) + ")$"

"""Navigation of console and public pages: what all installed services declare, filtered by the reader's roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from services.pages.languages import msgid
from services.registry import installed
from services.routes import Role
from services.service import NavigationItem, Panel

if TYPE_CHECKING:
    from services.http.call import Call


LONGEST_VIA = 200
_CHASSIS = (NavigationItem(msgid("Today"), "", "home", frozenset(), order=0),)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the navigation, ready to show."""

    title: str
    href: str
    icon: str
    current: bool


def navigation(call: Call) -> list[Line]:
    """The lines that this reader may follow; the one that leads here, or nearest above here, is current."""
    items = allowed([*_CHASSIS, *_declared()], _roles(call))
    here = call.request.path
    above = [(call.console(path), item) for item in items for path in (item.path, *item.also)]
    leading = [(len(one), item) for one, item in above if here == one or here.startswith(f"{one}/")]
    nearest = max(leading, key=lambda found: found[0])[1] if leading else None
    return [Line(call.translate(item.title), call.console(item.path), item.icon, item is nearest) for item in items]


def site(call: Call) -> list[Line]:
    """The public navigation. A click token (`via`) goes along, so that what brought a visitor is credited."""
    items = sorted((item for service in installed() for item in service.site), key=lambda item: item.order)
    via = call.request.query.get("via", "")[:LONGEST_VIA]
    onward = f"?{urlencode({'via': via})}" if via else ""
    here = f"{call.request.path}/"
    return [
        Line(
            call.translate(item.title),
            f"{call.link(item.path)}{onward}",
            "",
            here.startswith(f"{call.link(item.path)}/"),
        )
        for item in items
    ]


def _declared() -> list[NavigationItem]:
    from services.chassis import CHASSIS

    return [item for service in (CHASSIS, *installed()) for item in service.navigation]


def panels(call: Call) -> list[Panel]:
    """The parts of the organiser's home that this reader may see, in order."""
    found = [panel for service in installed() for panel in service.panels if visible(panel.roles, _roles(call))]
    return sorted(found, key=lambda panel: panel.order)


def allowed(items: Sequence[NavigationItem], held: frozenset[Role]) -> list[NavigationItem]:
    """The items for someone who holds these roles, in order; equal orders keep that of the declarations."""
    return sorted((item for item in items if visible(item.roles, held)), key=lambda item: item.order)


def visible(wanted: frozenset[Role], held: frozenset[Role]) -> bool:
    """An owner sees everything; no role named means any role will do."""
    return bool(held) and (Role.OWNER in held or not wanted or bool(wanted & held))


def _roles(call: Call) -> frozenset[Role]:
    return call.principal.roles_in(call.programme_found.id if call.programme_found else None)

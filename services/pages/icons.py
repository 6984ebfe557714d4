"""Icons: Aksel's, inlined as SVG in the colour of the text around them, silent for screen readers.

A name is Aksel's own, in any spelling (`calendar`, `person-group`, `PersonGroup`), or one of our words for it below.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from services.pages.assets import ICONS, node_modules

WORDS = {
    "home": "House",
    "programme": "Buildings2",
    "event": "Calendar",
    "events": "Calendar",
    "stand": "MeetingSmall",
    "stands": "MeetingSmall",
    "people": "PersonGroup",
    "attendees": "PersonGroup",
    "visitor": "Person",
    "household": "PersonGroup",
    "booking": "Receipt",
    "bookings": "Receipt",
    "ticket": "QrCode",
    "waiting": "Hourglass",
    "check-in": "QrCode",
    "scan": "QrCode",
    "qr": "QrCode",
    "lead": "Handshake",
    "leads": "Handshake",
    "outcome": "Plant",
    "outcomes": "Plant",
    "campaign": "Megaphone",
    "campaigns": "Megaphone",
    "placement": "HikingTrailSign",
    "link": "Link",
    "message": "EnvelopeClosed",
    "messages": "EnvelopeClosed",
    "mail": "EnvelopeClosed",
    "delivery": "Paperplane",
    "deliveries": "Paperplane",
    "privacy": "ShieldLock",
    "system": "CogRotation",
    "settings": "Cog",
    "place": "LocationPin",
    "when": "Clock",
    "time": "Clock",
    "language": "Globe",
    "account": "PersonCircle",
    "log-out": "Leave",
    "next": "ArrowRight",
    "back": "ArrowLeft",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "add": "Plus",
    "remove": "Trash",
    "edit": "Pencil",
    "done": "Checkmark",
    "success": "CheckmarkCircle",
    "info": "InformationSquare",
    "warning": "ExclamationmarkTriangle",
    "danger": "XMarkOctagon",
    "empty": "Plant",
    "search": "MagnifyingGlass",
    "menu": "MenuHamburger",
    "measured": "Ruler",
    "imported": "FileImport",
    "estimated": "Calculator",
    "self-reported": "Chat",
    "audit": "ClipboardCheckmark",
    "token": "KeyHorizontal",
    "task": "TasklistStart",
    "target": "FlagCross",
    "heart": "Heart",
    "print": "PrinterSmall",
    "file": "File",
}


class IconUnknown(Exception):
    """No icon has that name. The message gives it."""


@cache
def icons() -> dict[str, Markup]:
    """Every icon by Aksel's name, lower case without dashes, read once."""
    found = {}
    for path in (node_modules() / ICONS).glob("*.svg"):
        found[path.stem.lower()] = _dressed(path.read_text(encoding="utf-8"))
    return found


def icon(name: str) -> Markup:
    """The icon called `name`; raises `IconUnknown`."""
    wanted = re.sub(r"[-_ ]", "", WORDS.get(name, name)).lower()
    try:
        return icons()[wanted]
    except KeyError:
        raise IconUnknown(f"there is no icon called {name!r}; see services/pages/icons.py") from None


def _dressed(svg: str) -> Markup:
    """Sized by our styles instead of its own attributes, and hidden from screen readers."""
    head = r'<svg class="icon" viewBox="\1" fill="none" aria-hidden="true">'
    drawn = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', head, svg, count=1)
    return Markup(drawn.replace("\n", ""))  # noqa: S704 — a file of the icon package

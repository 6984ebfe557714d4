"""A fair into which lists of people are brought as the form does it, and what the page says of every row."""

from __future__ import annotations

import io
from typing import Any

import aiohttp

from tests.registrations.desks import OURS, Desk, Page

PAGE = "/en/console/havlandet/attendees/fair/import"
HEADER = ("Name", "E-mail", "Adults")


async def fair(desk: Desk, households: int = 99) -> Any:
    event = desk.world.event("fair", households=households)
    await desk.world.programme()
    await desk.world.hear(event)
    return event


async def sent(desk: Desk, data: bytes, name: str = "list.csv") -> Page:
    """Send a file as the form does; the page that it leads to, or the one that says what is wrong."""
    address, fields = (await desk.get(PAGE)).form("/import")
    body = aiohttp.FormData()
    for field, values in fields.items():
        if field != "file":
            body.add_field(field, values[0])
    body.add_field("file", io.BytesIO(data), filename=name)
    response = await desk.client.post(address, data=body, headers=OURS, allow_redirects=False)
    if response.status == 303:
        return await desk.get(response.headers["Location"])
    return Page(response.status, address, await response.text(), dict(response.headers))


async def names(desk: Desk) -> list[str]:
    rows = await desk.world.rows(
        "SELECT h.name FROM bookings b JOIN people.households h ON h.booking_id = b.id ORDER BY b.id"
    )
    return [row["name"] for row in rows]


def fates(page: Page) -> list[str]:
    """The badge of each row and what stands below it."""
    import re

    found = re.findall(r'<span class="ds-tag"[^>]*>([^<]+)</span>(?:<br>([^<]+))?', page.text)
    return [": ".join(part.strip() for part in one if part) for one in found]


def going(page: Page) -> tuple[str, dict[str, Any]]:
    """The form that books, as it stands."""
    (found,) = [(address, fields) for address, fields in page.forms() if "csrf" in fields and "place" in fields]
    return found

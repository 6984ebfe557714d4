"""What the pages of those who run an event share: the event named in the address, and the roles that may open them."""

from __future__ import annotations

from typing import Any

from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.routes import Role, roles

ORGANISERS = roles(Role.ORGANISER)
DOOR = roles(Role.ORGANISER, Role.CHECK_IN, Role.STAND_HOST)
HOSTS = roles(Role.ORGANISER, Role.STAND_HOST)
FIGURES = roles(Role.ORGANISER, Role.STAND_HOST, Role.MARKETING, Role.READER)


async def event_named(call: Call, tx: Transaction) -> Any:
    """The row of the event whose slug is in the path; raises `NotFound`."""
    row = await queries.event_by_slug(tx.connection, slug=call.path("event"))
    if row is None:
        raise NotFound("event")
    return row

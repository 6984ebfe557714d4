"""Who may do what with events, and what the parts of a path name: shared by pages and API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.routes import ANY_ROLE, Role, roles

EDITORS = roles(Role.ORGANISER)
READERS = ANY_ROLE
"""Everyone with a role needs to know what happens; nothing here is personal."""

Command = Callable[[Transaction], Awaitable[Any]]


def identifier(call: Call, name: str) -> UUID:
    """The id that a part of the path holds; raises `NotFound` where it is none."""
    try:
        return UUID(call.path(name))
    except ValueError:
        raise NotFound(name) from None

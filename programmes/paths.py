"""What the parts of a path name, and who may go where: shared by pages and API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from programmes.domain import Kind
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.routes import Role, roles

READERS = roles(Role.ORGANISER, Role.MARKETING, Role.READER)
EDITORS = roles(Role.ORGANISER)
DOERS = roles(Role.ORGANISER, Role.MARKETING)
"""Who may tick off tasks."""
OWNERS = roles()

Command = Callable[[Transaction], Awaitable[Any]]


def identifier(call: Call, name: str) -> UUID:
    """The id that a part of the path holds; raises `NotFound` where it is none."""
    try:
        return UUID(call.path(name))
    except ValueError:
        raise NotFound(name.removesuffix("_id")) from None


def kind_of(call: Call) -> Kind:
    """The kind of list that the path names, as in `work-area`; raises `NotFound`."""
    try:
        return Kind(call.path("kind").replace("-", "_"))
    except ValueError:
        raise NotFound("list") from None

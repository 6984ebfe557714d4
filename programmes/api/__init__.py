"""JSON below /api/v1/: `public` reads the catalogue, `console` edits a programme, `groups` its working groups."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from programmes.paths import Command
from services.http.call import Call
from services.identity import access


class Shown(BaseModel):
    """An answer, read from the shapes of `domain`."""

    model_config = ConfigDict(from_attributes=True)


class Made(Shown):
    """What was made."""

    id: UUID


class Done(Shown):
    """The state after a change: the version to send with the next one."""

    version: int


class Seen(BaseModel):
    """The query string of a removal: the version of what was shown."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, lt=2**31)


async def command(call: Call, do: Command) -> Any:
    """Run a command in one transaction, tell the other processes, and return what it returns."""
    async with call.transaction() as tx:
        result = await do(tx)
    await access.announce(call.context)
    return result

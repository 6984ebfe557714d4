"""The JSON API of notifications: the delivery log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel

from notifications import commands
from notifications.facts import DeliveryStatus
from services import sql
from services.http.call import Call
from services.http.problems import NotFound

queries = sql.load(__package__)

STATUSES: tuple[str, ...] = (*(status.value for status in DeliveryStatus), "sending")


class DeliveryStep(BaseModel):
    happened_at: datetime
    step: str
    detail: str


class DeliveryAnswer(BaseModel):
    id: UUID
    visitor_id: UUID
    booking_id: UUID | None
    kind: str
    channel: str
    status: str
    due_at: datetime
    settled_at: datetime | None
    attempts: int
    steps: list[DeliveryStep]


class Asked(BaseModel):
    id: UUID


async def show_delivery(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        row = await queries.find_delivery(tx.connection, id=identifier(call))
        if row is None:
            raise NotFound("delivery")
        steps = await queries.steps_of_delivery(tx.connection, delivery_id=row["id"])
    fields = {name: row[name] for name in DeliveryAnswer.model_fields if name != "steps"}
    return call.json(DeliveryAnswer(**fields, steps=[DeliveryStep(**dict(step)) for step in steps]))


async def ask_again(call: Call) -> StreamResponse:
    async with call.transaction() as tx:
        await commands.ask_again(tx, identifier(call))
    return call.json(Asked(id=identifier(call)))


def identifier(call: Call) -> UUID:
    """The delivery's id in the path; NotFound where it is none."""
    try:
        return UUID(call.path("delivery"))
    except ValueError:
        raise NotFound("delivery") from None

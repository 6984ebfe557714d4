"""A family that has booked, and what a host noted of a conversation with them."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from registrations.commands import leads
from registrations.commands.leads import Conversation
from registrations.domain.household import Household
from registrations.facts import Interest
from tests.registrations.worlds import World

SAID = Conversation(
    Interest.HOT,
    tags=("nurse", "farm"),
    note="Looking for a small farm",
    promise="Send the list of farms",
    next_step="Call",
    next_step_on=date(2026, 4, 20),
)


async def family(world: World, **more: object) -> UUID:
    event = world.event(f"event-{uuid4().hex[:6]}", households=5)
    await world.hear(event)
    application = world.household(event, household=Household(2, children_3_5=2), **more)
    await world.decide(application)
    return application.booking_id


async def lead(world: World, booking_id: UUID) -> UUID:
    async with world.database.transaction(world.programme_id) as tx:
        return await leads.note_lead(tx, booking_id, SAID, consent_language="nl", noted_by=UUID(int=7))

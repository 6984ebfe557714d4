"""Staff book for somebody else: asked for as everybody's booking is, and who stands here now is let in with it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from registrations.commands import check_in
from registrations.commands.together import anew, ask
from registrations.domain.applications import Application
from registrations.domain.asking import Came
from services.context import Context
from services.database import Transaction


async def book(
    context: Context, programme_id: UUID, wish: Application, *, here: bool, account_id: UUID | None
) -> tuple[UUID, Came]:
    """(the booking, what became of the wish). Raises `Refused`.

    Who is `here` is booked and let in, in one go, as a stand's walk-ins are. They take a time's place where one is
    chosen; the event itself has room for who is in it already.
    """
    if not here:
        granted = await ask(context, programme_id, wish)
        return granted.booking_id, granted.came
    standing = replace(wish, walk_in=True, wait=False)

    async def decide(tx: Transaction) -> UUID:
        return await check_in.walk_in(tx, context.keys, standing, account_id)

    return await anew(context, programme_id, decide), Came.BOOKED

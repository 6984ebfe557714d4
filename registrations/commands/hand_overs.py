"""Someone else comes instead: asked by the booking's visitor, and theirs only when they say yes themselves.

Who asks learns nothing of the other: neither whether we know that address, nor whether they come already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from registrations.commands import telling
from registrations.commands.ledgers import packed
from registrations.domain.applications import Person, Takeover
from registrations.domain.refusals import Reason, Refused
from registrations.facts import BookingHandOverAsked, BookingStatus
from registrations.statements import queries
from services.database import Transaction
from services.ids import new_id
from services.keys import Keys, token_hash
from services.words import sort_key

OPEN_FOR = timedelta(days=3)
"""So long someone may think about it; never beyond the start."""
PURPOSE = "hand-over"


async def offer(tx: Transaction, keys: Keys, booking_id: UUID, person: Person, *, rotation: int | None = None) -> UUID:
    """Ask `person` by mail to come instead; the booking stays as it is until they say yes. Returns the hand-over's id.

    An earlier one that was not answered is worthless then. Raises `Refused` where the booking has no place to give, or
    is no longer the asker's: they knew it under another `rotation` (None: whoever has it now).
    """
    # Visitors before bookings, as wherever wishes are decided: or we wait in a ring with who decides about both.
    row = {"id": new_id(tx.moment), "name": person.name, "email": person.email, "email_key": person.email_key}
    (met,) = await queries.meet_visitors(
        tx.connection,
        programme_id=tx.programme,
        moment=tx.moment,
        rows=packed([{**row, "language": person.language}]),
        by_themselves=False,
    )
    booking = await queries.lock_booking(tx.connection, id=booking_id)
    if booking is None or (rotation is not None and booking["rotation"] != rotation):
        raise Refused(Reason.UNKNOWN_BOOKING)
    if booking["status"] != BookingStatus.CONFIRMED or tx.moment >= booking["starts_at"]:
        raise Refused(Reason.OVER)
    hand_over_id = new_id(tx.moment)
    ends_by = min(tx.moment + OPEN_FOR, booking["starts_at"])
    await queries.withdraw_hand_overs(tx.connection, booking_id=booking_id, moment=tx.moment)
    await queries.save_hand_over(
        tx.connection,
        id=hand_over_id,
        programme_id=tx.programme,
        booking_id=booking_id,
        from_visitor_id=booking["visitor_id"],
        to_visitor_id=met["id"],
        token_hash=token_hash(keys.token(PURPOSE, hand_over_id, 0)),
        ends_by=ends_by,
        moment=tx.moment,
    )
    changed = await queries.raise_version(tx.connection, id=booking_id, moment=tx.moment)
    stands = telling.of_row("changed", changed, tx.moment)
    tx.publish(
        BookingHandOverAsked(
            **stands.model_dump(),
            to_visitor_id=met["id"],
            hand_over_id=hand_over_id,
            hand_over_ends_at=ends_by,
        )
    )
    return hand_over_id


async def take_back(tx: Transaction, booking_id: UUID, *, rotation: int) -> bool:
    """Its visitor comes after all: whoever was asked cannot say yes any more.

    False where there is nothing to take back: they have answered, their time is over, or the booking is no longer that
    of who knew it under this `rotation`.
    """
    taken = await queries.take_back_hand_over(tx.connection, booking_id=booking_id, rotation=rotation, moment=tx.moment)
    return taken is not None


async def decline(tx: Transaction, hand_over_id: UUID) -> None:
    """They said no: the booking stays whose it is, and who was asked is forgotten as one who never answered."""
    await queries.decline_hand_over(tx.connection, id=hand_over_id, moment=tx.moment)


async def still_asked(tx: Transaction, taken: Sequence[Takeover]) -> set[UUID]:
    """The hand-overs among these that were not withdrawn, answered or ended since their pages were read."""
    if not taken:
        return set()
    ids = [one.hand_over_id for one in taken]
    return {row["id"] for row in await queries.open_hand_overs(tx.connection, ids=ids, moment=tx.moment)}


async def settle(tx: Transaction, taken: Takeover) -> None:
    """The booking changed hands: its household goes by the new name, what the first one said of themselves goes."""
    await queries.accept_hand_over(tx.connection, id=taken.hand_over_id, moment=tx.moment)
    await queries.withdraw_hand_overs(tx.connection, booking_id=taken.booking_id, moment=tx.moment)
    await queries.drop_all_answers(tx.connection, booking_id=taken.booking_id, moment=tx.moment)
    await queries.rename_household(
        tx.connection,
        booking_id=taken.booking_id,
        visitor_id=taken.visitor_id,
        name=taken.name,
        language=taken.language,
        sort_key=sort_key(taken.name),
    )
    # Their answer came by the link in our mail.
    await queries.confirm_address(tx.connection, booking_id=taken.booking_id, moment=tx.moment)

"""An address that was corrected: the booking is told anew, once, to the address as it is now, with links that work."""

from __future__ import annotations

from typing import Any

import pytest

from notifications import reactions, sending
from registrations.facts import BookingConfirmed, BookingHeld, BookingRenewed, BookingStatus, BookingWaitlisted
from tests.notifications.post_office import PROGRAMME, PostOffice, World


async def correct(world: World, email: str) -> None:
    async with world.house.contexts["registrations"].database.transaction(PROGRAMME) as tx:
        await tx.connection.execute("UPDATE people.visitors SET email = $1, email_key = $1", email)


@pytest.mark.parametrize(
    ("first", "status", "awaits", "kind"),
    [
        (BookingConfirmed, BookingStatus.CONFIRMED, None, "confirmed"),
        (BookingWaitlisted, BookingStatus.WAITING, None, "waitlisted"),
        (BookingHeld, BookingStatus.HELD, "address", "address"),
        (BookingHeld, BookingStatus.HELD, "approval", "asked"),
    ],
)
async def test_it_is_told_anew_to_the_right_one_with_links_that_work(
    world: World, office: PostOffice, first: Any, status: BookingStatus, awaits: str | None, kind: str
) -> None:
    visitor = await world.visitor("Kari", "kri@example.org", "en")
    await world.tell(reactions.take_booking, world.booking(first, status, 1, visitor, awaits=awaits))
    await sending.send_due(world.context)
    office.mails.clear()
    await correct(world, "kari@example.org")
    renewed = world.booking(BookingRenewed, status, 2, visitor, awaits=awaits, rotation=1)
    for _ in range(2):  # delivered twice, it is told once
        await world.tell(reactions.take_booking, renewed)
    await sending.send_due(world.context)
    [mail] = office.mails
    assert mail["To"].addresses[0].addr_spec == "kari@example.org"
    assert world.context.keys.token("booking", renewed.booking_id, 1) in mail.get_body(("plain",)).get_content()
    assert [one for one in await world.log() if one[0] == kind] == [(kind, "sent")] * 2


async def test_what_had_not_gone_out_is_not_told_twice_and_a_reminder_still_comes(world: World) -> None:
    visitor = await world.visitor("Kari", "kri@example.org", "en")
    confirmed = BookingStatus.CONFIRMED
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, confirmed, 1, visitor))
    await world.tell(reactions.take_booking, world.booking(BookingRenewed, confirmed, 2, visitor, rotation=1))
    assert sorted(await world.log()) == [("confirmed", "overtaken"), ("confirmed", "planned"), ("reminder", "planned")]


async def test_who_walked_in_and_what_is_over_is_told_nothing(world: World) -> None:
    visitor = await world.visitor("Kari", "kri@example.org", "en")
    attended = BookingStatus.ATTENDED
    await world.tell(reactions.take_booking, world.booking(BookingRenewed, attended, 2, visitor, rotation=1))
    assert await world.log() == []

"""What a sender holds when it dies, and when its process ends in order: no mail twice, and nobody kept waiting."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from notifications import claims, reactions, sending
from notifications.channels.email import letter
from notifications.channels.email.transport import Transport
from registrations.facts import BookingConfirmed, BookingStatus
from services.clock import MovedClock
from services.ids import new_id
from tests.notifications.post_office import PROGRAMME, PostOffice, World

CONFIRMED = BookingStatus.CONFIRMED


@pytest.fixture
async def booked(world: World) -> World:
    await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, await world.visitor()))
    return world


async def claimed(world: World) -> tuple[UUID, UUID]:
    """A sender takes the confirmation in hand, and says no more; the delivery and the claim."""
    async with world.context.database.system() as tx:
        claim = new_id(tx.moment)
        [row] = await sending.queries.claim_due(tx.connection, claim=claim, moment=tx.moment, most=1)
        return row["id"], claim


async def test_a_sender_that_died_over_a_mail_leaves_it_unknown(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    delivery, claim = await claimed(booked)
    async with booked.context.database.transaction(PROGRAMME) as tx:
        assert await sending.queries.begin(tx.connection, id=delivery, claim=claim) == delivery
    await claims.give_up_claims(booked.context)
    assert dict(await booked.log())["confirmed"] == "sending"
    clock.move(timedelta(minutes=11))
    await claims.give_up_claims(booked.context)
    await sending.send_due(booked.context)
    assert dict(await booked.log())["confirmed"] == "unknown"
    assert office.mails == []


async def test_a_mail_that_a_dead_sender_had_not_come_to_is_sent_by_another_and_never_by_that_one(
    booked: World, office: PostOffice, clock: MovedClock
) -> None:
    delivery, claim = await claimed(booked)
    clock.move(timedelta(minutes=11))
    await claims.give_up_claims(booked.context)
    await sending.send_due(booked.context)
    assert dict(await booked.log())["confirmed"] == "sent"
    assert len(office.mails) == 1
    async with booked.context.database.transaction(PROGRAMME) as tx:
        assert await sending.queries.begin(tx.connection, id=delivery, claim=claim) is None, "it was frozen, and thaws"


# A process that ends in order -----------------------------------------------------------------------------------------


@pytest.fixture
async def three(world: World) -> World:
    """Three households are to be told."""
    for name in ("ase", "eva", "jan"):
        visitor = await world.visitor(name.title(), f"{name}@example.org", "nb")
        await world.tell(reactions.take_booking, world.booking(BookingConfirmed, CONFIRMED, 1, visitor))
    return world


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """A mail server that thinks: the first event says that it has a mail, the second lets it answer."""
    has, may = asyncio.Event(), asyncio.Event()
    hand_over = Transport.send

    async def think(self: Transport, *given: Any) -> str:
        has.set()
        await may.wait()
        return await hand_over(self, *given)

    monkeypatch.setattr(Transport, "send", think)
    return has, may


async def standing(world: World) -> list[tuple[str, int]]:
    async with world.context.database.transaction(PROGRAMME) as tx:
        rows = await tx.connection.fetch("SELECT status, attempts FROM deliveries WHERE kind = 'confirmed' ORDER BY id")
        return [(row["status"], row["attempts"]) for row in rows]


async def test_the_mail_in_hand_is_handed_over_and_the_others_are_given_back_at_once(
    three: World, office: PostOffice, slow: tuple[asyncio.Event, asyncio.Event]
) -> None:
    has, may = slow
    run = asyncio.create_task(sending.send_due(three.context))
    await has.wait()
    run.cancel()
    await asyncio.sleep(0)
    assert not run.done(), "it waits for the server's answer"
    may.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await standing(three) == [("sent", 1), ("planned", 0), ("planned", 0)]
    await sending.send_due(three.context)
    assert await standing(three) == [("sent", 1)] * 3
    assert len(office.mails) == 3


async def test_a_server_that_says_nothing_keeps_no_process_from_ending(
    three: World, office: PostOffice, clock: MovedClock, slow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "LAST_MAIL", 0.05)
    run = asyncio.create_task(sending.send_due(three.context))
    await slow[0].wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await standing(three) == [("sending", 1), ("planned", 0), ("planned", 0)]
    clock.move(timedelta(minutes=11))
    await claims.give_up_claims(three.context)
    assert (await standing(three))[0] == ("unknown", 1)


# A mail that we fail to write or to hand over -------------------------------------------------------------------------


async def test_a_mail_that_cannot_be_written_keeps_no_other_waiting_and_has_failed_in_the_end(
    three: World, office: PostOffice, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = letter.compose

    def stumble(kind: Any, story: Any, name: str, *of: Any) -> Any:
        if name == "Ase":
            raise KeyError("ada@example.org")
        return compose(kind, story, name, *of)

    monkeypatch.setattr(letter, "compose", stumble)
    await sending.send_due(three.context)
    assert sorted(await standing(three)) == [("planned", 1), ("sent", 1), ("sent", 1)]
    clock.move(timedelta(days=4))
    await sending.send_due(three.context)
    assert sorted(status for status, _ in await standing(three)) == ["failed", "sent", "sent"]
    async with three.context.database.transaction(PROGRAMME) as tx:
        reasons = await tx.connection.fetch("SELECT DISTINCT reason FROM deliveries WHERE status = 'failed'")
    assert [row["reason"] for row in reasons] == ["not-written"]


async def test_a_mail_that_a_sender_stumbles_over_is_unknown_and_the_others_are_sent(
    three: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Transport.send

    async def stumble(self: Transport, mail: Any, *of: Any) -> str:
        if "ase@" in str(mail["To"]):
            raise RuntimeError("the pen broke")
        return await hand_over(self, mail, *of)

    monkeypatch.setattr(Transport, "send", stumble)
    await sending.send_due(three.context)
    assert sorted(status for status, _ in await standing(three)) == ["sent", "sent", "unknown"]


async def test_without_a_database_nothing_counts_as_a_try(
    three: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise ConnectionResetError

    with monkeypatch.context() as patch, pytest.raises(ConnectionResetError):
        patch.setattr(sending, "_prepare", away)
        await sending.send_due(three.context)
    assert await standing(three) == [("planned", 0)] * 3
    await sending.send_due(three.context)
    assert len(office.mails) == 3

"""A sender that dies at any step while the shift changes at any other: the host hears how it ended, or a person does.

Every step at which it may die meets every step at which the shift may change, for each way of changing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from notifications import claims, shifts
from notifications.channels.email.transport import Transport
from services.clock import MovedClock
from services.context import Context
from services.routes import Role
from tests.notifications.post_office import PROGRAMME, PostOffice, World
from tests.notifications.test_host_mails import LOG, Hosts
from tests.notifications.test_shifts import SHIFT, entry, sent, tell
from tests.registrations.desks import Desk

STEPS = ("claimed", "begun", "handed over", "settled")
"""What has just been committed, or has left."""
Hook = Callable[[str], Awaitable[None]]


class Died(BaseException):
    """The sender is gone: nothing of it comes after."""


@asynccontextmanager
async def nothing_given_back(*_: object) -> AsyncIterator[None]:
    """The dead give nothing back."""
    yield


@pytest.fixture
def handed() -> list[tuple[str, Any, int]]:
    """What each mail told that was handed over, or about to be."""
    return []


@pytest.fixture
def at_each_step(monkeypatch: pytest.MonkeyPatch, handed: list[Any]) -> Callable[[Hook | None], None]:
    """Says what happens between the sender's steps."""
    hook: list[Hook] = []

    async def step(name: str) -> None:
        for one in hook:
            await one(name)

    class Steps(Transport):
        async def send(self, mail: Any, *of: Any) -> str:
            handed.append(read(mail))
            await step("begun")
            answer = await super().send(mail, *of)
            await step("handed over")
            return answer

    deliver = shifts._deliver

    async def stepwise(context: Context, *of: Any) -> None:
        await step("claimed")
        await deliver(context, *of)
        await step("settled")

    def become(one: Hook | None) -> None:
        hook[:] = [one] if one else []

    monkeypatch.setattr(claims, "given_back", nothing_given_back)
    monkeypatch.setattr(shifts, "Transport", Steps)
    monkeypatch.setattr(shifts, "_deliver", stepwise)
    return become


CHANGES: dict[str, tuple[tuple[int, bool], ...]] = {
    "moved": ((1, False),),
    "moved and back": ((1, False), (0, False)),
    "taken away": ((0, True),),
    "taken away and given back": ((0, True), (0, False)),
    "taken away and given at another time": ((0, True), (2, False)),
}
"""What becomes of the shift: by how many hours it is later than at first, and whether nobody stands there."""


@pytest.mark.parametrize(
    "told_before",
    [pytest.param(False, marks=pytest.mark.all, id="a new shift"), pytest.param(True, id="a shift that moves")],
)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("dies", STEPS)
async def test_the_host_knows_how_it_ended_or_it_can_be_sent_again(
    world: World,
    office: PostOffice,
    clock: MovedClock,
    hosts: Hosts,
    at_each_step: Callable[[Hook | None], None],
    handed: list[Any],
    dies: str,
    change: str,
    told_before: bool,
) -> None:
    versions = count(1)

    async def become(hours: int, removed: bool) -> None:
        await tell(world, hosts["en"], next(versions), hours=hours, removed=removed)

    for changes in (*STEPS[: STEPS.index(dies) + 1], "once it is dead"):
        await forget(world)
        office.mails.clear()
        handed.clear()
        if told_before:
            await become(-1, False)
            await sent(world, office, clock)
        await become(0, False)

        async def between(step: str, changes: str = changes) -> None:
            if step == changes:
                for one in CHANGES[change]:
                    await become(*one)
            if step == dies:
                raise Died

        at_each_step(between)
        with suppress(Died):  # it lives where there is nothing to tell any more before it begins
            await sent(world, office, clock)
        at_each_step(None)
        await between(changes, changes) if changes == "once it is dead" else None
        clock.move(shifts.LEFT_BEHIND)
        while await sent(world, office, clock):
            pass
        hours, removed = CHANGES[change][-1]
        ended = None if removed else world.starts_at + timedelta(hours=hours)
        await check(world, [read(mail) for mail in office.mails], handed, ended, f"changed: {changes}")


async def forget(world: World) -> None:
    async with world.context.database.system() as tx:
        await tx.connection.execute("DELETE FROM shift_letters")
        await tx.connection.execute("DELETE FROM shift_mails")


async def check(world: World, arrived: list[Any], handed: list[Any], ended: Any, because: str) -> None:
    """`ended`: when the shift begins in the end; None where the host has it no more."""
    async with world.context.database.transaction(PROGRAMME) as tx:
        asked = {"stand_id": None, "outcome": None, "before": None, "moment": tx.moment, "most": 9}
        noted = list(reversed(await shifts.queries.list_shift_mails(tx.connection, **asked)))
        letter = await tx.connection.fetchrow("SELECT * FROM shift_letters")
    assert letter["due_at"] is None and letter["claim"] is None, f"{because}: it comes to rest"
    assert [(one["news"], one["starts_at"]) for one in noted] == [one[:2] for one in handed], f"{because}: all is noted"
    assert len(set(arrived)) == len(arrived), f"{because}: none comes twice"
    assert [one[2] for one in handed] == list(range(len(handed))), f"{because}: a calendar takes the last"
    if not noted:
        assert ended is None, f"{because}: nobody need be told of what they never had"
        return
    last = noted[-1]
    assert (None if last["news"] == "taken" else last["starts_at"]) == ended, f"{because}: the last is told"
    assert last["outcome"] == "unknown" or (last["outcome"] == "sent" and handed[-1] in arrived), because
    assert last["may_be_told_again"] == (last["outcome"] == "unknown"), f"{because}: a person can send it again"


def read(mail: Any) -> tuple[str, Any, int]:
    """What a mail that arrived tells: its news, when the shift begins, and which of the calendar's entries it is."""
    news = {"You have a shift": "given", "Your shift has moved": "moved", "You no longer have this shift": "taken"}
    _, event = entry(mail)
    return news[mail["Subject"].partition(":")[0]], event.decoded("DTSTART"), int(event["SEQUENCE"])


async def test_a_change_that_a_dead_sender_did_not_tell_is_told_and_its_own_is_offered_until_then(
    world: World,
    office: PostOffice,
    clock: MovedClock,
    hosts: Hosts,
    desk: Desk,
    at_each_step: Callable[[Hook | None], None],
) -> None:
    await desk.sign_in(Role.ORGANISER)
    await tell(world, hosts["en"], 1)

    async def move_and_die(step: str) -> None:
        if step == "begun":
            await tell(world, hosts["en"], 2, hours=1)
            raise Died

    at_each_step(move_and_die)
    with pytest.raises(Died):
        await sent(world, office, clock)
    at_each_step(None)
    clock.move(shifts.LEFT_BEHIND)
    (moved,) = await sent(world, office, clock)
    assert moved["Subject"] == "Your shift has moved: Homecoming day, Thu 23 Apr, 13:00–15:00"
    page = (await desk.get(LOG)).text
    assert page.count("Put on a shift") == 1 and page.count("Shift moved") == 1 and "Send again" not in page


async def test_what_changes_while_a_mail_is_on_its_way_waits_until_nobody_plans_any_more(
    world: World,
    office: PostOffice,
    clock: MovedClock,
    hosts: Hosts,
    at_each_step: Callable[[Hook | None], None],
) -> None:
    await tell(world, hosts["en"], 1)

    async def move(step: str) -> None:
        if step == "handed over":
            await tell(world, hosts["en"], 2, hours=1)

    at_each_step(move)
    await sent(world, office, clock)
    at_each_step(None)
    await shifts.send_due(world.context)
    assert len(office.mails) == 1
    await tell(world, hosts["en"], 3, hours=2)
    assert len(await sent(world, office, clock)) == 1


async def test_a_sender_that_was_only_slow_notes_nothing_of_a_claim_that_was_given_up(
    world: World,
    office: PostOffice,
    clock: MovedClock,
    hosts: Hosts,
    at_each_step: Callable[[Hook | None], None],
) -> None:
    await tell(world, hosts["en"], 1)

    async def dawdle(step: str) -> None:
        if step == "handed over":
            clock.move(shifts.LEFT_BEHIND + timedelta(minutes=1))
            at_each_step(None)
            await shifts.send_due(world.context)

    at_each_step(dawdle)
    await sent(world, office, clock)
    async with world.context.database.transaction(PROGRAMME) as tx:
        noted = await tx.connection.fetch("SELECT outcome, reason FROM shift_mails")
    assert [tuple(one) for one in noted] == [("unknown", "sender-died")]
    assert await sent(world, office, clock) == []


async def test_what_it_had_not_begun_counts_as_no_try(
    world: World, clock: MovedClock, hosts: Hosts, at_each_step: Callable[[Hook | None], None], office: PostOffice
) -> None:
    await tell(world, hosts["en"], 1)

    async def die(step: str) -> None:
        if step == "claimed":
            raise Died

    at_each_step(die)
    with pytest.raises(Died):
        await sent(world, office, clock)
    at_each_step(None)
    office.manner = "later"
    clock.move(shifts.LEFT_BEHIND)
    await sent(world, office, clock)
    async with world.context.database.transaction(PROGRAMME) as tx:
        assert await tx.connection.fetchval("SELECT attempts FROM shift_letters WHERE shift_id = $1", SHIFT) == 1


async def test_a_sender_of_the_version_before_that_died_is_taken_to_have_told_what_is_so(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, at_each_step: Callable[[Hook | None], None]
) -> None:
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    await tell(world, hosts["en"], 2, hours=1)

    async def begin_and_die(step: str) -> None:
        if step == "claimed":
            async with world.context.database.transaction(PROGRAMME) as tx:
                await tx.connection.execute("UPDATE shift_letters SET begun = true")
            raise Died

    at_each_step(begin_and_die)
    with pytest.raises(Died):
        await sent(world, office, clock)
    at_each_step(None)
    clock.move(shifts.LEFT_BEHIND)
    assert await sent(world, office, clock) == []
    async with world.context.database.transaction(PROGRAMME) as tx:
        last = await tx.connection.fetchrow("SELECT news, starts_at, outcome FROM shift_mails ORDER BY id DESC LIMIT 1")
    assert tuple(last) == ("moved", world.starts_at + timedelta(hours=1), "unknown")

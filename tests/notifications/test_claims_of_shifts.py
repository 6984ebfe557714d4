"""What the sender of mails to hosts holds when its process ends in order, and when it stumbles over one of them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from notifications import shifts
from notifications.channels.email import shift_letter
from notifications.channels.email.transport import Transport
from services.clock import MovedClock
from tests.notifications.post_office import PROGRAMME, PostOffice, World
from tests.notifications.test_host_mails import Hosts
from tests.notifications.test_shifts import sent, tell, tell_of_another


async def attempts(world: World) -> list[tuple[bool, int]]:
    """Of each host's mail: whether it is due, and how often it was tried."""
    async with world.context.database.transaction(PROGRAMME) as tx:
        found = await tx.connection.fetch("SELECT due_at, attempts, claim FROM shift_letters ORDER BY shift_id")
    assert all(row["claim"] is None for row in found), "nobody holds it"
    return [(row["due_at"] is not None, row["attempts"]) for row in found]


async def test_a_process_that_is_to_end_hands_over_the_mail_in_its_hand_and_gives_back_the_others(
    world: World, clock: MovedClock, hosts: Hosts, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(world, hosts["en"], 1)
    await tell_of_another(world, hosts["nb"])
    clock.move(shifts.PAUSE)
    has, may = asyncio.Event(), asyncio.Event()
    hand_over = Transport.send

    async def think(self: Transport, *given: Any) -> str:
        has.set()
        await may.wait()
        return await hand_over(self, *given)

    monkeypatch.setattr(Transport, "send", think)
    run = asyncio.create_task(shifts.send_due(world.context))
    await has.wait()
    run.cancel()
    await asyncio.sleep(0)
    may.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert sorted(await attempts(world)) == [(False, 0), (True, 0)]
    assert len(office.mails) == 1
    await shifts.send_due(world.context)
    assert len(office.mails) == 2


async def test_a_mail_that_cannot_be_written_keeps_no_other_host_waiting(
    world: World, clock: MovedClock, hosts: Hosts, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(world, hosts["en"], 1)
    await tell_of_another(world, hosts["nb"])
    compose = shift_letter.compose

    def stumble(news: str, story: Any, name: str, lang: str, *of: Any) -> Any:
        if lang == "en":
            raise KeyError(name)
        return compose(news, story, name, lang, *of)

    monkeypatch.setattr(shift_letter, "compose", stumble)
    (mail,) = await sent(world, office, clock)
    assert mail["To"].addresses[0].addr_spec == "nb@example.org"
    assert sorted(await attempts(world)) == [(False, 0), (True, 1)]
    monkeypatch.setattr(shift_letter, "compose", compose)
    clock.move(timedelta(hours=1))
    (mail,) = await sent(world, office, clock)
    assert mail["To"].addresses[0].addr_spec == "en@example.org"

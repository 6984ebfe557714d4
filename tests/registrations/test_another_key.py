"""When somebody saw the key that links and tickets are made with, a new one makes all of them worthless."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from registrations.commands import check_in
from registrations.commands.hand_overs import PURPOSE
from services.keys import Keys
from tests.registrations.desks import Desk
from tests.registrations.test_api import ask, fair
from tests.registrations.test_api_of_places import booked

KARI = {"name": "Kari Nordmann", "email": "kari@example.org", "language": "nb"}
OTHER_KEY = "another key, as long as a key must be"


def made_with(folder: Path) -> Keys:
    (folder / "token-key").write_text(OTHER_KEY, encoding="utf-8")
    return Keys(folder)


async def test_the_old_links_and_tickets_open_nothing(desk: Desk, monkeypatch: Any) -> None:
    _, (slot,) = await fair(desk, 9)
    booking_id, mine = await booked(desk, slot)
    status, asked = await ask(desk, "POST", f"{mine}/hand-over", KARI)
    assert status == 202
    world, keys = desk.world, desk.running.contexts["registrations"].keys
    ticket = keys.token("ticket", booking_id)
    offered = f"/api/v1/hand-overs/{keys.token(PURPOSE, UUID(asked['hand_over_id']))}"
    event_id = (await world.rows("SELECT event_id FROM bookings"))[0]["event_id"]
    assert (await ask(desk, "GET", mine))[0] == 200
    assert (await ask(desk, "GET", offered))[0] == 200
    assert (await desk.get(f"/t/{ticket}")).status == 200
    async with world.database.transaction(world.programme_id) as tx:
        assert await check_in.find(tx, keys, event_id, ticket) == booking_id
    monkeypatch.setitem(keys._read, "token-key", OTHER_KEY)
    assert (await ask(desk, "GET", mine))[0] == 404
    assert (await ask(desk, "GET", offered))[0] == 404
    assert (await desk.get(f"/t/{ticket}")).status == 404
    async with world.database.transaction(world.programme_id) as tx:
        assert await check_in.find(tx, keys, event_id, ticket) is None


def test_a_token_is_judged_as_somebody_typed_it(keys: Keys, tmp_path: Path) -> None:
    token = keys.token(PURPOSE, UUID(int=1), 2)
    assert keys.made(f" {token.upper()}\n", PURPOSE, UUID(int=1), 2)
    assert not keys.made(token, PURPOSE, UUID(int=1), 1)
    assert not keys.made(token, "ticket", UUID(int=1), 2)
    assert not keys.made("å", PURPOSE, UUID(int=1), 2)
    assert not made_with(tmp_path).made(token, PURPOSE, UUID(int=1), 2)

"""What is booked in the house under test: a fair with stands and times, and printed codes that lead to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiohttp.test_utils import TestClient, TestServer

from services.chassis import CHASSIS
from services.identity import access
from services.messages import BusError
from services.process import Running
from services.routes import Role
from tests.house.people import Person, sign_in, token_of
from tests.journeys.actors import Staff

PROGRAMME = "blest-i-havlandet"
FAIR = "messe"
TEXTS = dict.fromkeys(("nb", "nn", "en", "nl"), "Messe for utvandrere")
STANDS, SLOTS = 2, 4
"""Stands at the fair, and times at each."""
CAPACITY = 30
"""Persons at each time: few enough to be fought for."""
LEADERS_WITHIN = 60.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Fair:
    """What can be asked for."""

    programme_id: UUID
    event_id: UUID
    slots: Sequence[UUID]
    links: Sequence[str]
    """The slugs of tracked links that lead here."""
    token: str
    """An organiser's, for the API."""


async def open_the_fair(house: Running, capacity: int) -> Fair:
    """Plan and publish it by the services' own commands, with `capacity` persons at each time."""
    programmes = house.contexts["programmes"]
    assert programmes.service.demo is not None
    await programmes.service.demo(programmes, datetime.now(UTC).date())
    await _drained(house)
    found = await access.find_programme(house.contexts[CHASSIS.name], PROGRAMME)
    assert found is not None
    person = await sign_in(house, "faults", found.id, Role.OWNER, Role.ORGANISER, Role.MARKETING)
    async with TestClient(TestServer(house.app)) as client:
        staff = Staff(house, client, person, PROGRAMME)
        event_id, slots = await _plan(staff, capacity)
        await _drained(house)
        links = [await _place(staff, number) for number in range(3)]
        await _drained(house)
    return Fair(found.id, event_id, slots, links, await _token(house, person, found.id))


async def _drained(house: Running) -> None:
    """Everything told and taken in; three servers take some seconds to choose who leads each stream."""
    async with asyncio.timeout(LEADERS_WITHIN):
        while True:
            try:
                await house.drain()
            except BusError:
                await asyncio.sleep(0.5)
            else:
                return


async def _plan(staff: Staff, capacity: int) -> tuple[UUID, list[UUID]]:
    day = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    event = await staff.ask(
        "POST",
        "events",
        {
            "titles": TEXTS,
            "summaries": TEXTS,
            "descriptions": TEXTS,
            "slug": FAIR,
            "time_zone": "Europe/Oslo",
            "starts_at": f"{day}T10:00",
            "ends_at": f"{day}T18:00",
            "venue_name": "Samfunnshuset",
            "venue_address": "Storskjær",
        },
    )
    slots: list[UUID] = []
    for number in range(STANDS):
        stand = await staff.ask(
            "POST",
            f"events/{event['event_id']}/stands",
            {"number": f"b{number}", "names": TEXTS, "exhibitor": "Blest i Havlandet"},
        )
        opened = await staff.ask(
            "POST",
            f"stands/{stand['stand_id']}/slots",
            {
                "first_day": day,
                "opens": "11:00",
                "closes": f"{11 + SLOTS // 2}:00",
                "length": 30,
                "capacity": capacity,
                "unit": "persons",
            },
        )
        slots += [UUID(slot["slot_id"]) for slot in opened["slots"]]
    await staff.ask("POST", f"events/{event['event_id']}/publish", {})
    return UUID(event["event_id"]), slots


async def _place(staff: Staff, number: int) -> str:
    """A placement with its tracked link; its slug."""
    today = datetime.now(UTC).date()
    campaign = await staff.ask(
        "POST",
        "campaigns",
        {
            "names": {"nb": f"Kampanje {number}"},
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=90)).isoformat(),
        },
    )
    placement = await staff.ask(
        "POST",
        f"campaigns/{campaign['id']}/placements",
        {"names": {"nb": "Brosjyre"}, "channel": "brochure", "target": f"/events/{FAIR}", "language": "nb"},
    )
    await staff.ask("POST", f"campaigns/{campaign['id']}/status", {"status": "running"})
    return str(placement["slug"])


async def _token(house: Running, person: Person, programme_id: UUID) -> str:
    return await token_of(house, person, programme_id, Role.ORGANISER, scopes=("write",))

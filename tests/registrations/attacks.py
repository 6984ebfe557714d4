"""A fair under attack: more who book than visitors would, the proof that is then asked for, and what was counted."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

from prometheus_client import REGISTRY

from events.facts import EventPublished
from registrations.domain import proof
from tests.registrations.desks import Desk, Page

FAMILY = {"name": "Sanne de Vries", "adults": 2, "place": "event"}
LIMIT = 5


async def fair(desk: Desk) -> EventPublished:
    event = desk.world.event("fair", households=100)
    await desk.world.programme(contact="post@havlandet.example")
    await desk.world.hear(event)
    return event


def stranger() -> str:
    return f"{uuid4().hex[:8]}@example.org"


async def book(desk: Desk, page: Page | None = None, **answers: Any) -> Page:
    shown = page or await desk.get("/en/register/fair")
    return await desk.fill_in(shown, "register/fair", **{**FAMILY, "email": stranger(), **answers})


async def attack(desk: Desk, times: int = LIMIT + 1) -> None:
    """As many as it takes, past the page: what they ask for does not matter."""
    form = await desk.get("/en/register/fair")
    for _ in range(times):
        await book(desk, form, attempt=uuid4())


def solved(page: Page) -> str:
    found = re.search(r'data-challenge="([^"]+)" data-bits="(\d+)"', page.text)
    assert found is not None, "the page asks for a proof"
    challenge = unescape(found[1])
    return f"{challenge}:{','.join(map(str, proof.solve(challenge, int(found[2]))))}"


async def many(desk: Desk) -> int:
    return len(await desk.world.rows("SELECT 1 FROM bookings"))


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0

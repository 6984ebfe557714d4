"""The story in real time, through the proxy: planned, announced, scanned, booked, moved, cancelled, offered, forgotten.

Nothing is drained and no clock is moved: the processes do it, and whoever waits looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from yarl import URL

from services.embedded.mailbox import Mailbox
from services.identity import access
from services.process import started
from services.registry import chosen
from services.routes import Role
from services.settings import Settings
from tests.deploy.front import Front
from tests.house.people import sign_in
from tests.journeys.actors import Family, Staff
from tests.journeys.plans import FAIR, texts

PROGRAMME = "blest-i-havlandet"
WITHIN = 40.0
"""Seconds in which what was done in one service is seen in another, on a machine with much else to do."""


@dataclass
class Address:
    """What a family's browser needs to know of a server."""

    url: str

    def make_url(self, path: str) -> URL:
        return URL(self.url).join(URL(path))


async def eventually(look: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Look until there is something; an answer that is not there yet (an assertion) counts as nothing."""
    until = asyncio.get_running_loop().time() + WITHIN
    while True:
        try:
            if found := await look():
                return found
        except (AssertionError, IndexError):
            found = None
        assert asyncio.get_running_loop().time() < until, f"not within {WITHIN:.0f} s: {what}"
        await asyncio.sleep(0.2)


@asynccontextmanager
async def staff(settings: Settings, front: Front, name: str) -> AsyncIterator[dict[str, Staff]]:
    """The programme of the seed, set up once, and an organiser and a marketer of their own."""
    async with (
        started(settings, chosen(["programmes"]), background=False) as house,
        ClientSession(front.url, connector=TCPConnector(ssl=front.trust), cookie_jar=DummyCookieJar()) as client,
    ):
        programmes = house.contexts["programmes"]
        assert programmes.service.demo is not None
        await programmes.service.demo(programmes, programmes.clock.now().date())
        found = await access.find_programme(house.contexts["identity"], PROGRAMME)
        assert found is not None
        roles = {"organiser": Role.ORGANISER, "marketing": Role.MARKETING}
        yield {
            title: Staff(house, client, await sign_in(house, f"{name}-{title}", found.id, role), PROGRAMME)  # type: ignore[arg-type]
            for title, role in roles.items()
        }


def family(front: Front, mailbox: Mailbox, name: str, language: str) -> Family:
    """A family whose name is also their address."""
    address = f"{name.lower().replace(' ', '-')}@example.org"
    return Family(None, Address(front.url), mailbox, name, address, language, front.trust)  # type: ignore[arg-type]


async def plan(organiser: Staff, slug: str) -> list[dict[str, Any]]:
    """A fair in three weeks with a stand of two half hours, one household each; published."""
    day = (datetime.now(UTC) + timedelta(days=21)).date().isoformat()
    given = {
        **texts(FAIR),
        "slug": slug,
        "time_zone": "Europe/Amsterdam",
        "starts_at": f"{day}T10:00",
        "ends_at": f"{day}T16:00",
        "venue_name": "Jaarbeurs",
        "venue_address": "Utrecht",
    }
    event = await organiser.ask("POST", "events", given)
    stand = await organiser.ask(
        "POST", f"events/{event['event_id']}/stands", {"number": "b12", "names": FAIR, "exhibitor": "Havlandet"}
    )
    made = await organiser.ask(
        "POST",
        f"stands/{stand['stand_id']}/slots",
        {"first_day": day, "opens": "11:00", "closes": "12:00", "length": 30, "capacity": 1, "unit": "households"},
    )
    await organiser.ask("POST", f"events/{event['event_id']}/publish", {})
    slots: list[dict[str, Any]] = made["slots"]
    return slots


async def announce(marketing: Staff, slug: str) -> dict[str, Any]:
    """A campaign with one brochure that leads to the fair; its placement."""
    today = datetime.now(UTC).date()
    campaign = await marketing.ask(
        "POST",
        "campaigns",
        {
            "names": {"nb": f"Familier {slug}"},
            "starts_on": today.isoformat(),
            "ends_on": (today + timedelta(days=30)).isoformat(),
            "budget": 1000,
        },
    )
    placement = {"names": {"nb": "Brosjyre"}, "channel": "brochure", "target": f"/events/{slug}", "language": "nl"}
    made: dict[str, Any] = await eventually(
        lambda: marketing.ask("POST", f"campaigns/{campaign['id']}/placements", placement), "campaigns knows the event"
    )
    await marketing.ask("POST", f"campaigns/{campaign['id']}/status", {"status": "running"})
    return {**made, "campaign": campaign["id"]}


async def told(people: Family, words: str) -> Any:
    """Wait for a mail whose subject holds these words."""

    async def look() -> Any:
        return [mail for mail in await people.mails() if words in mail.subject][-1]

    return await eventually(look, f"a mail to {people.name}: {words}")


async def live_through(settings: Settings, front: Front, mailbox: Mailbox, name: str) -> None:
    """The whole story once; `name` tells it apart from others."""
    slug = f"messe-{name}"
    first, second, waiting = (family(front, mailbox, f"{one} {name}", "en") for one in ("Anneke", "Bram", "Els"))
    async with staff(settings, front, name) as people, first, second, waiting:
        organiser, marketing = people["organiser"], people["marketing"]
        early, late = await plan(organiser, slug)
        placement = await announce(marketing, slug)

        # They scan the brochure and land on the page of the event, in the language of the placement.
        landing, via = await eventually(lambda: first.scan(placement["link"]), "the link leads somewhere")
        assert landing == f"/nl/events/{slug}"
        assert "Emigratiebeurs" in await eventually(lambda: first.open(landing), "the page of the event")

        # They book, and are told so; a third family waits for the second's time.
        await eventually(lambda: first.register(slug, early["slot_id"], via), "the booking")
        await told(first, "You are booked")
        await eventually(lambda: second.register(slug, late["slot_id"]), "the second booking")
        await told(second, "You are booked")
        await waiting.register(slug, late["slot_id"], wait=True)
        await told(waiting, "waiting list")

        # One cancels, and the place goes to who waited.
        page = await second.enter_booking()
        await second.act(page, "/en/my-booking/cancel", {})
        await told(second, "cancelled")
        await eventually(lambda: has_place(organiser, slug, waiting.name), "who waited has the place")

        # The campaign knows whom the brochure brought.
        async def credited() -> bool:
            figures = await marketing.ask("GET", f"campaigns/{placement['campaign']}/figures")
            return bool(figures["total"]["counts"]["registrations"] == 1)

        await eventually(credited, "the campaign's figures")

        # They ask to be forgotten, and are.
        page = await first.enter_booking()
        await first.act(page, "/en/my-booking/forget", {"sure": "on"})
        left = (await organiser.ask("GET", f"attendees/{slug}"))["items"]
        assert first.name not in str(left)


async def has_place(organiser: Staff, slug: str, name: str) -> bool:
    items = (await organiser.ask("GET", f"attendees/{slug}"))["items"]
    return any(one["name"] == name and one["status"] == "confirmed" for one in items)

"""A desk of marketing: the console's pages and API of campaigns, over HTTP, in a programme that it has heard of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient

from campaigns import reactions
from events.facts import EventFact, EventPublished, EventStatus
from programmes.facts import ProgrammeChanged, ProgrammeStatus, Term
from services.clock import MovedClock
from services.context import Context
from services.process import Running
from tests.house.people import Person

FAMILIES, RETURNERS, NATURE, FAIR, HOMECOMING = (UUID(int=number) for number in range(101, 106))
CAMPAIGN = {
    "names": {"nb": "Nederlandske familier", "nl": "Nederlandse gezinnen"},
    "starts_on": "2026-04-01",
    "ends_on": "2026-06-30",
    "budget": 140_000,
    "goal_registrations": 40,
    "target_groups": [str(FAMILIES)],
    "selling_points": [str(NATURE)],
}
PLACEMENT = {"names": {"nb": "Brosjyre"}, "channel": "brochure", "target": "/events/messe", "language": "nl"}


@dataclass
class Desk:
    """One person of marketing. Pages are asked for in English; `text` is the last one."""

    house: Running
    client: TestClient[Any, Any]
    person: Person
    programme_id: UUID
    text: str = ""

    @property
    def context(self) -> Context:
        return self.house.contexts["campaigns"]

    async def open(self, path: str) -> int:
        """Open a page of the console; its status."""
        address = f"/en/console/havlandet/{path}"
        return await self._saw(await self.client.get(address, cookies=self.person.cookies))

    async def send(self, path: str, fields: dict[str, Any]) -> int:
        """Send a form of the console and follow where it leads; the status of the page that comes."""
        data = [("csrf", self.person.csrf)]
        for name, value in fields.items():
            data += [(name, str(one)) for one in (value if isinstance(value, list) else [value])]
        answer = await self.client.post(
            f"/en/console/havlandet/{path}",
            data=data,
            headers={"Sec-Fetch-Site": "same-origin"},
            cookies=self.person.cookies,
        )
        return await self._saw(answer)

    async def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the API below the programme: status and answer."""
        answer = await self.client.request(
            method,
            f"/api/v1/programmes/havlandet/{path}",
            json=body,
            headers={"X-CSRF-Token": self.person.csrf, "Sec-Fetch-Site": "same-origin"},
            cookies=self.person.cookies,
        )
        text = await answer.text()
        return answer.status, await answer.json() if text else None

    async def campaign(self, **given: Any) -> str:
        """Plan a campaign; its id."""
        status, made = await self.api("POST", "campaigns", {**CAMPAIGN, **given})
        assert status == 201, made
        return str(made["id"])

    async def placement(self, campaign: str, **given: Any) -> dict[str, Any]:
        """Add a placement: its id, slug and link."""
        status, made = await self.api("POST", f"campaigns/{campaign}/placements", {**PLACEMENT, **given})
        assert status == 201, made
        return dict(made)

    async def hear(self, *facts: tuple[Any, Any]) -> None:
        """Let campaigns take in facts, each with its reaction."""
        for react, fact in facts:
            async with self.context.database.transaction(self.programme_id) as tx:
                await react(tx, fact, None)

    @property
    def errors(self) -> dict[str, str]:
        """What the page's summary of errors says: the id of the input it leads to → the sentence."""
        summary = re.search(r'<div class="ds-error-summary".*?</div>', self.text, re.DOTALL)
        found = re.findall(r'href="#([^"]+)"[^>]*>(.*?)</a>', summary[0], re.DOTALL) if summary else []
        return {name: unescape(re.sub(r"<[^>]+>", "", words)).strip() for name, words in found}

    def filled(self) -> dict[str, Any]:
        """What a browser would send of the form on the page, if nobody touched it."""
        [form] = re.findall(r'<form class="form" action="[^"]*/(?:edit|new)".*?</form>', self.text, re.DOTALL)
        fields: dict[str, Any] = {}
        for tag in re.findall(r"<input\b[^>]*>", form):
            given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
            if given.get("type") in {"checkbox", "radio"} and not re.search(r"\bchecked\b", tag):
                continue
            fields.setdefault(given["name"], []).append(unescape(given.get("value", "")))
        for name, words in re.findall(r'<textarea\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
            fields[name] = [unescape(words.strip())]
        for name, options in re.findall(r'<select\b[^>]*\bname="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
            chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
            assert chosen, f"nothing to choose from in {name}"
            fields[name] = [unescape(chosen[1])]
        fields.pop("csrf", None)
        return fields

    async def _saw(self, answer: Any) -> int:
        self.text = unescape(await answer.text()) if answer.content_type != "text/html" else await answer.text()
        return int(answer.status)


def event(programme_id: UUID, clock: MovedClock, event_id: UUID, slug: str, **given: Any) -> EventPublished:
    """What events says of an event that a link may lead to."""
    values: dict[str, Any] = {
        "titles": {"nb": slug.title()},
        "summaries": {"nb": "Kom."},
        "status": EventStatus.PUBLISHED,
        "starts_at": clock.now() + timedelta(days=60),
        "ends_at": clock.now() + timedelta(days=61),
        "time_zone": "Europe/Oslo",
    }
    return EventPublished(
        programme_id=programme_id, version=1, at=clock.now(), event_id=event_id, slug=slug, **{**values, **given}
    )


def programme(programme_id: UUID, clock: MovedClock, slug: str = "havlandet", **given: Any) -> ProgrammeChanged:
    """What programmes says of a programme with two target groups and a selling point, in three languages."""
    values: dict[str, Any] = {
        "names": {"nb": "Blest i Havlandet"},
        "aims": {"nb": "Flere innbyggere"},
        "status": ProgrammeStatus.PUBLISHED,
        "language": "nb",
        "languages": ("nb", "en", "nl"),
        "required_languages": ("nb",),
        "time_zone": "Europe/Oslo",
        "target_groups": (
            Term(id=FAMILIES, names={"nb": "Barnefamilier"}),
            Term(id=RETURNERS, names={"nb": "Tilbakeflyttere"}),
        ),
        "selling_points": (Term(id=NATURE, names={"nb": "Livskvalitet"}),),
    }
    return ProgrammeChanged(programme_id=programme_id, version=1, at=clock.now(), slug=slug, **{**values, **given})


async def hear_of_the_programme(context: Context, programme_id: UUID, clock: MovedClock, *slugs: str) -> None:
    """Let campaigns hear of the programme and of its published events, by their slugs: a fair and a homecoming day."""
    facts: list[tuple[Any, ProgrammeChanged | EventFact]] = [(reactions.keep_terms, programme(programme_id, clock))]
    facts += [
        (reactions.keep_event, event(programme_id, clock, event_id, slug))
        for event_id, slug in zip((FAIR, HOMECOMING), slugs or ("messe", "hjemkomstdag"), strict=False)
    ]
    async with context.database.transaction(programme_id) as tx:
        for react, fact in facts:
            await react(tx, fact, None)

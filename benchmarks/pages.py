"""A public event page with its stands, their slots and the places left, as a visitor's browser asks for it."""

from __future__ import annotations

import aiohttp

from benchmarks import seeds
from benchmarks.children import bare, serving
from benchmarks.ground import Ground
from benchmarks.load import drive
from benchmarks.redirects import asking
from benchmarks.rounds import Rounds, by_turns

STANDS, SLOTS = 8, 12
PATH = "/nb/events/messe"


async def measure(ground: Ground) -> Rounds:
    async with ground.place("pages") as place:
        await seeds.published(place, STANDS, SLOTS)
        await ground.tidy(place)
        async with serving(place.settings, place.folder, "events") as ours:
            page = place.folder / "page.html"
            async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{ours}{PATH}") as response:
                text = await response.text()
            assert text.count("/register/") >= STANDS * SLOTS, "the page does not show its slots"
            page.write_text(text, encoding="utf-8")
            async with bare(place.folder, page) as theirs:
                shown, same = asking(PATH), asking("/page")

                async def shows() -> float:
                    return (await drive(ours, lambda: shown, expect=200)).rate

                async def answers() -> float:
                    return (await drive(theirs, lambda: same, expect=200)).rate

                found = await by_turns(shows, answers)
    return Rounds(found.values, found.baselines, f"{len(text.encode()) / 1024:.0f} kB, {STANDS * SLOTS} slots")

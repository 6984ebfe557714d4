"""What is planned before the story begins: a stand at a fair, a homecoming day, and a campaign for each."""

from __future__ import annotations

from typing import Any

from tests.journeys.actors import Staff

FAIR = {
    "nb": "Messe for utvandrere",
    "en": "Fair for emigrants",
    "nl": "Emigratiebeurs",
    "nn": "Messe for utvandrarar",
}
HOMECOMING = {"nb": "Hjemkomstdag", "en": "Homecoming day", "nl": "Thuiskomdag", "nn": "Heimkomstdag"}
FIGURE = {"kind": "impressions", "source": "imported", "starts_on": "2026-10-01", "ends_on": "2026-10-07"}


def texts(words: dict[str, str]) -> dict[str, Any]:
    return {"titles": words, "summaries": words, "descriptions": words}


async def plan_the_fair(organiser: Staff) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A stand at a fair in the Netherlands, with two times of half an hour, one household each; and published."""
    event = await organiser.ask(
        "POST",
        "events",
        {
            **texts(FAIR),
            "slug": "emigratiebeurs",
            "time_zone": "Europe/Amsterdam",
            "starts_at": "2026-12-05T10:00",
            "ends_at": "2026-12-05T16:00",
            "venue_name": "Jaarbeurs",
            "venue_address": "Utrecht",
        },
    )
    stand = await organiser.ask(
        "POST",
        f"events/{event['event_id']}/stands",
        {"number": "b12", "names": FAIR, "exhibitor": "Blest i Havlandet"},
    )
    made = await organiser.ask(
        "POST",
        f"stands/{stand['stand_id']}/slots",
        {
            "first_day": "2026-12-05",
            "opens": "11:00",
            "closes": "12:00",
            "length": 30,
            "capacity": 1,
            "unit": "households",
        },
    )
    await organiser.ask("POST", f"events/{event['event_id']}/publish", {})
    return event, made["slots"]


async def plan_the_homecoming(organiser: Staff) -> None:
    """A homecoming day in December that goes on into the night, so that "a day before" is in the night too."""
    event = await organiser.ask(
        "POST",
        "events",
        {
            **texts(HOMECOMING),
            "slug": "hjemkomstdag",
            "time_zone": "Europe/Oslo",
            "starts_at": "2026-12-28T21:30",
            "ends_at": "2026-12-28T23:30",
            "venue_name": "Samfunnshuset",
            "venue_address": "Storskjær",
            "capacity": 50,
            "unit": "households",
        },
    )
    await organiser.ask("POST", f"events/{event['event_id']}/publish", {})


async def make_a_campaign(
    marketing: Staff, name: str, target: str, language: str, *placed: tuple[str, str, int]
) -> dict[str, dict[str, Any]]:
    """A campaign that runs, by the names of its placements (name, channel, cost in kroner); itself as `campaign`."""
    campaign = await marketing.ask(
        "POST",
        "campaigns",
        {"names": {"nb": name}, "starts_on": "2026-10-01", "ends_on": "2026-12-31", "budget": 100000},
    )
    made: dict[str, dict[str, Any]] = {"campaign": campaign}
    for title, channel, cost in placed:
        made[title] = await marketing.ask(
            "POST",
            f"campaigns/{campaign['id']}/placements",
            {"names": {"nb": title}, "channel": channel, "target": target, "language": language, "cost": cost},
        )
    await marketing.ask("POST", f"campaigns/{campaign['id']}/status", {"status": "running"})
    return made


async def import_figures(marketing: Staff, placements: dict[str, dict[str, Any]], **seen: int) -> None:
    """How many saw each ad, as its seller says."""
    for title, amount in seen.items():
        path = f"placements/{placements[title.replace('_', ' ')]['id']}/reach"
        await marketing.ask("POST", path, {**FIGURE, "amount": amount})

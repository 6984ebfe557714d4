"""What one can ask about at a stand: codes that visitors find it by, in their own language."""

from __future__ import annotations

from events.facts import Topic
from events.pages.words import TOPICS
from services.pages.languages import LANGUAGES, translator
from tests.events.conftest import STAND, Person, Village, described
from tests.events.test_console_pages import LIST, sent


def test_every_topic_has_a_name_of_its_own_in_every_language() -> None:
    assert set(TOPICS) == set(Topic)
    for lang in LANGUAGES:
        names = [translator(lang)(name) for name in TOPICS.values()]
        assert len(set(names)) == len(Topic), lang
        if lang != "en":
            assert "Farms and land" not in names, lang


async def test_a_stand_says_what_it_offers_and_others_hear_of_it(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(), 201)
    new = f"{LIST}/{event['event_id']}/stands/new"
    assert 'name="topics"' in await organiser.page(new)
    await sent(organiser, new, {"names.nb": "Møt oss", "exhibitor": "Vi", "topics": ["school", "jobs", "school"]})
    assert (await village.outbox())[-1][2]["topics"] == ["jobs", "school"]
    (stand,) = (await organiser.asked("GET", f"events/{event['event_id']}"))["stands"]
    assert stand["topics"] == ["jobs", "school"]
    page = await organiser.page(f"{LIST}/{event['event_id']}/stands/{stand['stand_id']}")
    assert page.count('name="topics"') == len(Topic) and page.count(" checked") == 2
    copy = await organiser.asked("POST", f"events/{event['event_id']}/copies", {"starts_at": "2026-08-01T10:00"}, 201)
    assert [one["topics"] for one in copy["stands"]] == [["jobs", "school"]]


async def test_visitors_see_only_the_stands_they_ask_for(village: Village, organiser: Person) -> None:
    event = await organiser.asked("POST", "events", described(capacity=10), 201)
    for number, name, topics in (
        ("1", "Job stand", ["jobs"]),
        ("2", "Farm stand", ["farms", "jobs"]),
        ("3", "Coffee", []),
    ):
        stand = {**STAND, "number": number, "names": {"nb": name, "en": name}, "topics": topics}
        await organiser.asked("POST", f"events/{event['event_id']}/stands", stand, 201)
    await organiser.asked("POST", f"events/{event['event_id']}/publish", {})
    guest, path = village.guest(), f"/en/events/{event['slug']}"

    async def named(**query: str) -> list[str]:
        page = await guest.page(path, **query)
        return [name for name in ("Job stand", "Farm stand", "Coffee") if name in page]

    assert await named() == ["Job stand", "Farm stand", "Coffee"]
    assert await named(topic="jobs") == ["Job stand", "Farm stand"]
    assert await named(topic="farms") == ["Farm stand"]
    page = await guest.page(path, topic="farms")
    assert f'href="{path}#stands" aria-current="true"' in page, "pressing it again takes it off"
    assert f'href="{path}?topic=jobs#stands"' in page
    assert "No stand here is about that." in await guest.page(path, topic="school")
    assert (await guest.get(path, topic="weather")).status == 422

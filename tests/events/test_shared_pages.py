"""An event's page that many ask for at once is made once for them, and kept a moment for those who come next."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from events.pages import public, shared
from tests.events.conftest import Person, Village
from tests.events.test_public_pages import published


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the pages that were made."""
    found: list[str] = []
    make = public._event_page

    async def counted(call: Any) -> str:
        found.append(str(call.request.rel_url))
        return await make(call)

    monkeypatch.setattr(public, "_event_page", counted)
    return found


async def test_guests_who_ask_at_once_are_shown_one_page(village: Village, organiser: Person, made: list[str]) -> None:
    event, _, _ = await published(organiser)
    path = f"/en/events/{event['slug']}"
    pages = await asyncio.gather(*(village.guest().page(path) for _ in range(20)))
    assert len(set(pages)) == 1
    assert 1 <= len(made) <= 10
    assert await village.guest().page(path) == pages[0]


async def test_another_language_is_another_page(village: Village, organiser: Person, made: list[str]) -> None:
    event, _, _ = await published(organiser)
    paths = [f"/{lang}/events/{event['slug']}" for lang in ("en", "nb")]
    english, norwegian = await asyncio.gather(*(village.guest().page(path) for path in paths))
    assert english != norwegian
    assert sorted(made) == sorted(paths)


async def test_who_is_known_has_a_page_of_their_own(village: Village, organiser: Person, made: list[str]) -> None:
    event, _, _ = await published(organiser)
    path = f"/en/events/{event['slug']}"
    await asyncio.gather(organiser.page(path), village.guest().page(path))
    assert len(made) == 2


async def test_an_event_that_is_not_there_is_there_for_nobody(village: Village) -> None:
    answers = await asyncio.gather(*(village.guest().get("/en/events/nowhere") for _ in range(5)))
    assert [answer.status for answer in answers] == [404] * 5


class Steady:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Steady:
    made = Steady()
    monkeypatch.setattr(shared, "steady", made)
    return made


async def test_in_a_rush_a_page_is_kept_for_a_quarter_of_a_second(
    village: Village, organiser: Person, made: list[str], seconds: Steady
) -> None:
    event, _, _ = await published(organiser)
    path = f"/en/events/{event['slug']}"
    await asyncio.gather(*(village.guest().page(path) for _ in range(20)))
    many = len(made)
    seconds.now += 0.24
    await asyncio.gather(*(village.guest().page(path) for _ in range(20)))
    assert len(made) == many
    assert await organiser.page(path)
    assert len(made) == many + 1, "who is known is shown what is there now"
    seconds.now += 0.01
    await village.guest().page(path)
    assert len(made) == many + 2


async def test_whoever_comes_alone_is_shown_what_is_there_now(
    village: Village, organiser: Person, made: list[str], seconds: Steady
) -> None:
    event, _, _ = await published(organiser)
    path = f"/en/events/{event['slug']}"
    for _ in range(3):
        await village.guest().page(path)
    assert len(made) == 3


async def test_no_more_pages_are_kept_than_there_is_room_for(
    village: Village, organiser: Person, made: list[str], seconds: Steady, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "MOST", 1)
    event, _, _ = await published(organiser)
    paths = [f"/{lang}/events/{event['slug']}" for lang in ("en", "nb")]
    for path in paths:
        await asyncio.gather(*(village.guest().page(path) for _ in range(20)))
    many = len(made)
    await village.guest().page(paths[1])
    assert len(made) == many
    await village.guest().page(paths[0])
    assert len(made) == many + 1

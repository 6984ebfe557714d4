"""An address is looked up once for all who ask at the same time, and remembered for a moment."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from registrations.pages import addresses
from registrations.pages.addresses import Addresses
from services.clock import MovedClock

FAIR = (UUID(int=1), UUID(int=2))
OTHER = (UUID(int=3), UUID(int=2))


class Directory:
    """Stands for the batcher: what it knows, and what it was asked."""

    def __init__(self) -> None:
        self.known = {"fair": FAIR}
        self.asked: list[str] = []

    async def submit(self, _: UUID, slug: str) -> tuple[UUID, UUID] | None:
        self.asked.append(slug)
        return self.known.get(slug)


def made(clock: MovedClock) -> tuple[Addresses, Directory]:
    directory = Directory()
    return Addresses(cast(Any, SimpleNamespace(clock=clock)), cast(Any, directory)), directory


async def test_what_an_address_means_is_asked_anew_after_a_second(clock: MovedClock) -> None:
    found, directory = made(clock)
    assert [await found.find("fair") for _ in range(3)] == [FAIR] * 3
    directory.known["fair"] = OTHER
    clock.move(timedelta(seconds=0.9))
    assert await found.find("fair") == FAIR
    clock.move(timedelta(seconds=0.1))
    assert await found.find("fair") == OTHER
    assert directory.asked == ["fair", "fair"]


async def test_an_event_is_found_as_soon_as_it_is_there(clock: MovedClock) -> None:
    found, directory = made(clock)
    assert await found.find("homecoming") is None
    directory.known["homecoming"] = OTHER
    assert await found.find("homecoming") == OTHER


async def test_no_more_is_remembered_than_fits(clock: MovedClock, monkeypatch: Any) -> None:
    monkeypatch.setattr(addresses, "MOST", 2)
    found, directory = made(clock)
    directory.known = dict.fromkeys("abc", FAIR)
    for name in "abcc":
        await found.find(name)
    assert directory.asked == ["a", "b", "c"]
    await found.find("a")
    assert directory.asked == ["a", "b", "c", "a"]

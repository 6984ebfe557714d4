"""The click journal where its disk is full, and where two processes meet in its folder."""

from __future__ import annotations

import fcntl
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaigns.journal import Journal, JournalFull
from services.messages import Message


def click(name: str, size: int = 10) -> Message:
    return Message("campaigns.clicks.recorded.v1.x", b"x" * size, name)


async def kept(folder: Path) -> list[str]:
    """What somebody finds who comes after everybody has died."""
    return [message.message_id for _, messages in await Journal(folder).take() for message in messages]


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: a write is cut there, and the next refused, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_refuses_a_click_whole_and_keeps_those_before_and_after(folder: Path) -> None:
    mine = Journal(folder)
    await mine.append([click("before")])
    with room(1000), pytest.raises(JournalFull):
        await mine.append([click("large", 2000)])
    await mine.append([click("after")])
    [(_, messages)] = await mine.take()
    assert [message.message_id for message in messages] == ["before", "after"]


async def test_where_a_file_cannot_be_mended_the_next_click_goes_into_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    mine = Journal(folder)
    await mine.append([click("before")])
    with monkeypatch.context() as patch, room(1000), pytest.raises(JournalFull):
        patch.setattr("campaigns.journal.os.ftruncate", refuse)
        await mine.append([click("large", 2000)])
    await mine.append([click("after")])
    assert sorted(message.message_id for _, messages in await mine.take() for message in messages) == [
        "after",
        "before",
    ]


async def test_nobody_takes_a_file_away_from_a_process_that_is_just_beginning_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other, flock = Journal(folder), Journal(folder), fcntl.flock
    seen = []

    def meet(file: int, how: int) -> None:
        if how & fcntl.LOCK_EX:
            seen.append(other._take())  # between the making of the file and its lock
        flock(file, how)

    with monkeypatch.context() as patch:
        patch.setattr("campaigns.journal.fcntl.flock", meet)
        await mine.append([click("mine")])
    assert seen == [[]]
    assert await other.take() == [], "it is a living process's"
    mine._let_go()
    assert await kept(folder) == ["mine"]

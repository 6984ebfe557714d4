"""The click journal: a local file that keeps clicks while the bus is away, so that a redirect never waits and none is
lost.

One line of JSON for clicks that came together, with a checksum, written and fsynced before their visitors are
redirected. When the bus is back the lines are published and the file is removed. Publishing is idempotent by the
message's id, so a crash between the two sends some again and counts none twice. Each process has a file of its own,
locked; files of processes that died are adopted.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import structlog

from services.messages import Message

log = structlog.get_logger(__name__)


class JournalFull(Exception):
    """The journal's disk takes no more; the click cannot be promised."""


class Journal:
    """Appends messages durably and gives them back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._lock = asyncio.Lock()

    @property
    def waiting(self) -> bool:
        """Whether clicks of this process wait in its journal."""
        return self._file is not None

    async def append(self, messages: Sequence[Message]) -> None:
        """Write and fsync; raises `JournalFull` where the disk refuses. What was half written is cut off again."""
        async with self._lock:
            await asyncio.to_thread(self._append, b"".join(_line(message) for message in messages))

    def _append(self, lines: bytes) -> None:
        try:
            if self._file is None:
                self._file = self._begin()
            before = os.lseek(self._file, 0, os.SEEK_END)
            try:
                # Unbuffered: what a buffer kept of a refused write would come before the next, or break its line.
                while lines:
                    lines = lines[os.write(self._file, lines) :]
                os.fsync(self._file)
            except OSError:
                self._cut(before)
                raise
        except OSError as error:
            raise JournalFull(f"{self._folder}: {error.strerror}") from error

    def _begin(self) -> int:
        """Make a file of our own, which others find only once it is locked: an unlocked one is a dead process's."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"clicks-{uuid4().hex}.journal"
        draft = self._folder / f".{name}"
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.rename(self._folder / name)
            self._sync_folder()
        except OSError:
            os.close(file)
            draft.unlink(missing_ok=True)
            raise
        return file

    def _cut(self, end: int) -> None:
        """Cut the file of this process off at `end`; where even that fails, go on in another."""
        assert self._file is not None
        try:
            os.ftruncate(self._file, end)
        except OSError:
            self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    async def take(self) -> list[tuple[Path, list[Message]]]:
        """Close the file in use and return what waits in it and in those that dead processes left, file by file."""
        async with self._lock:
            return await asyncio.to_thread(self._take)

    def _take(self) -> list[tuple[Path, list[Message]]]:
        self._let_go()
        found = []
        for path in sorted(self._folder.glob("clicks-*.journal")) if self._folder.is_dir() else []:
            try:
                with path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    found.append((path, [message for line in file if (message := _message(line)) is not None]))
            except BlockingIOError:
                continue  # another living process writes it
            except FileNotFoundError:
                continue  # another process has sent it meanwhile
        return found

    async def remove(self, path: Path) -> None:
        """Forget a file whose clicks are all published."""
        await asyncio.to_thread(path.unlink, True)


def _line(message: Message) -> bytes:
    body = json.dumps(
        {
            "subject": message.subject,
            "id": message.message_id,
            "headers": dict(message.headers),
            "data": message.data.decode(),
        }
    ).encode()
    return b"%08x " % zlib.crc32(body) + body + b"\n"


def _message(line: bytes) -> Message | None:
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    if len(checksum) != 8 or not line.endswith(b"\n") or int(checksum, 16) != zlib.crc32(body):
        # A line cut by a crash: its visitor was not redirected yet.
        log.warning("a click journal has a broken line", length=len(line))
        return None
    found = json.loads(body)
    return Message(found["subject"], found["data"].encode(), found["id"], found["headers"])

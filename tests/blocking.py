"""Watches that nothing of ours holds up the event loop: a call of ours that blocks in it fails the test.

The call itself raises `BlockingError`; and as somebody above may take that for an ordinary failure and go on, each one
is noted as well, and shown when the watch ends. What the tests do themselves is their own affair: they read files and
look into folders on the loop, with nobody waiting beside them.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import blockbuster.blockbuster as blocking
import pytest
from blockbuster import BlockingError, blockbuster_ctx

OURS = ("services", "programmes", "events", "registrations", "campaigns", "notifications")
ROOT = Path(__file__).parent.parent
ALLOWED = {
    (
        "logging/__init__.py",
        "emit",
    ): "A line for the log goes to the process's own output as it is said: with a queue and "
    "a thread between, the last lines before a crash would be lost.",
    ("prometheus_client/process_collector.py", "collect"): "Reads /proc, which is memory and no disk.",
}
"""File and function that may block on the loop, and why it may."""


@contextmanager
def watch() -> Iterator[list[str]]:
    """The blocking calls so far, each as `what, from where`; in this block each of them raises `BlockingError`."""
    noted: list[str] = []

    class Noted(BlockingError):
        def __init__(self, called: str) -> None:
            super().__init__(called)
            noted.append(f"{called} {_whence()}")

    with pytest.MonkeyPatch.context() as patch, blockbuster_ctx(list(OURS)) as buster:
        patch.setattr(blocking, "BlockingError", Noted)
        for file, function in ALLOWED:
            for watched in buster.functions.values():
                watched.can_block_in(file, function)
        yield noted


def _whence() -> str:
    """The innermost places of ours that are on the stack, the nearest first."""
    places = [
        f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_stack())
        if frame.filename.startswith(tuple(f"{ROOT / name}/" for name in OURS))
    ]
    return "from " + ", ".join(places[:3])

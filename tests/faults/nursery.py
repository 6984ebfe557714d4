"""Processes of `blest serve`, forked from one that has imported everything: a start costs half a second, not four.

    child = born(("registrations",), environment, log, HASTE)
    child.kill()

What runs in them is the command itself. `Haste` shortens what the house waits for where a test has a minute only.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from services import database, process, streams, watchdog
from services.cli import ending, serve
from services.consumers import Consumers
from services.relay import Relay
from services.schedule import Schedule

IMPORTED = ["tests.faults.warm"]
DIES_WITH_ITS_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl(2)."""


@dataclass(frozen=True, slots=True)
class Haste:
    """Seconds; the house's own are in `locks`, `messages`, `database` and `settling` of `services`."""

    idle: float = 3.0
    """Silence after which a frozen leader loses its lock."""
    ack_wait: float = 2.0
    silence: int = 3
    """Within a transaction."""
    standstill: float = 12.0
    """Of an event loop, as when its parser is given garbage."""
    retry: Sequence[float] = (0.2, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4)


def open_nursery() -> None:
    """Begin to import, so that it is done when the first child is wanted. Does not wait."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(IMPORTED)
    forkserver.ensure_running()


def born(
    services: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    haste: Haste | None = None,
    altered: Callable[[], None] | None = None,
) -> ForkServerProcess:
    """Start `blest serve SERVICES...` in a process of its own; what it says goes to `log`. `altered` is called there
    first, and must be one that can be pickled."""
    open_nursery()
    child = multiprocessing.get_context("forkserver").Process(
        target=_live, args=(tuple(services), dict(environment), str(log), haste, altered), daemon=True
    )
    child.start()
    return child


def _live(
    services: tuple[str, ...],
    environment: dict[str, str],
    log: str,
    haste: Haste | None,
    altered: Callable[[], None] | None,
) -> None:
    ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGKILL)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(said, stream.fileno())
    for name in [one for one in os.environ if one.startswith("BLEST_")]:
        del os.environ[name]
    os.environ.update(environment)
    if haste is not None:
        _hurry(haste)
    if altered is not None:
        altered()
    raise SystemExit(ending.run(lambda asked: serve.serve(services, asked)))


def _hurry(haste: Haste) -> None:
    """Put shorter times in the places from which the process takes them."""
    database.LONGEST_SILENCE = haste.silence
    watchdog.LONGEST_STANDSTILL = haste.standstill
    vars(streams)["ACK_WAIT"] = haste.ack_wait
    vars(process).update(
        Relay=partial(Relay, idle=haste.idle),
        Schedule=partial(Schedule, idle=haste.idle),
        Consumers=partial(Consumers, retry=haste.retry),
    )

"""Plays a year of the installed services' life by their own commands, day by day with a moved clock.

Each day every service does what its `demo` says, the bus is drained, so that those who listen have heard it the same
day, and the tasks that are due run: reminders go out, holds end. Nothing is written that a person could not have done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from services.clock import MovedClock
from services.process import Running, started
from services.service import Service
from services.settings import Settings

DAYS = 365
OPENS = time(8, tzinfo=UTC)
CLOSES = time(16, tzinfo=UTC)


async def play(settings: Settings, services: Sequence[Service], today: date, report: Callable[[int, int], None]) -> int:
    """Play the year that ends today; `report` hears (days played, days in all). Returns how many facts were handled.

    The clock never passes the real moment, so nothing of the demo lies in the future but what was planned for it.
    """
    first = today - timedelta(days=DAYS)
    clock = MovedClock(datetime.combine(first, OPENS))
    handled = 0
    async with started(settings, services, clock=clock, background=False) as running:
        busy = _watch(running)
        for number in range(DAYS + 1):
            day = first + timedelta(days=number)
            now = datetime.now(UTC)
            clock.move_to(min(datetime.combine(day, OPENS), now))
            for service in services:
                if service.demo is not None:
                    await service.demo(running.contexts[service.name], day)
                while busy:
                    busy.clear()
                    handled += await running.drain()
            clock.move_to(min(datetime.combine(day, CLOSES), now))
            await running.run_due()
            handled += await running.drain()
            report(number + 1, DAYS + 1)
    return handled


def _watch(running: Running) -> set[str]:
    """The services that have published facts since the set was last emptied: on quiet days nothing is asked of the
    bus."""
    busy: set[str] = set()
    for context in running.contexts.values():
        wake = context.database.committed

        def committed(name: str = context.service.name, wake: Callable[[], None] = wake) -> None:
            busy.add(name)
            wake()

        context.database.committed = committed
    return busy

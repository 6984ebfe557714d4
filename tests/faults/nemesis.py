"""Faults at random moments, from a seed that says it all again: processes killed beside everything else that can fail.

nemesis = Nemesis(world, history, load, seed, say)
await asyncio.gather(nemesis.kill(25, within=30), nemesis.torment(NETWORK + SERVERS))
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from tests.faults.gate import Gate
from tests.faults.history import History, Kind
from tests.faults.load import Load
from tests.faults.world import World

TEXT_ENDS = b"\r\n.\r\n"
"""The end of a mail's text (RFC 5321, section 4.1.1.4)."""
AT_ONCE = 6
"""Requests under way at a process that is asked to end."""
MERCY = 30.0
"""Seconds more that a slow machine may take until what must happen meanwhile has happened."""
SIGTERMED = ("registrations-1", "registrations-2", "desk")


class Nemesis:
    """Strikes, and notes each time what it did and what it saw go wrong."""

    def __init__(
        self, world: World, history: History, load: Load, seed: int, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.done: Counter[str] = Counter()
        """How often each fault was inflicted."""
        self.findings: list[str] = []
        self.seconds: dict[str, list[float]] = {}
        """How long some things took: an orderly end, a change of leaders."""
        self._world, self._history, self._load = world, history, load
        self._chance = random.Random(seed)
        self._say = say
        self._began = time.monotonic()

    def note(self, fault: str, detail: str = "") -> None:
        """It was inflicted."""
        self.done[fault] += 1
        self._say(f"{time.monotonic() - self._began:7.1f} s  {fault}{detail and f': {detail}'}")

    # Processes --------------------------------------------------------------------------------------------------------

    async def kill(self, times: int, within: float) -> None:
        """kill -9 of so many service processes at random, in about so many seconds; one in five leads a relay."""
        for number in range(times):
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * within / times)
            victims = [one for one in self._world.houses if one.runs and not one.busy.locked()]
            victim = self._chance.choice(victims)
            if number % 5 == 0:
                with suppress(TimeoutError):
                    leader = await self._world.houses.leader("registrations", within=1.0)
                    victim = victim if leader.busy.locked() else leader
            self.note("kill -9 of a process", victim.name)
            await self._world.houses.strike(victim)

    async def freeze_the_leader(self) -> None:
        """A relay's leader is frozen beyond its lock; another takes over, and it thaws."""
        took = await self._world.houses.freeze_leader("registrations")
        self.seconds.setdefault("another relay leads", []).append(took)
        self.note("relay leader frozen", f"another led after {took:.1f} s")

    async def end_one(self, name: str) -> None:
        """SIGTERM with requests under way: each is answered, and the process ends in time."""
        one = self._world.houses[name]
        while True:
            await self._world.houses.ready(one)
            process, statuses = one.pid, Counter[int]()
            asking = [asyncio.create_task(self._load.besiege(one, statuses)) for _ in range(AT_ONCE)]
            while statuses.total() < AT_ONCE:
                await asyncio.sleep(0.01)
            if one.runs and one.pid == process:
                break
            # It fell meanwhile, and the one in its place may not have begun to listen to signals.
            for task in asking:
                task.cancel()
            await asyncio.wait(asking)
        earlier, told = len(self._load.cuts), time.monotonic()
        try:
            took, code = await self._world.houses.end(one)
        except TimeoutError:
            self.findings.append(f"{name} did not end within 15 s of SIGTERM")
            await self._world.houses.strike(one)
        else:
            self.seconds.setdefault("SIGTERM to exit", []).append(took)
            if code:
                self.findings.append(f"{name} ended with {code} after SIGTERM")
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)
        cut = [cut for cut in self._load.cuts[earlier:] if cut.port == one.port and cut.sent and cut.sent < told]
        if cut:
            self.findings.append(f"SIGTERM cut off {len(cut)} requests at {name}")
        self.note("SIGTERM under load", f"{name}, {dict(statuses)}")

    # Servers ----------------------------------------------------------------------------------------------------------

    async def kill_nats(self) -> None:
        await self._world.kill_nats()
        await asyncio.sleep(self._chance.uniform(0.0, 0.4))
        await self._world.nats.start()
        self.note("kill -9 of nats-server")

    async def restart_postgres(self) -> None:
        await self._world.postgres.stop()
        await self._world.postgres.start()
        self.note("restart of PostgreSQL")

    async def nats_away(self, seconds: float = 5.0) -> None:
        """NATS is away for so long, and longer where nobody has booked and clicked meanwhile: that must go on."""
        await self._world.houses.ready(*self._world.houses.of("registrations"), *self._world.houses.of("campaigns"))
        began = time.monotonic()
        self._world.gates.nats.away()
        await asyncio.sleep(seconds)
        while not all((went_on := self._acknowledged_since(began + 0.5))[kind] for kind in (Kind.BOOKING, Kind.CLICK)):
            if time.monotonic() > began + seconds + MERCY:
                self.findings.append(f"while NATS was away only this was acknowledged: {dict(went_on)}")
                break
            await asyncio.sleep(0.1)
        self._world.gates.nats.heal()
        self.note(f"NATS away for {seconds:.0f} s", ", ".join(f"{many} × {kind}" for kind, many in went_on.items()))

    def _acknowledged_since(self, began: float) -> Counter[Kind]:
        return self._history.acknowledged_between(began, time.monotonic())

    # The network ------------------------------------------------------------------------------------------------------

    async def lose_mail_answers(self) -> None:
        """The mail server takes mails, and its answers are lost; until that has happened to one, where any is sent."""
        began, before = time.monotonic(), self._smtp.lost
        self._smtp.lose_answer(TEXT_ENDS)
        await asyncio.sleep(1.0)
        while self._smtp.lost == before and time.monotonic() < began + MERCY:
            await asyncio.sleep(0.1)
        self._smtp.heal()
        self.note("SMTP answers lost", f"{self._smtp.lost - before} mails")

    async def refuse_mail(self) -> None:
        await self._for_a_while("SMTP refused", Gate.refuse, self._smtp, 2.0)

    async def slow_postgres(self) -> None:
        await self._for_a_while("PostgreSQL slow", lambda gate: gate.slow(0.02), self._postgres, 2.0)

    async def slow_nats(self) -> None:
        await self._for_a_while("NATS slow", lambda gate: gate.slow(0.05), self._nats, 2.0)

    async def freeze_postgres(self) -> None:
        await self._for_a_while("PostgreSQL frozen", Gate.freeze, self._postgres, 1.5)

    async def freeze_nats(self) -> None:
        await self._for_a_while("NATS frozen", Gate.freeze, self._nats, 1.5)

    async def cut_postgres(self) -> None:
        await self._for_a_while("PostgreSQL cut", Gate.cut, self._postgres, 0.3)

    async def cut_nats(self) -> None:
        await self._for_a_while("NATS cut", Gate.cut, self._nats, 0.3)

    async def corrupt_postgres(self) -> None:
        await self._for_a_while("PostgreSQL answers corrupted", Gate.corrupt, self._postgres, 0.5)

    async def corrupt_nats(self) -> None:
        await self._for_a_while("NATS answers corrupted", Gate.corrupt, self._nats, 0.5)

    @property
    def _postgres(self) -> Gate:
        return self._world.gates.postgres

    @property
    def _nats(self) -> Gate:
        return self._world.gates.nats

    @property
    def _smtp(self) -> Gate:
        return self._world.gates.smtp

    async def _for_a_while(self, fault: str, inflict: Callable[[Gate], Any], gate: Gate, seconds: float) -> None:
        inflict(gate)
        await asyncio.sleep(seconds)
        gate.heal()
        self.note(fault)

    # All of it --------------------------------------------------------------------------------------------------------

    def short(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What every run of the tests inflicts, each in its number, in random order."""
        faults: list[Callable[[], Coroutine[Any, Any, None]]] = [
            *[self.kill_nats] * 3,
            self.restart_postgres,
            self.nats_away,
            self.freeze_the_leader,
            *(lambda name=name: self.end_one(name) for name in SIGTERMED),
            *self.network(),
        ]
        self._chance.shuffle(faults)
        return faults

    def some(self, many: int) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """So many of all that there is."""
        return self.short()[:many]

    def network(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What a gate can do, once each."""
        return [
            self.lose_mail_answers,
            self.refuse_mail,
            self.slow_postgres,
            self.slow_nats,
            self.freeze_postgres,
            self.freeze_nats,
            self.cut_postgres,
            self.cut_nats,
            self.corrupt_postgres,
            self.corrupt_nats,
        ]

    async def torment(self, faults: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> None:
        """Inflict them one after the other, with a moment between."""
        for fault in faults:
            await fault()
            await asyncio.sleep(self._chance.uniform(0.1, 0.5))

"""Visitors and an organiser: they book, cancel and click over HTTP, as a browser behind our proxy would, all the while.

A request that could not be sent is sent to the other process of the pair, as a proxy does. One to which no answer came
is unknown; a booking is then asked for again under its own Idempotency-Key, as a careful caller does.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, TCPConnector, TraceConfig

from services.outages import TROUBLE
from tests.faults.fair import FAIR, PROGRAMME
from tests.faults.history import History, Kind, Outcome, Write
from tests.faults.houses import Process
from tests.faults.world import World

ANSWER_WITHIN = 25.0
TRIES = 6
"""How often a booking without an answer is asked for again."""
GIVEN = frozenset({200, 202, 302, 409, 500, 502, 503, 504})
"""What may be answered: yes, no, or that something is broken."""
BOOKING_OF = """
SELECT b.id FROM registrations.bookings b JOIN people.visitors v ON v.id = b.visitor_id WHERE v.email = $1
"""
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile Safari/604.1"


class NoAnswer(Exception):
    """The request was sent, and no whole answer came."""


class NotSent(Exception):
    """No process of the pair took the connection."""


@dataclass(slots=True)
class Sending:
    """A request on its way. `sent` is when it had left us (monotonic seconds), which `cuts` keeps where no answer
    came."""

    port: int
    sent: float | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How many do each thing at once, and how long they pause in between, in seconds at most."""

    bookers: int = 3
    cancellers: int = 1
    clickers: int = 2
    pause: float = 0.4


class Load:
    """`async with Load(world, history, seed) as load:` goes on until the block ends, and ends what is under way."""

    def __init__(self, world: World, history: History, seed: int, pace: Pace | None = None, *, first: int = 0) -> None:
        self.cuts: list[Sending] = []
        self.strange: list[str] = []
        """Answers that nobody should be given, whatever is broken."""
        self.spared: set[str] = set()
        """Whose bookings nobody cancels."""
        self._world, self._history = world, history
        self._chance = random.Random(seed)
        self._pace = pace or Pace()
        self._number = first
        self._enough = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._session: ClientSession

    async def __aenter__(self) -> Load:
        # A connection of its own for each request: an idle one that the server ends is nobody's fault, and no news.
        connector = TCPConnector(force_close=True, limit=0)
        trace = TraceConfig()
        trace.on_request_headers_sent.append(_note)
        self._session = ClientSession(
            connector=connector, timeout=ClientTimeout(total=ANSWER_WITHIN), trace_configs=[trace]
        )
        self._session._retry_connection = False  # a GET without an answer would be sent again, and that unseen
        for many, act in (
            (self._pace.bookers, self.book),
            (self._pace.cancellers, self.cancel),
            (self._pace.clickers, self.click),
        ):
            self._tasks += [asyncio.create_task(self._again_and_again(act)) for _ in range(many)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._enough.set()
        await asyncio.wait(self._tasks)
        await self._session.close()
        for task in self._tasks:
            task.result()

    async def _again_and_again(self, act: Callable[[], Coroutine[Any, Any, object]]) -> None:
        while not self._enough.is_set():
            await act()
            await asyncio.sleep(self._chance.uniform(0, self._pace.pause))

    # What they do -----------------------------------------------------------------------------------------------------

    async def book(self, adults: int | None = None, wait: bool | None = None) -> Write:
        """Somebody new asks for a time."""
        self._number += 1
        value = f"w{self._number}@faults.example"
        write = self._history.begin(Kind.BOOKING, value)
        body = {
            "name": f"Visitor {self._number}",
            "email": value,
            "language": self._chance.choice(["nb", "en", "nl"]),
            "slot_id": str(self._chance.choice(self._world.fair.slots)),
            "adults": adults or self._chance.randint(1, 3),
            "children_6_12": 0 if adults else self._chance.randint(0, 2),
            "wait": self._chance.random() < 0.5 if wait is None else wait,
        }
        path = f"/api/v1/events/{FAIR}/bookings"
        headers = {"Idempotency-Key": f"faults-{self._number}", "X-Forwarded-For": self._address()}
        sent = False
        for _ in range(TRIES):
            try:
                status = (await self._ask("registrations", "POST", path, headers=headers, json=body))[0]
            except NotSent:
                await asyncio.sleep(0.2)
                continue
            except NoAnswer:
                sent = True
                await asyncio.sleep(0.2)
                continue
            if status == 202:
                write.acknowledge()
                return write
            if status == 409 and not sent:
                write.refuse()  # full, and they would not wait
                return write
            sent = True
            if status == 409:
                return write  # of the time before nobody knows
            await asyncio.sleep(0.2)
        if not sent:
            write.refuse()
        return write

    async def cancel(self) -> None:
        """The organiser cancels a booking that was acknowledged."""
        cancelled = self.spared.union(self._history.values(Kind.CANCELLATION))
        booked = self._history.values(Kind.BOOKING, Outcome.ACKNOWLEDGED)
        candidates = [one for one in booked if one not in cancelled]
        if len(candidates) < 10:
            return
        value = self._chance.choice(candidates)
        try:
            rows = await self._world.look(BOOKING_OF, value)
        except TROUBLE:
            return  # PostgreSQL is away: the organiser finds nobody
        if not rows:
            return  # the checker will tell of it
        write = self._history.begin(Kind.CANCELLATION, value)
        path = f"/api/v1/programmes/{PROGRAMME}/bookings/{rows[0]['id']}/cancel"
        headers = {"Authorization": f"Bearer {self._world.fair.token}", "X-Forwarded-For": self._address()}
        try:
            status = (await self._ask("registrations", "POST", path, headers=headers))[0]
        except NotSent:
            write.refuse()
        except NoAnswer:
            return
        else:
            if status == 200:
                write.acknowledge()

    async def click(self) -> None:
        """Somebody follows a printed code."""
        self._number += 1
        write = self._history.begin(Kind.CLICK, str(self._number))
        headers = {"X-Forwarded-For": self._address(), "User-Agent": PHONE}
        path = f"/l/{self._chance.choice(self._world.fair.links)}"
        try:
            status, found = await self._ask("campaigns", "GET", path, headers=headers)
        except NotSent:
            write.refuse()
            return
        except NoAnswer:
            return
        via = parse_qs(urlsplit(found.get("Location", "")).query).get("via", [""])[0]
        identifier = self._world.keys.unsign("via", via) if via else None
        if status == 302 and identifier:
            write.acknowledge(identifier)

    async def besiege(self, one: Process, statuses: Counter[int]) -> None:
        """Ask one process for its first page again and again until it takes nobody in; an answer that did not come is
        counted as 0."""
        while True:
            try:
                status, _ = await self._try(one, "GET", "/nb/login", headers={"X-Forwarded-For": self._address()})
            except NotSent:
                return
            except NoAnswer:
                statuses[0] += 1
            else:
                statuses[status] += 1

    # How they ask -----------------------------------------------------------------------------------------------------

    def _address(self) -> str:
        """Somebody else's each time: limits per address are not what is tested."""
        return ".".join(str(self._chance.randint(1, 250)) for _ in range(4)).replace("127.", "10.")

    async def _ask(self, service: str, method: str, path: str, **more: Any) -> tuple[int, Any]:
        pair = self._world.houses.of(service)
        self._chance.shuffle(pair)
        for one in pair:
            try:
                return await self._try(one, method, path, **more)
            except NotSent:
                continue
        raise NotSent

    async def _try(self, one: Process, method: str, path: str, **more: Any) -> tuple[int, Any]:
        sending = Sending(one.port)
        try:
            async with self._session.request(
                method,
                f"http://127.0.0.1:{one.port}{path}",
                allow_redirects=False,
                trace_request_ctx=sending,
                **more,
            ) as answer:
                text = await answer.text()
                if answer.status not in GIVEN:
                    self.strange.append(f"{method} {path}: {answer.status} {text[:300]}")
                return answer.status, answer.headers
        except ClientConnectorError as error:
            raise NotSent from error
        except (ClientError, OSError, TimeoutError) as error:
            self.cuts.append(sending)
            raise NoAnswer from error


async def _note(_: ClientSession, context: SimpleNamespace, __: Any) -> None:
    context.trace_request_ctx.sent = time.monotonic()

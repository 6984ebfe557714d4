"""The bus in memory, for fast tests: the same promises as the real one, with a clock that tests move.

    server = MemoryServer(clock)
    bus = MemoryBus(server)

Buses on one server see each other, as connections to one NATS do. `server.away = True` takes the server away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock, SystemClock
from services.listening import Listening
from services.messages import (
    BusAway,
    ConsumerMissing,
    ConsumerSpec,
    Delivery,
    Message,
    PublishRefused,
    StreamSpec,
    Subscription,
    matches,
)


@dataclass(frozen=True, slots=True)
class _Stored:
    sequence: int
    message: Message
    at: datetime


@dataclass(slots=True)
class _Stream:
    spec: StreamSpec
    messages: list[_Stored] = field(default_factory=list)
    known: dict[str, datetime] = field(default_factory=dict)
    """Message ids within the duplicate window, and when they came."""


@dataclass(slots=True)
class _Out:
    """A message in somebody's hands, or waiting to be given out again."""

    stored: _Stored
    number: int
    due: datetime
    """When it may be given out again."""
    held: bool
    """Whether somebody holds it, so that it counts against max_ack_pending."""


@dataclass(slots=True)
class _Consumer:
    spec: ConsumerSpec
    next: int = 0
    """Where in the stream's list of messages the reading goes on."""
    out: dict[int, _Out] = field(default_factory=dict)


class MemoryServer:
    """Streams, consumers and listeners that several buses share."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self._away = False
        self.returns: list[Callable[[], None]] = []
        """Called when the server is there again."""
        self.streams: dict[str, _Stream] = {}
        self.consumers: dict[tuple[str, str], _Consumer] = {}
        self.listeners: list[tuple[str, Callable[[bytes], Awaitable[bytes | None]]]] = []
        self._changed = asyncio.Event()

    @property
    def away(self) -> bool:
        return self._away

    @away.setter
    def away(self, away: bool) -> None:
        comes_back, self._away = self._away and not away, away
        for told in list(self.returns) if comes_back else ():
            told()

    def changed(self) -> None:
        """Wake everyone who waits for a message."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, longest: float) -> None:
        """Wait for a change, for at most `longest` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._changed.wait()

    def require(self) -> None:
        if self.away:
            raise BusAway("the server is away")

    def stream_for(self, subject: str) -> _Stream:
        for stream in self.streams.values():
            if any(matches(pattern, subject) for pattern in stream.spec.subjects):
                return stream
        raise PublishRefused(f"no stream takes {subject}")

    def store(self, message: Message) -> None:
        """Append a message, unless its id is known within the window."""
        stream, now = self.stream_for(message.subject), self.clock.now()
        window = timedelta(seconds=stream.spec.duplicate_window)
        while stream.known and now - next(iter(stream.known.values())) > window:
            del stream.known[next(iter(stream.known))]
        if message.message_id not in stream.known:
            stream.known[message.message_id] = now
            stream.messages.append(_Stored(len(stream.messages) + 1, message, now))

    def give_out(self, consumer: _Consumer, largest: int) -> list[_Out]:
        """What the consumer may have now: first what is due again, then what is new, oldest first."""
        now, spec = self.clock.now(), consumer.spec
        given: list[_Out] = []
        for out in consumer.out.values():
            if out.due <= now:
                out.held = False
        held = sum(out.held for out in consumer.out.values())
        room = min(largest, spec.max_ack_pending - held)
        for out in sorted(
            (one for one in consumer.out.values() if not one.held and one.due <= now),
            key=lambda one: one.stored.sequence,
        ):
            if len(given) < room:
                out.number += 1
                given.append(out)
        messages = self.streams[spec.stream].messages
        while len(given) < room and consumer.next < len(messages):
            stored = messages[consumer.next]
            consumer.next += 1
            if any(matches(pattern, stored.message.subject) for pattern in spec.subjects):
                out = consumer.out[stored.sequence] = _Out(stored, 1, now, True)
                given.append(out)
        for out in given:
            out.held, out.due = True, now + timedelta(seconds=spec.ack_wait)
        return given

    def waiting(self, consumer: _Consumer) -> int:
        messages = self.streams[consumer.spec.stream].messages[consumer.next :]
        return sum(any(matches(pattern, one.message.subject) for pattern in consumer.spec.subjects) for one in messages)


class _MemoryDelivery:
    def __init__(self, server: MemoryServer, consumer: _Consumer, out: _Out) -> None:
        self._server, self._consumer, self._out = server, consumer, out
        self.number, self.last = out.number, out.number >= consumer.spec.max_deliver
        self.subject, self.data = out.stored.message.subject, out.stored.message.data
        self.headers: Mapping[str, str] = out.stored.message.headers
        self.sequence = out.stored.sequence

    @property
    def waiting(self) -> int:
        return self._server.waiting(self._consumer)

    def _mine(self) -> bool:
        """Whether the server still waits for this very delivery; an answer to an earlier one counts all the same, as in
        NATS."""
        self._server.require()
        return self.sequence in self._consumer.out

    async def ack(self) -> None:
        if self._mine():
            del self._consumer.out[self.sequence]
            self._server.changed()

    async def nak(self, delay: float) -> None:
        if delay <= 0:
            raise ValueError("a message given back without a delay comes at once and burns its deliveries")
        if self._mine():
            self._out.held, self._out.due = False, self._server.clock.now() + timedelta(seconds=delay)
            self._server.changed()

    async def term(self, reason: str) -> None:
        await self.ack()

    async def in_progress(self) -> None:
        if self._mine():
            self._out.due = self._server.clock.now() + timedelta(seconds=self._consumer.spec.ack_wait)


class _MemorySubscription:
    def __init__(self, server: MemoryServer, spec: ConsumerSpec) -> None:
        self._server, self._key = server, (spec.stream, spec.name)

    async def fetch(self, largest: int, timeout: float) -> list[Delivery]:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            await asyncio.sleep(0)
            left = end - loop.time()
            if not self._server.away:
                consumer = self._server.consumers.get(self._key)
                if consumer is None:
                    raise ConsumerMissing(f"{self._key[1]} on {self._key[0]}")
                if given := self._server.give_out(consumer, largest):
                    return [_MemoryDelivery(self._server, consumer, out) for out in given]
                if left <= 0:
                    return []
                left = min([left, *self._soonest(consumer)])
            elif left <= 0:
                raise BusAway("the server is away")
            await self._server.wait(left)

    def _soonest(self, consumer: _Consumer) -> list[float]:
        now = self._server.clock.now()
        return [max(0.001, (out.due - now).total_seconds()) for out in consumer.out.values()]

    async def close(self) -> None:
        """Nothing is delivered before it is fetched, so there is nothing to give back."""


class MemoryBus:
    """One connection to a `MemoryServer`, to one of its own where none is given. Several services may share it."""

    def __init__(self, server: MemoryServer | None = None, *, clock: Clock | None = None) -> None:
        self.server = server or MemoryServer(clock)
        self._open = False
        self._work = Listening()

    @property
    def connected(self) -> bool:
        return self._open and not self.server.away

    async def connect(self) -> None:
        self._open = True

    def on_connection(self, callback: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self.server.returns.append(lambda: self._work.begin(callback(), "connection") if self._open else None)

    async def close(self) -> None:
        self._open = False
        self._work.cancel()

    def _require(self) -> None:
        self.server.require()
        if not self._open:
            raise BusAway("the bus is not connected")

    async def declare(self, stream: StreamSpec | None, consumers: Sequence[ConsumerSpec]) -> None:
        self._require()
        if stream is not None:
            self.server.streams.setdefault(stream.name, _Stream(stream)).spec = stream
        for spec in consumers:
            if spec.stream not in self.server.streams:
                raise ConsumerMissing(f"stream {spec.stream} not found")
            self.server.consumers.setdefault((spec.stream, spec.name), _Consumer(spec)).spec = spec

    async def publish(self, messages: Sequence[Message]) -> None:
        self._require()
        for message in messages:
            self.server.stream_for(message.subject)
        for message in messages:
            self.server.store(message)
        self.server.changed()

    async def consume(self, spec: ConsumerSpec) -> Subscription:
        self._require()
        return _MemorySubscription(self.server, spec)

    async def lag(self, spec: ConsumerSpec) -> int:
        self._require()
        consumer = self.server.consumers.get((spec.stream, spec.name))
        if consumer is None:
            raise ConsumerMissing(f"{spec.name} on {spec.stream}")
        return self.server.waiting(consumer) + len(consumer.out)

    async def hint(self, subject: str, data: bytes = b"") -> None:
        if self.connected:
            for pattern, callback in list(self.server.listeners):
                if matches(pattern, subject):
                    self._work.begin(_done(callback(data)), subject)

    async def on_hint(self, subject: str, callback: Callable[[bytes], Awaitable[None]]) -> None:
        self.server.listeners.append((subject, callback))

    async def answer(self, subject: str, callback: Callable[[bytes], Awaitable[bytes]]) -> None:
        self.server.listeners.append((subject, callback))


async def _done(work: Awaitable[object]) -> None:
    await work

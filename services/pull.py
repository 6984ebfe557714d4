"""Reading from a durable consumer by asking for messages, with every answer matched to its question.

The client's own `fetch` is not used: a request in flight when the server dies is not sent again, an idle one makes
`drain` hang, and what an old request still says is taken for the answer to the next. Here each request carries a reply
subject of its own, so that a status is read only by the request it answers, while a message is welcome whichever
request it answers; after a reconnection the request is sent again with what is left of its time.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Protocol

from services.messages import BusAway, ConsumerMissing, ConsumerSpec, Delivery

GRACE = 5.0
"""Seconds that an answer may come later than the server promised, before the request counts as lost. As long as any
other answer's: a silence is no answer, and must not be read as "nothing is there"."""
LULL = 0.05
"""Seconds of silence after which what has arrived is given to the reader, though the server said neither that it has no
more nor that the request is over: others may hold as many messages as the consumer may have out."""
HAND_BACK = 0.05
"""Seconds after which a message that arrived and was never fetched may go to another reader."""

GOODBYE = 1.0
"""Seconds that the server may take to say that it sends a reader nothing more."""


class Received(Protocol):
    """A message as the client hands it over."""

    subject: str
    reply: str
    data: bytes
    headers: dict[str, str] | None


Send = Callable[[str, bytes, str], Awaitable[None]]
"""Publishes (subject, data, reply) at once or raises `BusAway`."""


class PulledDelivery:
    """One message from JetStream; its reply subject says which delivery it is:
    `$JS.ACK.….<number>.<sequence>.….<waiting>`."""

    __slots__ = ("_message", "_send", "headers", "last", "number", "sequence", "waiting")

    def __init__(self, message: Received, send: Send, max_deliver: int) -> None:
        self._message = message
        self._send = send
        self.headers: Mapping[str, str] = message.headers or {}
        tokens = message.reply.split(".")
        # Nine tokens, or eleven and more where a domain and an account stand in front.
        first = 4 if len(tokens) == 9 else 6
        self.number = int(tokens[first])
        self.sequence = int(tokens[first + 1])
        self.waiting = int(tokens[first + 4])
        self.last = self.number >= max_deliver

    @property
    def subject(self) -> str:
        return self._message.subject

    @property
    def data(self) -> bytes:
        return self._message.data

    async def ack(self) -> None:
        await self._send(self._message.reply, b"+ACK", "")

    async def nak(self, delay: float) -> None:
        if delay <= 0:
            raise ValueError("a message given back without a delay comes at once and burns its deliveries")
        await self._send(self._message.reply, b"-NAK " + json.dumps({"delay": int(delay * 1e9)}).encode(), "")

    async def term(self, reason: str) -> None:
        # nats-py's own `term` takes no reason; the server tells it in its advisory.
        line = " ".join(reason.split())[:200]
        await self._send(self._message.reply, f"+TERM {line}".encode(), "")

    async def in_progress(self) -> None:
        await self._send(self._message.reply, b"+WPI", "")


class PullSubscription:
    """A reader of one consumer. The bus subscribes `receive` to `inbox` and sets `end`, which takes that away again."""

    def __init__(self, spec: ConsumerSpec, inbox: str, send: Send, is_connected: Callable[[], bool]) -> None:
        self._spec = spec
        self._inbox = inbox
        self._send = send
        self._is_connected = is_connected
        self._arrived: deque[PulledDelivery] = deque()
        self._request = 0
        self._status: str | None = None
        self._description = ""
        self._rearm = False
        self._woken: asyncio.Future[None] | None = None
        self.end: Callable[[], Awaitable[None]] | None = None

    @property
    def inbox(self) -> str:
        """What the bus subscribes `receive` to."""
        return f"{self._inbox}.*"

    async def receive(self, message: Received) -> None:
        """Files what comes to the inbox. It does no work and is never cancelled, so the client's loop behind it lives
        on."""
        if message.reply.startswith("$JS.ACK."):
            self._arrived.append(PulledDelivery(message, self._send, self._spec.max_deliver))
            self._wake()
            return
        status = (message.headers or {}).get("Status", "")
        if status and status != "100" and message.subject == f"{self._inbox}.{self._request}":
            self._status = status
            self._description = (message.headers or {}).get("Description", "")
            self._wake()

    def reconnected(self) -> None:
        """The request on its way, if any, was lost with the old connection: send it again."""
        self._rearm = True
        self._wake()

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    async def fetch(self, largest: int, timeout: float) -> list[Delivery]:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        if not self._is_connected():
            await self._sleep_until_woken(timeout)
        await self._ask(largest, 0.0 if self._arrived else timeout)
        while len(self._arrived) < largest and (self._status is None or self._refused_for_now()):
            left = end - loop.time()
            if self._refused_for_now():
                if self._arrived or left <= 0:
                    break
                await self._sleep_until_woken(min(left, LULL))
                if self._arrived:
                    break
                self._rearm = True
            if self._rearm:
                await self._ask(largest, max(left, 0.0))
            elif not self._arrived and (left + GRACE <= 0 or (left <= 0 and not self._is_connected())):
                raise BusAway("no answer came while messages were awaited")
            if self._arrived:
                before = len(self._arrived)
                await self._sleep_until_woken(LULL)
                if len(self._arrived) == before and not self._rearm:
                    break
            else:
                await self._sleep_until_woken(left if left > 0 else left + GRACE)
        if not self._arrived and self._gone():
            raise ConsumerMissing(
                f"{self._spec.name} on {self._spec.stream}: {self._status} {self._description}".strip()
            )
        return [self._arrived.popleft() for _ in range(min(largest, len(self._arrived)))]

    def _refused_for_now(self) -> bool:
        # As many messages are out as may be, a server of the cluster goes, or an open question, another reader's or an
        # earlier one of this reader's own, already asks for all there is: the same question may be answered next time.
        return (self._status == "409" and not self._gone()) or (
            self._status == "408" and "pending" in self._description.lower()
        )

    def _gone(self) -> bool:
        # 503: nobody answers for the consumer. Of the 409s, only the deletion is not for later.
        return self._status == "503" or (self._status == "409" and "deleted" in self._description.lower())

    async def _ask(self, largest: int, timeout: float) -> None:
        self._rearm = False
        self._request += 1
        self._status = None
        wanted = largest - len(self._arrived)
        if wanted <= 0:
            return
        # With both, the server answers as soon as there is something: all it has, up to `batch`, then 408.
        question: dict[str, object] = {"batch": wanted, "no_wait": True}
        if timeout > 0:
            question["expires"] = int(timeout * 1e9)
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._spec.stream}.{self._spec.name}"
        await self._send(subject, json.dumps(question).encode(), f"{self._inbox}.{self._request}")

    async def _sleep_until_woken(self, longest: float) -> None:
        self._woken = asyncio.get_running_loop().create_future()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(longest):
                    await self._woken
        finally:
            self._woken = None

    async def close(self) -> None:
        if self.end is not None:
            await self.end()
            self.end = None
        while self._arrived:
            # Without a connection they come again by themselves, after ack_wait.
            with suppress(BusAway):
                await self._arrived.popleft().nak(HAND_BACK)

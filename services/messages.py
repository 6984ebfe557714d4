"""What goes over the bus, and what any bus must do. `services/bus.py` does it with NATS, `services/memory_bus.py` in
memory.

One suite (`tests/messaging/buses/`) holds both to this page:

- A publication is durable when `publish` returns, and stored once per message id within the stream's duplicate window.
- A consumer is shared by its readers: each message goes to one of them, and comes again until it is acknowledged or
  terminated.
- Time-outs mean *unknown*: the caller publishes again with the same message id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

ACK_WAIT = 30.0


class BusError(Exception):
    """Something the bus could not do."""


class BusUnfit(BusError):
    """The server is there, and will not do: it refuses us, or is too old. The message says which."""


class BusAway(BusError):
    """There is no connection now. Nothing was sent; try again later."""


class PublishUnknown(BusError):
    """No answer came: the messages may have been stored or may still be. Publish again with the same message ids."""


class PublishRefused(BusError):
    """The server answered no: no stream takes the subject, or a limit stands in the way. The message says which."""


class ConsumerMissing(BusError):
    """The stream or the consumer is not there (yet, or no longer): declare it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to publish. `message_id` is what the stream recognises a repetition by."""

    subject: str
    data: bytes
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A stream on disk that keeps every message for `max_age` seconds, whoever has read it."""

    name: str
    subjects: tuple[str, ...]
    max_age: float = 30 * 86400
    duplicate_window: float = 20 * 60
    """Seconds for which a message id is remembered: longer than any relay stays away with a batch in its hands."""
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class ConsumerSpec:
    """A named place in a stream, shared by all who consume under that name."""

    stream: str
    name: str
    subjects: tuple[str, ...]
    """Filters, none overlapping another."""
    ack_wait: float = ACK_WAIT
    """Seconds after which an unacknowledged message is given to somebody again."""
    max_deliver: int = 8
    """The delivery from which on `Delivery.last` is true. The server itself never gives up: a reader that dies during
    the last delivery would otherwise take the message with it, before anybody wrote down that it failed."""
    max_ack_pending: int = 1000
    ephemeral: bool = False
    """Gone a minute after its last reader: for a rebuild."""


class Delivery(Protocol):
    """One message in a reader's hands. `ack`, `nak`, `term` and `in_progress` raise `BusAway` without a connection: the
    message then comes again."""

    @property
    def subject(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def number(self) -> int:
        """Which delivery of this message to this consumer it is, from 1."""

    @property
    def last(self) -> bool:
        """Whether this is the last one meant to be tried."""

    @property
    def sequence(self) -> int:
        """The message's place in its stream."""

    @property
    def waiting(self) -> int:
        """How many messages the consumer had yet to give out when it gave this one."""

    async def ack(self) -> None: ...

    async def nak(self, delay: float) -> None:
        """Give it back, to come again after `delay` seconds. Without a delay it would come at once and burn its
        deliveries."""

    async def term(self, reason: str) -> None:
        """It shall not come again."""

    async def in_progress(self) -> None:
        """Work goes on: `ack_wait` begins anew."""


class Subscription(Protocol):
    """A reader of one consumer."""

    async def fetch(self, largest: int, timeout: float) -> list[Delivery]:
        """Up to `largest` messages, as soon as there is one; none after `timeout` seconds (0: what is there now). A
        connection that breaks and comes back meanwhile goes unnoticed; raises `BusAway` where it stays away, and
        `ConsumerMissing`."""

    async def close(self) -> None:
        """Stop reading; what was delivered and not fetched goes to another reader."""


class Bus(Protocol):
    """One connection of one service."""

    @property
    def connected(self) -> bool: ...

    async def connect(self) -> None:
        """Connect, or keep trying in the background where the server is away. Raises `BusError` where it refuses us."""

    def on_connection(self, callback: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Call whenever there is a connection again: the server may have come back with an empty disk. An error is
        logged and ends nothing."""

    async def close(self) -> None:
        """Close every subscription, send what is on its way, and go. Takes a few seconds at most, idle or not."""

    async def declare(self, stream: StreamSpec | None, consumers: Sequence[ConsumerSpec]) -> None:
        """Bring the stream and the consumers about as described; the same again changes nothing. Raises
        `ConsumerMissing` where a consumer's stream does not exist, `BusAway`, or `BusError` where the server
        refuses."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Store the messages in order, many at once all or none where the server can; returns when they are on disk.
        Those already stored under their id are not stored again. Raises `BusAway`, `PublishUnknown`,
        `PublishRefused`."""

    async def consume(self, spec: ConsumerSpec) -> Subscription:
        """Read from a declared consumer. Raises `BusAway`."""

    async def lag(self, spec: ConsumerSpec) -> int:
        """How many messages a consumer has yet to acknowledge: those it has not given out, and those it has. Raises
        `ConsumerMissing`, `BusAway`."""

    async def hint(self, subject: str, data: bytes = b"") -> None:
        """Tell everyone who listens now. May be lost, never raises for want of a connection."""

    async def on_hint(self, subject: str, callback: Callable[[bytes], Awaitable[None]]) -> None:
        """Call for each hint, several at once. An error is logged and ends nothing."""

    async def answer(self, subject: str, callback: Callable[[bytes], Awaitable[bytes]]) -> None:
        """Answer each request on `subject`; a callback that fails answers nothing."""


def matches(pattern: str, subject: str) -> bool:
    """Whether a subject falls under a pattern: `*` is one token, `>` at the end one or more."""
    wanted, given = pattern.split("."), subject.split(".")
    for place, part in enumerate(wanted):
        if part == ">":
            return len(given) > place
        if place >= len(given) or part not in {"*", given[place]}:
            return False
    return len(wanted) == len(given)

"""The two kinds of bus that these tests hold to one page, and what they are asked to carry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.messages import Bus, ConsumerSpec, Message, StreamSpec

STREAM = StreamSpec(name="EVENTS", subjects=("events.>",))
READER = ConsumerSpec(stream="EVENTS", name="registrations-seats", subjects=("events.event.*.v1.*",), ack_wait=1.0)


@dataclass
class Kind:
    """One kind of bus: how to open another connection, and how to let its server's time pass."""

    name: str
    open: Callable[[], Awaitable[Bus]]
    pass_time: Callable[[float], Awaitable[None]]


def message(number: int, aggregate: str = "one", **headers: str) -> Message:
    return Message(f"events.event.moved.v1.{aggregate}", f"{number}".encode(), f"id-{aggregate}-{number}", headers)

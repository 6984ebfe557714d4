"""What was asked of the house and what it answered, after Jepsen: each write has a value of its own, and one outcome.

write = history.begin(Kind.BOOKING, "w17@faults.example")   # unknown, until something else is known
write.acknowledge()                                         # or write.refuse()
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    BOOKING = "booking"
    """Its value is the address under which somebody books, who books once."""
    CANCELLATION = "cancellation"
    """Its value is that of the booking."""
    CLICK = "click"
    """Its value is the click's id where there was an answer, else a number."""


class Outcome(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    """It must be there."""
    REFUSED = "refused"
    """It must not be there."""
    UNKNOWN = "unknown"
    """Nobody answered: it is there once, or not at all."""


@dataclass(slots=True)
class Write:
    kind: Kind
    value: str
    outcome: Outcome = Outcome.UNKNOWN
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def acknowledge(self, value: str | None = None) -> None:
        """It was answered with yes; `value` where the answer tells it."""
        self._end(Outcome.ACKNOWLEDGED)
        self.value = value or self.value

    def refuse(self) -> None:
        """It was answered with no, or never sent."""
        self._end(Outcome.REFUSED)

    def _end(self, outcome: Outcome) -> None:
        self.outcome, self.ended = outcome, time.monotonic()


class History:
    """Every write, in the order in which they began."""

    def __init__(self) -> None:
        self.writes: list[Write] = []

    def begin(self, kind: Kind, value: str) -> Write:
        write = Write(kind, value)
        self.writes.append(write)
        return write

    def forget(self, values: Collection[str]) -> None:
        """Leave out all that was asked under these values: whoever asked was erased."""
        self.writes = [one for one in self.writes if one.value not in values]

    def of(self, kind: Kind, *outcomes: Outcome) -> Iterator[Write]:
        """The writes of a kind, with one of these outcomes where some are named."""
        return (one for one in self.writes if one.kind is kind and (not outcomes or one.outcome in outcomes))

    def values(self, kind: Kind, *outcomes: Outcome) -> list[str]:
        return [one.value for one in self.of(kind, *outcomes)]

    def acknowledged_between(self, began: float, ended: float) -> Counter[Kind]:
        """How many writes of each kind both began and were acknowledged within these moments (monotonic seconds)."""
        return Counter(
            one.kind
            for one in self.writes
            if one.outcome is Outcome.ACKNOWLEDGED and one.began >= began and one.ended is not None
            if one.ended <= ended
        )

    def sorted_out(self) -> Counter[tuple[Kind, Outcome]]:
        """How many of each kind came to which end."""
        return Counter((one.kind, one.outcome) for one in self.writes)

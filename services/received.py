"""A fact as it came: read from a message's subject, headers and body, and the context in which it is handled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from time import perf_counter
from typing import Any
from uuid import UUID

from prometheus_client import Histogram
from pydantic import ValidationError

from services.facts import Envelope, Fact
from services.logs import BOUND
from services.outbox import CAUSE
from services.service import Reaction
from services.tracing import consumer_span

HANDLER_SECONDS = Histogram("blest_reaction_seconds", "How long a reaction took over one fact.", ["consumer"])


class Unreadable(ValueError):
    """A message that the installed code cannot read: a header is missing, the subject is unknown, or the body does not
    fit the fact's model. Giving it again changes nothing."""


@dataclass(frozen=True, slots=True)
class Received:
    """A fact and its envelope."""

    fact: Any
    envelope: Envelope
    headers: Mapping[str, str]

    @contextmanager
    def at_work(self, consumer: str) -> Iterator[None]:
        """While a reaction handles it: what it logs names the message, what it publishes names its cause, and its span
        belongs to the trace in which the fact was made."""
        envelope = self.envelope
        cause = CAUSE.set(envelope.message_id)
        logged = {"message_id": str(envelope.message_id), "consumer": consumer, "aggregate": envelope.aggregate}
        bound = BOUND.set({**BOUND.get(), **logged})
        began = perf_counter()
        try:
            with consumer_span(
                consumer, self.fact.subject, envelope.traceparent, logged["message_id"], envelope.linked
            ):
                yield
        finally:
            HANDLER_SECONDS.labels(consumer).observe(perf_counter() - began)
            BOUND.reset(bound)
            CAUSE.reset(cause)


def read(reaction: Reaction, subject: str, headers: Mapping[str, str], data: bytes, delivery: int) -> Received:
    """The fact in a message for `reaction`, which must be one of its declared facts. Raises `Unreadable`."""
    kind = _kinds(reaction.facts).get(subject.rpartition(".")[0])
    if kind is None:
        raise Unreadable(f"{reaction.name} knows no fact under {subject}")
    try:
        fact = kind.model_validate_json(data)
        envelope = Envelope(
            message_id=UUID(headers["Message-Id"]),
            programme_id=UUID(headers["Blest-Programme"]),
            aggregate=headers["Blest-Aggregate"],
            version=int(headers["Blest-Version"]),
            occurred_at=datetime.fromisoformat(headers["Blest-Occurred-At"]),
            delivery=delivery,
            republished=headers.get("Blest-Republished") == "1",
            restated=headers.get("Blest-Restated") == "1",
            traceparent=headers.get("traceparent"),
            linked=tuple(headers["Blest-Linked"].split(",")) if "Blest-Linked" in headers else (),
        )
    except KeyError as error:
        raise Unreadable(f"the header {error.args[0]} is missing") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        raise Unreadable(f"{kind.__name__}: {wrong}") from error
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if fact.programme_id != envelope.programme_id:
        raise Unreadable("the fact and its envelope name different programmes")
    return Received(fact, envelope, headers)


@cache
def _kinds(facts: tuple[type[Fact], ...]) -> dict[str, type[Fact]]:
    return {f"{kind.subject}.v{kind.revision}": kind for kind in facts}

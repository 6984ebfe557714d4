"""Which streams and consumers a service needs, read from its declaration: the only place that names them.

One stream per service, of its name in upper case, holding everything below the service's own first token. One durable
consumer per reaction and stream, `<service>-<reaction>`, which all replicas share. Postgres is the truth, a stream a
log that can be refilled from it, so nothing here is precious.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from services.context import Context
from services.facts import Fact
from services.messages import ACK_WAIT, BusAway, BusError, ConsumerMissing, ConsumerSpec, StreamSpec
from services.service import Reaction

log = structlog.get_logger(__name__)

AFTER_TROUBLE = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to declare when the bus is there again."""


def stream_of(service: str, replicas: int = 1) -> StreamSpec:
    """The stream of a service, `EVENTS` with `events.>`."""
    return StreamSpec(name=service.upper(), subjects=(f"{service}.>",), replicas=replicas)


def consumer_name(service: str, reaction: Reaction) -> str:
    """The durable's name, also the key of the inbox: `campaigns-conversions`."""
    return f"{service}-{reaction.name}"


def consumers_of(
    service: str, reaction: Reaction, *, suffix: str = "", ephemeral: bool = False, ack_wait: float | None = None
) -> list[ConsumerSpec]:
    """One consumer per stream that the reaction's facts come from."""
    return [
        ConsumerSpec(
            stream=source.upper(),
            name=consumer_name(service, reaction) + suffix,
            subjects=tuple(sorted({fact.pattern() for fact in facts})),
            ephemeral=ephemeral,
            ack_wait=ack_wait or ACK_WAIT,
        )
        for source, facts in sorted(_by_source(reaction.facts).items())
    ]


def _by_source(facts: Iterable[type[Fact]]) -> dict[str, list[type[Fact]]]:
    sources: dict[str, list[type[Fact]]] = {}
    for fact in facts:
        sources.setdefault(fact.subject.split(".")[0], []).append(fact)
    return sources


async def declare(context: Context) -> bool:
    """Declare a service's stream and consumers; the same again changes nothing. True when all are there.

    Where the bus is away, or another service has not declared its stream yet, that is no error: the relay and the
    consumers declare again when they need them.
    """
    service = context.service
    everything = True
    try:
        await context.bus.declare(stream_of(service.name, context.settings.nats_replicas), [])
        for reaction in service.reactions:
            for spec in consumers_of(service.name, reaction):
                try:
                    await context.bus.declare(None, [spec])
                except ConsumerMissing:
                    log.info("a stream is not there yet", stream=spec.stream, consumer=spec.name)
                    everything = False
    except BusAway as error:
        log.warning("nothing declared, the bus is away", service=service.name, error=str(error))
        return False
    return everything


def declare_on_connection(context: Context) -> None:
    """Declare anew whenever the bus is there again: it may have lost its disk, and what goes straight to a stream (a
    click) must not wait until the relay finds that out."""

    async def again() -> None:
        for pause in AFTER_TROUBLE:
            # JetStream is there a little later than the connection.
            try:
                if await declare(context):
                    return
            except BusError as error:
                log.warning("nothing declared for now", service=context.service.name, error=str(error))
            await asyncio.sleep(pause)

    context.bus.on_connection(again)

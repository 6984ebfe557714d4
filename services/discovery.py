"""Who is there, by the conventions of NATS services (ADR-32): `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` are answered.

    nats req '$SRV.PING' '' --replies=0

Discovery is all that we use them for: nobody asks a service over the bus to finish a request. So the endpoints that
INFO lists are the consumers, with what they did so far.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

from prometheus_client.samples import Sample

from services.context import Context
from services.metrics import samples
from services.openapi import release
from services.streams import consumer_name, consumers_of

KINDS = ("PING", "INFO", "STATS")
PREFIX = "$SRV"


class Presence:
    """One service in one process. `identity` tells its replicas apart."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._service = context.service
        self._started: datetime = context.clock.now()
        self.identity = uuid4().hex[:22]

    async def announce(self) -> None:
        """Answer from now on: for everyone, for the service's name, for this very process."""
        answers: dict[str, Callable[[], dict[str, Any]]] = {"PING": self.ping, "INFO": self.info, "STATS": self.stats}
        for kind in KINDS:
            for address in (
                f"{PREFIX}.{kind}",
                f"{PREFIX}.{kind}.{self.name}",
                f"{PREFIX}.{kind}.{self.name}.{self.identity}",
            ):
                await self._context.bus.answer(address, _answering(answers[kind]))

    @property
    def name(self) -> str:
        return self._service.name

    def _known(self, kind: str) -> dict[str, Any]:
        version = release()
        # The convention wants a semantic version (semver.org, section 2).
        semantic = version if version.count(".") == 2 else f"{version}.0.0"
        return {
            "type": f"io.nats.micro.v1.{kind}_response",
            "name": self.name,
            "id": self.identity,
            "version": semantic,
            "metadata": {"purpose": self._service.purpose},
        }

    def ping(self) -> dict[str, Any]:
        """That it is there."""
        return self._known("ping")

    def info(self) -> dict[str, Any]:
        """What it does: its consumers, and the subjects that each reads."""
        return {
            **self._known("info"),
            "description": self._service.purpose,
            "endpoints": [
                {
                    "name": consumer_name(self.name, reaction),
                    "subject": ", ".join(
                        subject for spec in consumers_of(self.name, reaction) for subject in spec.subjects
                    ),
                    "queue_group": consumer_name(self.name, reaction),
                    "metadata": {"projection": str(reaction.projection).lower()},
                }
                for reaction in self._service.reactions
            ],
        }

    def stats(self) -> dict[str, Any]:
        """What its consumers did in this process since it started."""
        return {
            **self._known("stats"),
            "started": self._started.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "endpoints": [self._figures(consumer_name(self.name, one)) for one in self._service.reactions],
        }

    def _figures(self, consumer: str) -> dict[str, Any]:
        outcomes = {one.labels["outcome"]: int(one.value) for one in _of(consumer, "blest_consumer_messages_total")}
        spent = int(sum(one.value for one in _of(consumer, "blest_reaction_seconds_sum")) * 1e9)
        errors = outcomes.get("failed", 0) + outcomes.get("dead", 0)
        done = outcomes.get("acknowledged", 0) + errors
        return {
            "name": consumer,
            "subject": consumer,
            "num_requests": done,
            "num_errors": errors,
            "processing_time": spent,
            "average_processing_time": spent // done if done else 0,
            "data": {"outcomes": outcomes},
        }


def _of(consumer: str, name: str) -> list[Sample]:
    """What this process counts of a consumer under a name that messaging gives its figures."""
    return [sample for sample in samples(name) if sample.labels.get("consumer") == consumer]


def _answering(said: Callable[[], dict[str, Any]]) -> Callable[[bytes], Awaitable[bytes]]:
    async def answer(_: bytes) -> bytes:
        return json.dumps(said()).encode()

    return answer

"""What we ask of JetStream's API: streams and consumers as the server takes them, in its own words.

Requests are JSON on `$JS.API.…`; an answer with `error` is a refusal. Durations are nanoseconds.
"""

from __future__ import annotations

from services.messages import ConsumerSpec, StreamSpec

API = "$JS.API"
STREAM_EXISTS_DIFFERENTLY = 10058
BATCHES_DISABLED = 10174
BATCH_HOLDS_A_KNOWN_ID = 10201
OLDEST = (2, 12)
"""The first server that stores a batch whole or not at all."""


class ServerRefused(Exception):
    """The server answered with an error: its HTTP-like `code`, its own `number` and its words."""

    def __init__(self, code: int, number: int, description: str) -> None:
        super().__init__(f"{description} ({number})")
        self.code, self.number = code, number


def too_old(major: int, minor: int) -> str:
    """What is wrong with a server of this version; empty where nothing is."""
    return "" if (major, minor) >= OLDEST else f"is {major}.{minor}; {OLDEST[0]}.{OLDEST[1]} or newer is needed"


def stream(spec: StreamSpec) -> dict[str, object]:
    """The configuration of a stream: on disk, limited by age alone, not to be emptied by anyone but time."""
    return {
        "name": spec.name,
        "subjects": list(spec.subjects),
        "retention": "limits",
        "storage": "file",
        "discard": "old",
        "max_age": _nanoseconds(spec.max_age),
        "duplicate_window": _nanoseconds(spec.duplicate_window),
        "num_replicas": spec.replicas,
        "deny_delete": True,
        "deny_purge": True,
        "allow_direct": True,
        "allow_atomic": True,
    }


def consumer(spec: ConsumerSpec) -> dict[str, object]:
    """The request that creates or changes a consumer. It reads from the beginning, and is acknowledged message by
    message."""
    config: dict[str, object] = {
        "name": spec.name,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "replay_policy": "instant",
        "ack_wait": _nanoseconds(spec.ack_wait),
        "max_deliver": -1,  # we count: see `ConsumerSpec.max_deliver`
        "max_ack_pending": spec.max_ack_pending,
    }
    if len(spec.subjects) == 1:
        config["filter_subject"] = spec.subjects[0]
    else:
        config["filter_subjects"] = list(spec.subjects)
    if spec.ephemeral:
        config["inactive_threshold"] = _nanoseconds(60)
    else:
        config["durable_name"] = spec.name
    return {"stream_name": spec.stream, "config": config, "action": ""}


def consumer_subject(spec: ConsumerSpec) -> str:
    """Where a consumer is created. A single filter stands in the subject as well, so that permissions can look at
    it."""
    only = f".{spec.subjects[0]}" if len(spec.subjects) == 1 else ""
    return f"{API}.CONSUMER.CREATE.{spec.stream}.{spec.name}{only}"


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)

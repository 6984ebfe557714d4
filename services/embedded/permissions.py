"""What each service may say and hear on NATS, every line with its reason.

The embedded server takes it as it is; `deploy/nats/accounts.conf` is written from it (`make deploy`).
"""

from __future__ import annotations

from typing import Any

Line = tuple[str, str]
"""A subject, and why it is open."""


def publishes(service: str) -> tuple[Line, ...]:
    """The subjects on which the service called `service` may speak.

    The name of a consumer is the last part of these subjects and cannot be matched by its beginning, so a service could
    read another's consumer; it cannot speak for another, nor delete or empty a stream.
    """
    stream = service.upper()
    return (
        (f"{service}.>", "its own facts"),
        (f"wake.{service}", "tells its other processes that its outbox has rows"),
        (f"hints.{service}.>", "what its replicas need to know at once: a link changed"),
        ("hints.identity", "that programmes changed, which every process remembers; says no more than: look again"),
        ("$JS.API.INFO", "whether JetStream is there"),
        (f"$JS.API.STREAM.CREATE.{stream}", "declares its own stream"),
        (f"$JS.API.STREAM.UPDATE.{stream}", "changes its own stream: more replicas"),
        ("$JS.API.STREAM.INFO.*", "how far any stream is"),
        ("$JS.API.STREAM.NAMES", "which stream holds a subject"),
        ("$JS.API.STREAM.LIST", "which streams there are"),
        ("$JS.API.CONSUMER.CREATE.>", "declares its durable consumers on the streams of others"),
        ("$JS.API.CONSUMER.DURABLE.CREATE.>", "the same, as older servers know it"),
        ("$JS.API.CONSUMER.INFO.>", "how far behind they are, for the figures"),
        ("$JS.API.CONSUMER.LIST.*", "which consumers a stream has"),
        ("$JS.API.CONSUMER.NAMES.*", "the same, by name alone"),
        ("$JS.API.CONSUMER.MSG.NEXT.>", "fetches"),
        ("$JS.ACK.>", "acknowledges what it fetched"),
    )


def subscribes(service: str) -> tuple[Line, ...]:
    """The subjects that the service called `service` may hear."""
    return (
        ("_INBOX.>", "answers to its own requests"),
        (f"wake.{service}", "another of its processes has written to the outbox"),
        ("hints.>", "hints for every replica"),
        ("$SRV.>", "is asked who it is and how it does"),
    )


def permissions(service: str) -> dict[str, Any]:
    """The same as nats-server's configuration takes it."""
    return {
        "publish": {"allow": [subject for subject, _ in publishes(service)]},
        "allow_responses": True,  # answers whoever asks it, once
        "subscribe": {"allow": [subject for subject, _ in subscribes(service)]},
    }

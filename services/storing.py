"""How JetStream is asked to store messages: as one atomic batch, or one by one where they are few or it takes no batch.

Both say each message's id, by which the stream recognises what it has already.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

from services import jetstream
from services.messages import Message

LARGEST_BATCH = 500
"""Messages in one atomic batch; the server allows 1000."""
FEW = 6
"""So many go one by one: the server stages a batch in a folder of its own, which costs it six waits for the disk, and a
message alone one. Two messages are stored in a tenth of the time so (benchmarks/README.md)."""
ID = "Nats-Msg-Id"

Say = Callable[[str, bytes, dict[str, str]], Awaitable[object]]
"""Publishes (subject, data, headers), with or without waiting for JetStream's answer."""


async def store(messages: Sequence[Message], send: Say, request: Say) -> None:
    """Store at most `LARGEST_BATCH` messages in order. `send` waits for no answer; `request` does, and raises
    `jetstream.ServerRefused`."""
    if len(messages) > FEW and await _atomically(messages, send, request):
        return
    for message in messages:
        await request(message.subject, message.data, {**message.headers, ID: message.message_id})


async def _atomically(messages: Sequence[Message], send: Say, request: Say) -> bool:
    """All or none. False where the server refused the batch whole because it knows one of its ids already, or because
    the stream takes no batches: then each goes alone, and those already stored are recognised."""
    batch = uuid4().hex
    for number, message in enumerate(messages, 1):
        headers = {
            **message.headers,
            ID: message.message_id,
            "Nats-Batch-Id": batch,
            "Nats-Batch-Sequence": str(number),
        }
        if number < len(messages):
            await send(message.subject, message.data, headers)
            continue
        try:
            await request(message.subject, message.data, {**headers, "Nats-Batch-Commit": "1"})
        except jetstream.ServerRefused as error:
            if error.number in {jetstream.BATCH_HOLDS_A_KNOWN_ID, jetstream.BATCHES_DISABLED}:
                return False
            raise
    return True

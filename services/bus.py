"""The bus over NATS JetStream: the only module that imports nats.

What a bus must do is in `services/messages.py`; reading is in `services/pull.py`, storing in `services/storing.py`.
nats-py 2.16 is used where it does what it says, and passed by where it was measured not to:

- It gives up for good after two minutes without a server unless told otherwise, and after some errors always: it is
  told to go on, and where it closes all the same a new client takes over with the same subscriptions.
- It buffers what is published without a connection and sends it later, after the caller was told it failed: the buffer
  is off, and a time-out means *unknown*.
- It finds a dead server only by its pings, every two minutes: ours come every few seconds.
- Its `drain` writes the PING at once and the UNSUB by a task, so the PONG may come first: we ask twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from services import jetstream
from services.jetstream import ServerRefused
from services.listening import Listening
from services.messages import (
    BusAway,
    BusError,
    BusUnfit,
    ConsumerMissing,
    ConsumerSpec,
    Message,
    PublishRefused,
    PublishUnknown,
    StreamSpec,
    Subscription,
)
from services.pull import GOODBYE, PullSubscription
from services.storing import LARGEST_BATCH, store

log = structlog.get_logger(__name__)


class NatsBus:
    """One connection of one service. `user` and `password` are the service's own in NATS."""

    def __init__(
        self,
        url: str,
        user: str = "",
        password: str = "",
        name: str = "blest",
        *,
        answer_within: float = 5.0,
        retry_after: float = 0.25,
    ) -> None:
        self._url = url
        self._user, self._password = user, password
        self._name = name
        self._answer_within = answer_within
        self._retry_after = retry_after
        self._client = Client()
        self._opening: asyncio.Task[None] | None = None
        self._refused = asyncio.Event()
        self._closing = False
        self._too_old = ""
        self._listening = False
        self._readers: set[PullSubscription] = set()
        self._listeners: list[tuple[str, Callable[[Msg], Awaitable[None]]]] = []
        self._returns: list[Callable[[], Coroutine[Any, Any, object]]] = []
        self._work = Listening()

    # The connection -------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    async def connect(self) -> None:
        self._closing = False
        self._refused.clear()
        refused = asyncio.create_task(self._refused.wait())
        self._opening = asyncio.create_task(self._keep_opening(), name=f"nats {self._name}")
        await asyncio.wait({self._opening, refused}, timeout=self._answer_within, return_when=asyncio.FIRST_COMPLETED)
        refused.cancel()
        if self._refused.is_set() and not self.connected:
            await self.close()
            refuses = f"refuses {self._user or 'us'}: check its password"
            raise BusUnfit(f"NATS at {self._url} {self._too_old or refuses}")
        if not self._opening.done():
            log.warning("nats is away, trying on", url=self._url)

    async def _keep_opening(self) -> None:
        while not self._closing:
            try:
                await self._open()
                return
            except Exception as error:
                # Whatever it is: a process that stopped trying would run on, and be deaf for good.
                log.warning("nats was lost again at once", url=self._url, error=repr(error))
                with suppress(nats.errors.Error, OSError):
                    await self._client.close()
                await asyncio.sleep(self._retry_after)

    def _require_connection(self) -> None:
        if not self.connected:
            raise BusAway("no connection to NATS")

    async def _open(self) -> None:
        self._listening = False
        self._client = client = Client()
        await client.connect(
            self._url,
            name=self._name,
            user=self._user or None,
            password=self._password if self._user else None,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
            closed_cb=self._on_close,
            max_reconnect_attempts=-1,
            # The client says that it takes whole seconds, and gives them to a sleep, which takes any.
            reconnect_time_wait=self._retry_after,  # type: ignore[arg-type]
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            drain_timeout=2,
            pending_size=-1,
        )
        version = client.connected_server_version
        self._too_old = jetstream.too_old(version.major, version.minor)
        if self._too_old:
            await client.close()
            self._refused.set()
            raise BusUnfit(f"NATS at {self._url} {self._too_old}")
        self._listening = True
        for subject, callback in list(self._listeners):
            await client.subscribe(subject, cb=callback)
        for reader in self._readers:
            await self._listen(reader)
            reader.reconnected()
        log.info("nats connected", url=self._url)
        self._tell_of_connection()

    async def _on_error(self, error: Exception) -> None:
        text = str(error)
        if "authorization" in text.lower():
            self._refused.set()
        if isinstance(error, nats.errors.SlowConsumerError) or "permissions violation" in text.lower():
            log.error("nats complains", error=text)

    async def _on_disconnect(self) -> None:
        if not self._closing:
            log.warning("nats connection lost", url=self._url)

    async def _on_reconnect(self) -> None:
        log.info("nats connection is back", url=self._url)
        for reader in self._readers:
            reader.reconnected()
        self._tell_of_connection()

    def on_connection(self, callback: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self._returns.append(callback)

    def _tell_of_connection(self) -> None:
        for callback in self._returns:
            self._work.begin(callback(), "connection")

    async def _on_close(self) -> None:
        if self._closing or (self._opening is not None and not self._opening.done()):
            return  # meant, or the one that is being opened: `_keep_opening` opens the next
        log.error("nats closed for good, opening another", url=self._url, error=repr(self._client.last_error))
        self._opening = asyncio.create_task(self._keep_opening(), name=f"nats {self._name}")

    async def close(self) -> None:
        self._closing = True
        if self._opening is None:
            return
        if not self._opening.done():
            self._opening.cancel()
            await asyncio.wait({self._opening})
        # Readers first: `drain` waits for what a subscription still holds.
        await asyncio.gather(*(reader.close() for reader in self._readers))
        try:
            await self._client.drain()
        except nats.errors.Error:
            await self._client.close()
        self._work.cancel()

    # Declaring and publishing ---------------------------------------------------------------------------------------

    async def declare(self, stream: StreamSpec | None, consumers: Sequence[ConsumerSpec]) -> None:
        self._require_connection()
        try:
            if stream is not None:
                await self._declare_stream(stream)
            for spec in consumers:
                await self._ask(jetstream.consumer_subject(spec), jetstream.consumer(spec))
        except ServerRefused as error:
            if error.code == 404:
                raise ConsumerMissing(str(error)) from error
            raise BusError(f"NATS does not take the declaration: {error}") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise BusAway(f"NATS did not answer: {error!r}") from error

    async def _declare_stream(self, spec: StreamSpec) -> None:
        config = jetstream.stream(spec)
        try:
            await self._ask(f"{jetstream.API}.STREAM.CREATE.{spec.name}", config)
        except ServerRefused as error:
            if error.number != jetstream.STREAM_EXISTS_DIFFERENTLY:
                raise
            await self._ask(f"{jetstream.API}.STREAM.UPDATE.{spec.name}", config)

    async def _ask(self, subject: str, question: dict[str, object]) -> dict[str, Any]:
        return await self._request(subject, json.dumps(question).encode())

    async def _request(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Send and wait for JetStream's answer. Raises `ServerRefused`, nats.errors.Error."""
        answer = await self._client.request(subject, data, timeout=self._answer_within, headers=headers)
        said: dict[str, Any] = json.loads(answer.data)
        refusal = said.get("error")
        if refusal:
            raise ServerRefused(refusal.get("code", 0), refusal.get("err_code", 0), refusal.get("description", ""))
        return said

    async def publish(self, messages: Sequence[Message]) -> None:
        self._require_connection()
        for start in range(0, len(messages), LARGEST_BATCH):
            part = messages[start : start + LARGEST_BATCH]
            try:
                await store(part, self._say, self._request)
            except nats.errors.NoRespondersError as error:
                raise PublishRefused(f"no stream takes {part[0].subject}, or JetStream is starting") from error
            except ServerRefused as error:
                raise PublishRefused(str(error)) from error
            except nats.errors.MaxPayloadError as error:
                raise PublishRefused(f"too large: {part[0].subject}, or one that follows it") from error
            except nats.errors.TimeoutError as error:
                raise PublishUnknown("the server did not answer in time") from error
            except nats.errors.Error as error:
                raise BusAway(str(error)) from error

    async def _say(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        await self._client.publish(subject, data, headers=headers)

    # Reading --------------------------------------------------------------------------------------------------------

    async def consume(self, spec: ConsumerSpec) -> Subscription:
        self._require_connection()
        reader = PullSubscription(spec, self._client.new_inbox(), self._send, lambda: self.connected)
        await self._listen(reader)
        self._readers.add(reader)
        return reader

    async def lag(self, spec: ConsumerSpec) -> int:
        self._require_connection()
        try:
            said = await self._ask(f"{jetstream.API}.CONSUMER.INFO.{spec.stream}.{spec.name}", {})
        except ServerRefused as error:
            raise ConsumerMissing(f"{spec.name} on {spec.stream}: {error}") from error
        except (nats.errors.Error, TimeoutError) as error:
            raise BusAway(f"NATS did not answer: {error!r}") from error
        return int(said["num_pending"]) + int(said["num_ack_pending"])

    async def _listen(self, reader: PullSubscription) -> None:
        subscription = await self._client.subscribe(reader.inbox, cb=reader.receive)

        async def end() -> None:
            # Not `unsubscribe`: what the server had sent before it heard of that would be dropped here, and come again
            # only after `ack_wait`. The reader gives it back.
            self._readers.discard(reader)
            with suppress(nats.errors.Error, TimeoutError):
                if self.connected:
                    async with asyncio.timeout(GOODBYE):
                        await self._client._send_unsubscribe(subscription._id)
                        await self._client.flush()
                        await subscription.drain()  # type: ignore[no-untyped-call] # nats-py says no types
                else:
                    await subscription.unsubscribe()

        reader.end = end

    async def _send(self, subject: str, data: bytes, reply: str) -> None:
        try:
            await self._client.publish(subject, data, reply=reply)
        except nats.errors.Error as error:
            raise BusAway(str(error)) from error

    # Hints and questions --------------------------------------------------------------------------------------------

    async def hint(self, subject: str, data: bytes = b"") -> None:
        with suppress(BusAway):
            await self._send(subject, data, "")

    async def on_hint(self, subject: str, callback: Callable[[bytes], Awaitable[None]]) -> None:
        async def work(message: Msg) -> None:
            await callback(message.data)

        await self._on(subject, work)

    async def answer(self, subject: str, callback: Callable[[bytes], Awaitable[bytes]]) -> None:
        async def work(message: Msg) -> None:
            await self._send(message.reply, await callback(message.data), "")

        await self._on(subject, work)

    async def _on(self, subject: str, work: Callable[[Msg], Coroutine[Any, Any, None]]) -> None:
        async def receive(message: Msg) -> None:
            self._work.begin(work(message), subject)

        self._listeners.append((subject, receive))
        if self._listening and not self._client.is_closed:
            await self._client.subscribe(subject, cb=receive)

"""Reads what is there at the end: from the tables, the streams and the mailbox, past the gates."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from notifications import claims, sending
from services.bus import NatsBus
from services.clock import MovedClock, SystemClock
from services.messages import BusAway, ConsumerSpec
from services.process import started
from services.registry import chosen, installed
from services.streams import consumer_name
from tests.faults.checker import Booking, Delivery, Pool, Remains, Said, Step
from tests.faults.world import World

BOOKINGS = """
SELECT b.id, v.email AS value, b.status, b.version, p.id AS pool,
    CASE p.unit WHEN 'persons' THEN b.adults + b.children ELSE 1 END AS size
FROM registrations.bookings b JOIN people.visitors v ON v.id = b.visitor_id
JOIN registrations.pools p ON p.slot_id = b.slot_id WHERE v.email LIKE '%@faults.example'
"""
POOLS = "SELECT id, capacity, used FROM registrations.pools WHERE event_id = $1"
OUTBOX = "SELECT message_id, aggregate, version FROM {}.outbox ORDER BY id"
TAKEN = "SELECT consumer, message_id FROM watch.taken ORDER BY id"
STEPS = "SELECT place, key, version FROM watch.steps ORDER BY id"
DELIVERIES = "SELECT id, booking_id, kind, cause, status FROM notifications.deliveries"
LETTERS = "SELECT consumer, subject, error FROM {}.dead_letters WHERE replayed_at IS NULL"
MIRRORS = {
    "notifications.known_bookings": """
        SELECT b.id, ROW(b.status, b.version)::text AS owner, ROW(k.status, k.version)::text AS shown
        FROM registrations.bookings b JOIN people.visitors v ON v.id = b.visitor_id AND v.erased_at IS NULL
        LEFT JOIN notifications.known_bookings k ON k.booking_id = b.id""",
    "events.places": """
        SELECT p.id, ROW(p.capacity, p.used, p.waiting, p.version)::text AS owner,
            ROW(k.capacity, k.used, k.waiting, k.version)::text AS shown
        FROM registrations.pools p LEFT JOIN events.places k ON k.pool_id = p.id""",
    "campaigns.conversions": """
        SELECT b.id, (b.status <> 'cancelled')::text AS owner, c.counts::text AS shown
        FROM registrations.bookings b JOIN people.visitors v ON v.id = b.visitor_id AND v.erased_at IS NULL
        LEFT JOIN campaigns.conversions c ON c.kind = 'registration' AND c.subject_id = b.id""",
}
PENDING = " UNION ALL ".join(
    f"SELECT count(*) AS many FROM {one}.outbox WHERE published_at IS NULL"
    for one in ("programmes", "events", "registrations", "campaigns", "notifications")
)
DUE = "SELECT count(*) AS many FROM notifications.deliveries WHERE status = 'planned' AND due_at <= $1"
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([0-9a-f-]{36})@", re.M | re.I)
LATER = timedelta(hours=1)
"""Long enough for claims of dead senders to be given up and for what was put off to be sent."""


class Reader:
    """Looks at one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def quiet(self, within: float) -> float:
        """Wait until nothing is under way any more; seconds until then. Raises TimeoutError, which says what was."""
        clock = asyncio.get_running_loop().time
        began, still = clock(), "everything"
        bus = await self._bus()
        try:
            while clock() < began + within:
                try:
                    still = await self._under_way(bus)
                except BusAway as error:
                    # Three servers choose new leaders for a while after one of them was killed.
                    still = str(error)
                if not still:
                    return clock() - began
                await asyncio.sleep(0.1)
        finally:
            await bus.close()
        raise TimeoutError(f"after {within:.0f} s there is still {still}")

    async def _under_way(self, bus: NatsBus) -> str:
        """What is, in words; nothing where all is quiet."""
        world = self._world
        if any(row["many"] for row in await world.look(PENDING)):
            return "something in an outbox"
        if list((world.folder / "state" / "clicks").glob("*.journal")):
            return "a click in a journal"
        for service in installed():
            for reaction in service.reactions:
                for stream in {fact.subject.split(".")[0].upper() for fact in reaction.facts}:
                    name = consumer_name(service.name, reaction)
                    if lag := await bus.lag(ConsumerSpec(stream=stream, name=name, subjects=())):
                        return f"a lag of {lag} at {name}"
        (row,) = await world.look(DUE, SystemClock().now())
        return f"{row['many']} mails to send" if row["many"] else ""

    async def an_hour_later(self) -> None:
        """Whatever a dead sender held becomes unknown, and what was put off is sent; by the services' own tasks."""
        world = self._world
        clock = MovedClock(SystemClock().now() + LATER)
        async with started(world.settings(), chosen(["notifications"]), clock=clock, background=False) as house:
            context = house.contexts["notifications"]
            await claims.give_up_claims(context)
            await sending.send_due(context)

    async def remains(self) -> Remains:
        world = self._world
        streams = {service.name.upper(): await self._stream(service.name.upper()) for service in installed()}
        taken: dict[str, list[UUID]] = {}
        for row in await world.look(TAKEN):
            taken.setdefault(row["consumer"], []).append(row["message_id"])
        return Remains(
            bookings=[Booking(**dict(row)) for row in await world.look(BOOKINGS)],
            pools=[Pool(**dict(row)) for row in await world.look(POOLS, world.fair.event_id)],
            told={one.name.upper(): await self._told(one.name) for one in installed()},
            streams={name: [said for said, _ in found] for name, found in streams.items()},
            due=self._due(streams),
            taken=taken,
            steps=[Step(row["place"], row["key"], row["version"]) for row in await world.look(STEPS)],
            mirrors={
                name: {str(row["id"]): (row["owner"], row["shown"]) for row in await world.look(question)}
                for name, question in MIRRORS.items()
            },
            deliveries=[
                Delivery(row["id"], row["booking_id"], row["kind"], row["cause"], row["status"])
                for row in await world.look(DELIVERIES)
            ],
            mails=await asyncio.to_thread(self._mails),
            clicks=[str(row["id"]) for row in await world.look("SELECT id FROM campaigns.clicks")],
            broken=await self._broken(),
        )

    async def dead_letters(self) -> list[str]:
        """One line for each dead letter that waits."""
        return [
            f"{row['consumer']} gave up on {row['subject']}: {row['error'][:200]}"
            for service in installed()
            for row in await self._world.look(LETTERS.format(service.name))
        ]

    async def _bus(self) -> NatsBus:
        bus = NatsBus(self._world.nats.url, "admin", self._world.users["admin"], "faults")
        await bus.connect()
        return bus

    async def _stream(self, name: str) -> list[tuple[Said, str]]:
        """Every message of a stream with its subject, in order; of those that were sent again, the latest sending."""
        bus, found = await self._bus(), []
        spec = ConsumerSpec(
            stream=name,
            name=f"faults-{uuid4().hex}",
            subjects=(f"{name.lower()}.>",),
            max_ack_pending=100_000,
            ephemeral=True,
        )
        try:
            await bus.declare(None, [spec])
            reader = await bus.consume(spec)
            while await bus.lag(spec):
                for one in await reader.fetch(500, 1.0):
                    found.append((one.sequence, one.subject, one.headers))
                    await one.ack()
        finally:
            await bus.close()
        latest: dict[str, int] = {}
        for _, _, headers in found:
            message, epoch = headers["Message-Id"], _epoch(headers)
            latest[message] = max(epoch, latest.get(message, 0))
        return [
            (Said(UUID(headers["Message-Id"]), headers["Blest-Aggregate"], int(headers["Blest-Version"])), subject)
            for _, subject, headers in sorted(found, key=lambda one: one[0])
            if _epoch(headers) == latest[headers["Message-Id"]]
        ]

    async def _told(self, service: str) -> list[Said]:
        return [Said(*row.values()) for row in await self._world.look(OUTBOX.format(service))]

    def _due(self, streams: dict[str, list[tuple[Said, str]]]) -> dict[str, list[UUID]]:
        """What each consumer should have taken in, by what its reaction listens to."""
        due: dict[str, list[UUID]] = {}
        for service in installed():
            for reaction in service.reactions:
                beginnings = tuple(fact.pattern().removesuffix("*") for fact in reaction.facts)
                due[consumer_name(service.name, reaction)] = [
                    said.message
                    for found in streams.values()
                    for said, subject in found
                    if subject.startswith(beginnings)
                ]
        return due

    def _mails(self) -> Sequence[UUID]:
        found = []
        for path in (self._world.folder / "mailbox").glob("*.eml"):
            match = MESSAGE_ID.search(path.read_bytes())
            assert match is not None, f"a mail without an id: {path.name}"
            found.append(UUID(match[1].decode()))
        return found

    async def _broken(self) -> dict[str, int]:
        broken: dict[str, int] = {}
        async with started(self._world.settings(), installed(), background=False) as house:
            for context in house.contexts.values():
                for check in context.service.checks:
                    async with context.database.system() as tx:
                        broken[f"{context.service.name} {check.name}"] = await check.count(tx)
        return broken


def _epoch(headers: Mapping[str, str]) -> int:
    """Which sending of a message it is, by the id under which the stream knows it (`services.relay.message`)."""
    return int(headers["Nats-Msg-Id"].partition(":")[2] or 0)

"""An SMTP server on a socket that takes, refuses or breaks off, as a test tells it; and a world of facts to tell of."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from events.facts import (
    EventPublished,
    EventStatus,
    FirstCapacity,
    SlotFact,
    SlotOpened,
    SlotStatus,
    StandChanged,
    Unit,
    Venue,
)
from notifications import reactions
from programmes.facts import ProgrammeChanged, ProgrammeStatus
from registrations.facts import BookingFact, BookingStatus, Cause
from services.facts import Envelope
from services.process import Running

PROGRAMME, EVENT, STAND, SLOT = (UUID(int=number) for number in range(101, 105))


@dataclass
class PostOffice:
    """`manner` is what it does with the next mails: take, refuse (550), later (451), break off after the text, read
    every letter (SMTPUTF8), or ask for a login and take or refuse (535) that."""

    manner: str = "take"
    mails: list[Any] = field(default_factory=list)
    broken_off: int = 0
    logins: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post office\r\n")
        while said := (await reader.readline()).decode():
            line = said.upper()
            match line.split()[0].split(":")[0]:
                case "EHLO" | "HELO":
                    able = "AUTH PLAIN" if "login" in self.manner else "SMTPUTF8" if "letter" in self.manner else ""
                    answer = f"250-post office\r\n250 {able}" if able else "250 post office"
                case "AUTH":
                    self.logins.append(b64decode(said.split()[2]).decode())
                    answer = "535 who are you" if self.manner == "refuse the login" else "235 welcome"
                case "RCPT" if self.manner in {"refuse", "later"}:
                    answer = "550 nobody here" if self.manner == "refuse" else "451 come back later"
                case "RCPT":
                    self.recipients.append(said.partition("<")[2].partition(">")[0])
                    answer = "250 ok"
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    if self.manner == "break off":
                        self.broken_off += 1
                        return
                    self.mails.append(message_from_bytes(text[:-5].replace(b"\r\n..", b"\r\n."), policy=default))
                    answer = "250 taken"
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    answer = "250 ok"
            writer.write(f"{answer}\r\n".encode())


@asynccontextmanager
async def post_office(socket: Path) -> AsyncIterator[PostOffice]:
    office = PostOffice()
    server = await asyncio.start_unix_server(office.talk, socket)
    try:
        yield office
    finally:
        server.close()


@dataclass
class World:
    """A programme, an event with a stand and a slot, known to notifications; visitors and bookings as wanted."""

    house: Running
    starts_at: datetime
    made: int = 0

    @property
    def context(self) -> Any:
        return self.house.contexts["notifications"]

    async def begin(self, version: int = 1) -> None:
        now = self.context.clock.now()
        await self.tell(
            reactions.take_programme,
            ProgrammeChanged(
                programme_id=PROGRAMME,
                version=1,
                at=now,
                slug="havlandet",
                names={"nb": "Blest i Havlandet"},
                aims={},
                language="nb",
                status=ProgrammeStatus.PUBLISHED,
                languages=("nb", "en"),
                required_languages=("nb",),
                time_zone="Europe/Oslo",
                contact="post@havlandet.example",
            ),
        )
        await self.tell(reactions.take_event, self.event(version))
        await self.tell(
            reactions.take_stand,
            StandChanged(
                programme_id=PROGRAMME,
                version=1,
                at=now,
                stand_id=STAND,
                event_id=EVENT,
                names={"nb": "Bolig"},
                exhibitor="Nordvær",
            ),
        )
        await self.tell(reactions.take_slot, self.slot(SlotOpened, version))

    def event(self, version: int, kind: Any = EventPublished, **changes: Any) -> Any:
        values: dict[str, Any] = {
            "programme_id": PROGRAMME,
            "version": version,
            "at": self.context.clock.now(),
            "event_id": EVENT,
            "slug": "hjemkomstdag",
            "titles": {"nb": "Hjemkomstdag", "en": "Homecoming day"},
            "summaries": {},
            "status": EventStatus.PUBLISHED,
            "starts_at": self.starts_at,
            "ends_at": self.starts_at + timedelta(hours=6),
            "time_zone": "Europe/Oslo",
            "venue": Venue(name="Samfunnshuset"),
        }
        return kind(**{**values, **changes})

    def slot(
        self, kind: type[SlotFact], version: int, later: timedelta = timedelta(0), status: SlotStatus = SlotStatus.OPEN
    ) -> SlotFact:
        return kind(
            programme_id=PROGRAMME,
            version=version,
            at=self.context.clock.now(),
            slot_id=SLOT,
            stand_id=STAND,
            event_id=EVENT,
            status=status,
            starts_at=self.starts_at + later,
            ends_at=self.starts_at + later + timedelta(minutes=30),
            time_zone="Europe/Oslo",
            first_capacity=FirstCapacity(amount=1, unit=Unit.HOUSEHOLDS),
        )

    def booking(
        self, kind: type[BookingFact], status: BookingStatus, version: int, visitor: UUID, **changes: Any
    ) -> BookingFact:
        values: dict[str, Any] = {
            "programme_id": PROGRAMME,
            "version": version,
            "at": self.context.clock.now(),
            "booking_id": UUID(int=visitor.int + 5000),
            "visitor_id": visitor,
            "event_id": EVENT,
            "stand_id": STAND,
            "slot_id": SLOT,
            "status": status,
            "cause": Cause.VISITOR,
            "adults": 2,
            "children": 2,
        }
        return kind(**{**values, **changes})

    async def visitor(self, name: str = "Åse", email: str = "ase@example.org", language: str = "nb") -> UUID:
        """A visitor as registrations keeps one, in the shared schema."""
        self.made += 1
        made = UUID(int=9000 + self.made)
        async with self.house.contexts["registrations"].database.transaction(PROGRAMME) as tx:
            await enter(tx, made, name, email, language)
        return made

    async def tell(self, react: Any, fact: Any, *, restated: bool = False) -> None:
        envelope = Envelope(
            message_id=uuid4(),
            programme_id=PROGRAMME,
            aggregate=fact.aggregate,
            version=fact.version,
            occurred_at=fact.at,
            restated=restated,
        )
        async with self.context.database.transaction(PROGRAMME) as tx:
            await react(tx, fact, envelope)

    async def log(self) -> list[tuple[str, str]]:
        """(kind, status) of every delivery, by kind."""
        async with self.context.database.transaction(PROGRAMME) as tx:
            rows = await tx.connection.fetch("SELECT kind, status FROM deliveries ORDER BY kind, planned_at")
        return [(row["kind"], row["status"]) for row in rows]


async def enter(tx: Any, visitor_id: UUID, name: str, email: str, language: str) -> None:
    """Write a visitor directly: this suite tests what notifications reads, not how registrations writes."""
    await tx.connection.execute(
        "INSERT INTO people.visitors (id, programme_id, name, email, email_key, language, version, created_at)"
        " VALUES ($1, $2, $3, $4, $4, $5, 1, $6)",
        visitor_id,
        tx.programme,
        name,
        email,
        language,
        tx.moment,
    )

"""Who may ask: anybody, until more ask than visitors would. Then a browser first shows that it is worth its while.

Attempts are counted in the database, where all processes of the service meet: each counts for itself for at most a
second, or `AT_ONCE` attempts, and then adds what it has and reads what all have.

1. `admit` counts the attempt. Without a rush that is all, and costs a look into memory.
2. In a rush a proof is judged: signature, what it is for, its time, its sums. No database is asked for that.
3. It is spent in a short transaction, before the booking begins. One proof is one booking.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter

from registrations.commands.ledgers import packed
from registrations.domain.proof import HOLDS_FOR, Challenge, bits, numbers, solves
from registrations.domain.rush import LETTERS, Rush
from registrations.statements import queries
from services.context import Context
from services.service import Resource

PROOFS = Counter(
    "blest_registrations_proofs", "Attempts in a rush, by what came of the proof that they had to show", ["came"]
)
TRAPPED = Counter("blest_registrations_trapped", "Forms in which a field was filled that nobody sees", ["form"])
EVERY = timedelta(seconds=1)
AT_ONCE = 50
MOST_SUBJECTS = 10_000
_PURPOSE = "proof"
_log = structlog.get_logger(__name__)


class Lack(StrEnum):
    """Why a proof does not do."""

    MISSING = "missing"
    WRONG = "wrong"  # forged, for something else, or not solved
    ENDED = "ended"
    SPENT = "spent"


class Unproved(Exception):
    """In a rush, and without a proof that counts. `challenge` is what to solve, as it travels."""

    def __init__(self, lack: Lack, challenge: Challenge, signed: str) -> None:
        super().__init__(lack.value)
        self.lack, self.challenge, self.signed = lack, challenge, signed


class TooManyLetters(Exception):
    """So many asked by mail that no more of it goes out this minute."""


@dataclass(slots=True)
class _Seen:
    rush: Rush
    looked_at: datetime | None = None
    pending: int = 0
    counted_at: datetime | None = None
    """When the last of those came that are pending."""

    def now(self, moment: datetime, limit: int, more: int = 0) -> Rush:
        """As it stands with what was counted here since the last look."""
        pending = self.pending + more
        return self.rush.after(pending, moment, limit) if pending else self.rush

    def is_due(self, moment: datetime, then: Rush, more: int) -> bool:
        """Whether the others are to be met: now and then, after many attempts, and where these make it too many. `then`
        is how it stands with these."""
        return (
            self.looked_at is None
            or not timedelta(0) <= moment - self.looked_at < EVERY
            or self.pending + more >= AT_ONCE
            or (not self.rush.is_up(moment) and then.is_up(moment))
        )


class Watch:
    """What one process knows of the rushes: what all had counted a second ago, and what it has counted itself since."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    async def count(self, programme_id: UUID, subjects: Sequence[str], attempts: int = 1) -> list[Rush]:
        """Count attempts at these things, and say how they stand with them. `attempts` 0 only looks."""
        moment = self._context.clock.now()
        seen = {subject: self._of(subject, moment) for subject in subjects}
        limits = [_limit(self._context, subject) for subject in seen]
        then = [one.now(moment, limit, attempts) for one, limit in zip(seen.values(), limits, strict=True)]
        if not any(one.is_due(moment, rush, attempts) for one, rush in zip(seen.values(), then, strict=True)):
            for one in seen.values():
                one.pending, one.counted_at = one.pending + attempts, moment
            return then
        await self._meet(programme_id, seen, attempts, moment)
        return [one.now(moment, limit) for one, limit in zip(seen.values(), limits, strict=True)]

    def _of(self, subject: str, moment: datetime) -> _Seen:
        found = self._seen.get(subject)
        if found is None:
            found = self._seen[subject] = _Seen(Rush(moment))
        self._seen.move_to_end(subject)
        if len(self._seen) > MOST_SUBJECTS:
            self._seen.popitem(last=False)
        return found

    async def _meet(self, programme_id: UUID, seen: dict[str, _Seen], attempts: int, moment: datetime) -> None:
        """Add what was counted here to what all have counted. Whoever comes meanwhile goes by what was known before."""
        counted = {subject: (one.pending, one.counted_at or moment) for subject, one in seen.items()}
        for one in seen.values():
            one.pending, one.looked_at = 0, moment
        async with self._context.database.transaction(programme_id) as tx:
            if not attempts and not any(pending for pending, _ in counted.values()):
                rows = await queries.find_rushes(tx.connection, subjects=list(counted))
                found = {row["subject"]: _rush(row) for row in rows}
            else:
                rows = await queries.lock_rushes(
                    tx.connection, programme_id=programme_id, subjects=list(counted), moment=moment
                )
                found = {}
                for row in rows:
                    subject, limit = row["subject"], _limit(self._context, row["subject"])
                    found[subject] = _rush(row).after(*counted[subject], limit).after(attempts, moment, limit)
                saved = [{"subject": subject, **asdict(rush)} for subject, rush in found.items()]
                await queries.save_rushes(tx.connection, rows=packed(saved))
        for subject, rush in found.items():
            if rush.raised_at == moment:
                _log.warning("more is asked than visitors would: proofs of work are asked for", subject=subject)
            seen[subject].rush = rush


def _rush(row: Any) -> Rush:
    return Rush(row["began"], row["attempts"], row["before"], row["raised_at"], row["busy_at"])


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Watch]:
    yield Watch(context)


WATCH: Resource[Watch] = Resource("watch", _open)


def _subjects(programme_id: UUID, event_id: UUID | None) -> list[str]:
    """What is counted, what a challenge is for coming first: an attack may spread over all events of a programme."""
    programme = f"programme:{programme_id}"
    return [f"event:{event_id}", programme] if event_id else [programme]


async def challenge(context: Context, programme_id: UUID, event_id: UUID | None) -> tuple[Challenge, str] | None:
    """What a form must solve that is shown now, and as it travels; None while there is no rush."""
    subjects = _subjects(programme_id, event_id)
    rushes = await context.resource(WATCH).count(programme_id, subjects, attempts=0)
    strength = _strength(context, subjects, rushes)
    return _made(context, subjects[0], strength) if strength else None


async def admit(
    context: Context, programme_id: UUID, event_id: UUID | None, attempt: UUID, proof: str, *, books: bool = True
) -> None:
    """Let an attempt at an event (None: at the programme itself) through, or raise `Unproved`. With `books` False it
    keeps a time only, and its proof will do for the booking of the same form."""
    subjects = _subjects(programme_id, event_id)
    strength = _strength(context, subjects, await context.resource(WATCH).count(programme_id, subjects))
    if not strength:
        return
    given = _judged(context, subjects[0], proof)
    if isinstance(given, Challenge):
        async with context.database.transaction(programme_id) as tx:
            spent = await queries.spend_proof(
                tx.connection,
                mark=given.mark,
                programme_id=programme_id,
                attempt=attempt,
                books=books,
                ends_at=given.ends_at,
            )
        if spent:
            PROOFS.labels("accepted").inc()
            return
        given = Lack.SPENT
    PROOFS.labels(given.value).inc()
    raise Unproved(given, *_made(context, subjects[0], strength))


async def admit_by_mail(context: Context, programme_id: UUID, event_id: UUID) -> bool:
    """Whether an attempt without a proof has to be confirmed by mail: only in a rush. Raises `TooManyLetters`."""
    watch, subjects = context.resource(WATCH), _subjects(programme_id, event_id)
    if not _strength(context, subjects, await watch.count(programme_id, subjects)):
        return False
    (letters,) = await watch.count(programme_id, [f"letters:{event_id}"])
    if letters.pace(context.clock.now()) > LETTERS:
        raise TooManyLetters
    PROOFS.labels("by_mail").inc()
    return True


def _limit(context: Context, subject: str) -> int:
    """How many attempts a minute are more than visitors make: at all of a programme, what three events bear."""
    return context.settings.attack * (3 if subject.startswith("programme:") else 1)


def _strength(context: Context, subjects: Sequence[str], rushes: Sequence[Rush]) -> int:
    moment = context.clock.now()
    return max(rush.strength(moment, _limit(context, one)) for one, rush in zip(subjects, rushes, strict=True))


def _made(context: Context, subject: str, strength: int) -> tuple[Challenge, str]:
    moment = context.clock.now()
    made = Challenge(subject, moment + HOLDS_FOR, bits(strength), secrets.token_hex(16))
    return made, context.keys.sign(_PURPOSE, str(made))


def _judged(context: Context, subject: str, proof: str) -> Challenge | Lack:
    """The challenge that a proof solves, or why it does not. `proof` is `<challenge>:<number>,<number>,…`."""
    signed, _, found = proof.rpartition(":")
    if not signed:
        return Lack.MISSING
    text = context.keys.unsign(_PURPOSE, signed)
    given = Challenge.read(text) if text else None
    if given is None or given.subject != subject:
        return Lack.WRONG
    if given.ends_at <= context.clock.now():
        return Lack.ENDED
    return given if solves(signed, given.bits, numbers(found)) else Lack.WRONG


async def forget(context: Context) -> None:
    """Spent challenges whose time is over, and counts of a day ago."""
    async with context.database.system() as tx:
        await queries.forget_proofs(tx.connection, moment=tx.moment)
        await queries.forget_rushes(tx.connection, before=tx.moment - timedelta(days=1))

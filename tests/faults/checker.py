"""The invariants, judged at the end from what was asked and from what is there. Each finding is a line for people.

findings = check(history, remains)
assert findings == []
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from uuid import UUID

from tests.faults.history import History, Kind, Outcome

HAVE_A_PLACE = frozenset({"confirmed", "offered", "attended", "held"})
STANDS = HAVE_A_PLACE | {"waiting", "no_show"}
"""States of a booking that was not cancelled."""
SETTLED = frozenset({"sent", "unknown", "failed", "withheld", "overtaken"})


@dataclass(frozen=True, slots=True)
class Booking:
    id: UUID
    value: str
    status: str
    version: int
    pool: UUID
    size: int
    """How many places it needs of its pool."""


@dataclass(frozen=True, slots=True)
class Pool:
    id: UUID
    capacity: int
    used: int


@dataclass(frozen=True, slots=True)
class Said:
    """A fact in an outbox, or in a stream."""

    message: UUID
    aggregate: str
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """A row of a table that follows facts took on a version, in the order in which this happened."""

    table: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Delivery:
    id: UUID
    booking: UUID | None
    kind: str
    cause: str
    status: str


@dataclass(frozen=True, slots=True)
class Remains:
    """What is there when all is quiet."""

    bookings: Sequence[Booking] = ()
    pools: Sequence[Pool] = ()
    told: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    """By stream: what its service has said, in its outbox's order."""
    streams: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    """By stream: what is in it, in its order."""
    due: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    """By consumer: the messages that it should have taken in."""
    taken: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    """By consumer: the messages that it has taken in, each time it did."""
    steps: Sequence[Step] = ()
    mirrors: Mapping[str, Mapping[str, tuple[object, object]]] = field(default_factory=dict)
    """By mirror: for each key, how it stands with its owner and how it stands in the mirror."""
    deliveries: Sequence[Delivery] = ()
    mails: Sequence[UUID] = ()
    """The delivery of each mail in the mailbox."""
    clicks: Sequence[str] = ()
    """The id of each click that counts."""
    broken: Mapping[str, int] = field(default_factory=dict)
    """The services' own checks, and how many rows break each."""

    def __str__(self) -> str:
        return ", ".join(f"{one.name} {len(getattr(self, one.name))}" for one in fields(self))


def check(history: History, remains: Remains) -> list[str]:
    """Every finding, of every invariant."""
    return [finding for invariant in INVARIANTS for finding in invariant(history, remains)]


def every_acknowledged_booking_is_there(history: History, remains: Remains) -> Iterator[str]:
    found: dict[str, list[Booking]] = defaultdict(list)
    for booking in remains.bookings:
        found[booking.value].append(booking)
    for write in history.of(Kind.BOOKING):
        there = len(found[write.value])
        if write.outcome is Outcome.ACKNOWLEDGED and there == 0:
            yield f"lost: the booking of {write.value} was acknowledged and is not there"
        if write.outcome is Outcome.REFUSED and there:
            yield f"the booking of {write.value} was refused and is there"
        if there > 1:
            yield f"doubled: {there} bookings of {write.value}, who asked for one"
    asked = set(history.values(Kind.BOOKING))
    yield from (f"the booking of {value} was never asked for" for value in found if value not in asked)


def every_acknowledged_cancellation_holds(history: History, remains: Remains) -> Iterator[str]:
    status = {booking.value: booking.status for booking in remains.bookings}
    asked = set(history.values(Kind.CANCELLATION, Outcome.ACKNOWLEDGED, Outcome.UNKNOWN))
    for value in history.values(Kind.CANCELLATION, Outcome.ACKNOWLEDGED):
        if status.get(value) != "cancelled":
            yield f"lost: the cancellation of {value} was acknowledged, and the booking is {status.get(value)}"
    for value, now in status.items():
        if now == "cancelled" and value not in asked:
            yield f"the booking of {value} is cancelled, and nobody asked for that"


def nothing_is_oversold(history: History, remains: Remains) -> Iterator[str]:
    """Counted from the bookings themselves, so that a wrong `used` hides nothing."""
    given: Counter[UUID] = Counter()
    for booking in remains.bookings:
        if booking.status in HAVE_A_PLACE:
            given[booking.pool] += booking.size
    for pool in remains.pools:
        if given[pool.id] > pool.capacity:
            yield f"oversold: {given[pool.id]} places of {pool.capacity} in pool {pool.id}"
        if given[pool.id] != pool.used:
            yield f"miscounted: pool {pool.id} says {pool.used} are taken, and {given[pool.id]} are"


def every_fact_is_in_its_stream_once(history: History, remains: Remains) -> Iterator[str]:
    for stream, told in remains.told.items():
        there = Counter(said.message for said in remains.streams.get(stream, ()))
        for said in told:
            if there[said.message] == 0:
                yield f"lost: {said.aggregate} version {said.version} was said and is not in {stream}"
            if there[said.message] > 1:
                yield f"doubled: {said.aggregate} version {said.version} is in {stream} {there[said.message]} times"


def no_stream_tells_an_older_state_after_a_newer(history: History, remains: Remains) -> Iterator[str]:
    for stream, there in remains.streams.items():
        newest: dict[str, int] = {}
        for said in there:
            before = newest.get(said.aggregate, 0)
            if said.version < before:
                yield f"turned: {stream} tells {said.aggregate} version {said.version} after {before}"
            newest[said.aggregate] = max(before, said.version)


def every_fact_is_taken_in_once(history: History, remains: Remains) -> Iterator[str]:
    for consumer, due in remains.due.items():
        taken = Counter(remains.taken.get(consumer, ()))
        lost = [message for message in due if taken[message] == 0]
        if lost:
            yield f"lost: {consumer} never took in {len(lost)} of {len(due)} facts, such as {lost[0]}"
        for message, times in taken.items():
            if times > 1:
                yield f"doubled: {consumer} took in {message} {times} times"


def no_state_follows_a_newer_one(history: History, remains: Remains) -> Iterator[str]:
    newest: dict[tuple[str, str], int] = {}
    for step in remains.steps:
        key = (step.table, step.key)
        if step.version < newest.get(key, 0):
            yield f"turned: {step.table} {step.key} went from version {newest[key]} back to {step.version}"
        newest[key] = max(step.version, newest.get(key, 0))


def every_mirror_shows_what_is(history: History, remains: Remains) -> Iterator[str]:
    for mirror, rows in remains.mirrors.items():
        for key, (owner, shown) in rows.items():
            if owner != shown:
                yield f"stale: {mirror} shows {shown} of {key}, which is {owner}"


def no_mail_goes_out_twice(history: History, remains: Remains) -> Iterator[str]:
    mails = Counter(remains.mails)
    deliveries = {delivery.id: delivery for delivery in remains.deliveries}
    for identifier, times in mails.items():
        if times > 1:
            yield f"doubled: the mail of delivery {identifier} went out {times} times"
        if identifier not in deliveries:
            yield f"a mail went out that nobody planned: {identifier}"
    for delivery in remains.deliveries:
        arrived = mails[delivery.id]
        if delivery.status == "sent" and not arrived:
            yield f"lost: delivery {delivery.id} is said to be sent and no mail arrived"
        if delivery.status not in {"sent", "unknown"} and arrived:
            yield f"delivery {delivery.id} is {delivery.status}, and its mail arrived"
    same = Counter((one.booking, one.kind, one.cause) for one in remains.deliveries if one.booking)
    yield from (f"doubled: {count} deliveries of {which}" for which, count in same.items() if count > 1)


def every_booking_is_told_to_its_visitor(history: History, remains: Remains) -> Iterator[str]:
    """Whoever has a place was told so, or it is known that nobody knows."""
    told: dict[UUID, set[str]] = defaultdict(set)
    for delivery in remains.deliveries:
        if delivery.booking and delivery.status in SETTLED:
            told[delivery.booking].add(delivery.kind)
    for booking in remains.bookings:
        if booking.status == "confirmed" and "confirmed" not in told[booking.id]:
            yield f"lost: {booking.value} has a place, and no confirmation came to an end"


def every_click_that_got_its_redirect_counts_once(history: History, remains: Remains) -> Iterator[str]:
    counted = Counter(remains.clicks)
    acknowledged = set(history.values(Kind.CLICK, Outcome.ACKNOWLEDGED))
    for click in acknowledged:
        if counted[click] == 0:
            yield f"lost: the click {click} got its redirect and is not counted"
    yield from (f"doubled: the click {click} counts {times} times" for click, times in counted.items() if times > 1)
    unknown = len(history.values(Kind.CLICK, Outcome.UNKNOWN))
    strangers = len(counted.keys() - acknowledged)
    if strangers > unknown:
        yield f"{strangers} clicks count that got no redirect, and only {unknown} had no answer"


def the_services_own_checks_hold(history: History, remains: Remains) -> Iterator[str]:
    yield from (f"{name}: {count} rows" for name, count in remains.broken.items() if count)


INVARIANTS = (
    every_acknowledged_booking_is_there,
    every_acknowledged_cancellation_holds,
    nothing_is_oversold,
    every_fact_is_in_its_stream_once,
    no_stream_tells_an_older_state_after_a_newer,
    every_fact_is_taken_in_once,
    no_state_follows_a_newer_one,
    every_mirror_shows_what_is,
    no_mail_goes_out_twice,
    every_booking_is_told_to_its_visitor,
    every_click_that_got_its_redirect_counts_once,
    the_services_own_checks_hold,
)

"""Tells the decisions of lines again from what was written down of them, and finds what cannot have been so. Pure.

    retold = retell(entries, seeds)       # entries as `line_log` has them, in the order of their ids
    [told for told in retold if told.wrong]

What an entry says must follow from itself and from those before it in its turn:

- who was promoted, offered a place or took one fitted, in every pool; one by hand has a why;
- who was passed over did not fit, or has the reason that kept them: an offer to answer, or a yes that is awaited;
- a line is looked at in its order, each once, and nobody is passed over but for someone behind;
- what is free falls by what was given, and by nothing else;
- lots are the order of SHA-256 over the seed and the booking's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from registrations.domain.line import lot

GIVEN = frozenset({"promoted", "offered", "taken"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of `line_log`. `decided` is the transaction, `turn` one movement of a line in it. `event_id` is the event
    of that line: its booking may have moved to another since."""

    id: int
    decided: UUID
    turn: int
    booking_id: UUID
    event_id: UUID
    pool_id: UUID
    decision: str
    line: int
    needed: int
    free: int
    needs: Mapping[UUID, int]
    frees: Mapping[UUID, int]
    reason: str | None = None
    why: str | None = None

    @property
    def short(self) -> list[UUID]:
        """The pools that had too little, in the order of their ids."""
        return sorted(pool_id for pool_id, wanted in self.needs.items() if wanted > self.frees.get(pool_id, 0))


@dataclass(frozen=True, slots=True)
class Told:
    """An entry told again: `short` are the pools that kept it back, `wrong` what cannot have been so (codes)."""

    entry: Entry
    short: tuple[UUID, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(slots=True)
class _Turn:
    """What is known of a turn so far."""

    seeds: Mapping[UUID, bytes]
    left: dict[UUID, int] = field(default_factory=dict)
    before: Entry | None = None
    seen: set[UUID] = field(default_factory=set)


def retell(entries: Iterable[Entry], seeds: Mapping[UUID, bytes] | None = None) -> list[Told]:
    """Every entry with what is wrong about it. `seeds` are those of the events whose lots were drawn; of others the
    order by lot is not looked at. Whole decisions, please: an entry missing from a turn is not always missed."""
    ordered = sorted(entries, key=lambda one: (one.decided, one.turn, one.id))
    found = list[Told]()
    for _, turn in groupby(ordered, key=lambda one: (one.decided, one.turn)):
        found.extend(_retell_turn(list(turn), seeds or {}))
    return found


def _retell_turn(entries: Sequence[Entry], seeds: Mapping[UUID, bytes]) -> list[Told]:
    turn, found = _Turn(seeds), list[Told]()
    for entry in entries:
        wrong = [*_itself(entry), *_after(turn, entry)]
        if entry is entries[-1] and entry.decision == "passed_over":
            wrong.append("nobody_behind")
        if entry.decision == "taken" and entry is not entries[-1]:
            wrong.append("after_newcomer")
        if entry.why is not None and len(entries) > 1:
            wrong.append("by_hand_in_a_line")
        _remember(turn, entry)
        found.append(Told(entry, tuple(entry.short), tuple(wrong)))
    return found


def _itself(entry: Entry) -> list[str]:
    """What of an entry contradicts itself."""
    wrong = list[str]()
    if entry.needs.keys() != entry.frees.keys() or not entry.needs:
        return ["pools"]
    shown = (entry.short or sorted(entry.needs))[0]
    if (entry.pool_id, entry.needed, entry.free) != (shown, entry.needs[shown], entry.frees[shown]):
        wrong.append("shown")
    if entry.decision in GIVEN and entry.short:
        wrong.append("did_not_fit")
    if entry.decision == "passed_over":
        if entry.reason is None:
            wrong.append("no_reason")
        elif entry.reason == "too_large" and not entry.short:
            wrong.append("fitted")
    elif entry.reason is not None:
        wrong.append("reason")
    if entry.why is not None and entry.decision != "offered":
        wrong.append("why")
    return wrong


def _after(turn: _Turn, entry: Entry) -> list[str]:
    """What of an entry contradicts those before it in its turn."""
    wrong = list[str]()
    if any(turn.left.get(pool_id, free) != free for pool_id, free in entry.frees.items()):
        wrong.append("frees")
    if entry.booking_id in turn.seen:
        wrong.append("twice")
    before = turn.before
    if before is not None and entry.decision != "taken":
        if (before.line, before.booking_id) >= (entry.line, entry.booking_id):
            wrong.append("order")
        if (before.decision == "drawn") != (entry.decision == "drawn"):
            wrong.append("order")
    if entry.decision == "drawn":
        wrong += _lots(turn, entry)
    return wrong


def _lots(turn: _Turn, entry: Entry) -> list[str]:
    """Numbers without a gap, from one, in the order of the lots."""
    wrong = [] if entry.line == len(turn.seen) + 1 else ["order"]
    seed = turn.seeds.get(entry.event_id)
    if (
        seed is not None
        and turn.before is not None
        and lot(seed, turn.before.booking_id) >= lot(seed, entry.booking_id)
    ):
        wrong.append("lot")
    return wrong


def _remember(turn: _Turn, entry: Entry) -> None:
    turn.left.update(entry.frees)
    if entry.decision in GIVEN:
        for pool_id, given in entry.needs.items():
            turn.left[pool_id] = entry.frees.get(pool_id, 0) - given
    turn.before = entry
    turn.seen.add(entry.booking_id)

"""An event on several dates in one go: looked at with what they clash with, then made all or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.commands.copies import copy_whole, whole_to_copy
from events.commands.events import publish_event
from events.domain.clashes import Happening, clashes
from events.domain.copying import end_of_copy, registration_of_copy
from events.domain.refusal import AttemptUsed, Refusal
from events.domain.series import MOST_SLOTS_IN_ALL
from events.domain.series_inputs import SeriesInput
from events.domain.state import Event, event_of
from events.overview import happening_of
from events.records import Whole, known_programme, queries
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import msgid


@dataclass(frozen=True, slots=True)
class Planned:
    """One date as it would be."""

    starts_at: datetime
    ends_at: datetime
    clashes: tuple[Mapping[str, str], ...] = ()
    """Titles of the events it would clash with, as the calendar judges it; of another of the dates, their own."""
    closed: bool = False
    """Whether registration would be over already: it closes as many days before as that of the first one."""


@dataclass(frozen=True, slots=True)
class Series:
    """The events of several dates, in order of time; not `new` where the same form had made them before."""

    events: tuple[Event, ...]
    new: bool = True


async def plan_series(tx: Transaction, event_id: UUID, given: SeriesInput) -> list[Planned]:
    """What `make_series` would make, without making it. Raises `Refusal` naming the field, as that would."""
    whole = await whole_to_copy(tx, event_id)
    event = whole.event
    programme = await known_programme(tx)
    # A municipality that has left the programme does not come along to a copy.
    place = event.municipality_id if programme.municipality(event.municipality_id) else None
    people = frozenset(one.id for one in programme.groups(event.target_groups))
    wanted = [
        Happening(new_id(tx.moment), starts_at, end_of_copy(event, starts_at), place, people)
        for starts_at in _moments(tx, whole, given)
    ]
    rows = await queries.happenings_then(
        tx.connection, starts=[one.starts_at for one in wanted], ends=[one.ends_at for one in wanted]
    )
    titles = {row["event_id"]: row["titles"] for row in rows} | {one.event_id: event.titles for one in wanted}
    found = clashes([*(happening_of(row) for row in rows), *wanted])
    return [
        Planned(
            one.starts_at,
            one.ends_at,
            tuple(titles[other] for other in found.get(one.event_id, ())),
            _is_closed(event, one, tx.moment),
        )
        for one in wanted
    ]


async def make_series(tx: Transaction, event_id: UUID, given: SeriesInput) -> Series:
    """Copy an event to each of these dates, all or none.

    1. Whoever came first with this attempt makes them; the others, who ask for the same, get what that one made.
    2. Each date is a copy of its own from then on.
    3. Published where that is asked for, so that one which lacks something keeps all of them from being made.

    Raises `Refusal` naming the field; `AttemptUsed` where the attempt made other dates before, or published
    where these are drafts, or the other way round.
    """
    whole = await whole_to_copy(tx, event_id)
    if given.attempt is not None:
        asked = given.moments(whole.event.time_zone)
        if not await _claimed(tx, event_id, given.attempt, asked, given.publish):
            return await _made_before(tx, event_id, given.attempt, asked, given.publish)
    made = []
    for starts_at in _moments(tx, whole, given):
        copy = await copy_whole(tx, whole, starts_at)
        made.append(await publish_event(tx, copy.event_id) if given.publish else copy)
    if given.attempt is not None:
        ids = [one.event_id for one in made]
        await queries.keep_series(tx.connection, programme_id=tx.programme, attempt=given.attempt, made=ids)
    return Series(tuple(made))


def _is_closed(event: Event, copy: Happening, moment: datetime) -> bool:
    _, closes_at = registration_of_copy(event, copy.starts_at, copy.ends_at)
    return closes_at is not None and closes_at <= moment


def _moments(tx: Transaction, whole: Whole, given: SeriesInput) -> list[datetime]:
    moments = given.moments(whole.event.time_zone)
    if moments[0] <= tx.moment:
        field = "dates" if given.starts_at is None else "starts_at"
        raise Refusal("in-the-past", msgid("This lies in the past."), field=field)
    if len(moments) * len(whole.open_slots) > MOST_SLOTS_IN_ALL:
        raise Refusal(
            "too-many-slots",
            msgid("Together these dates would hold more than {most} slots. Make them in several goes."),
            field=given.reach,
            most=MOST_SLOTS_IN_ALL,
        )
    return moments


async def _claimed(tx: Transaction, event_id: UUID, attempt: UUID, asked: list[datetime], publish: bool) -> bool:
    claimed = await queries.claim_series(
        tx.connection,
        programme_id=tx.programme,
        attempt=attempt,
        event_id=event_id,
        asked=asked,
        publish=publish,
        moment=tx.moment,
    )
    return claimed is not None


async def _made_before(tx: Transaction, event_id: UUID, attempt: UUID, asked: list[datetime], publish: bool) -> Series:
    row = await queries.find_series(tx.connection, programme_id=tx.programme, attempt=attempt)
    same_dates = row["event_id"] == event_id and row["asked"] in (None, asked)
    if not same_dates or row["publish"] not in (None, publish):
        raise AttemptUsed(
            msgid(
                "This attempt made other dates before, or the same ones with another choice of publishing. "
                "Send these under an attempt of their own."
            )
        )
    rows = await queries.events_of_series(tx.connection, events=row["made"])
    return Series(tuple(event_of(one) for one in rows), new=False)

"""Events themselves: drafted, edited, published, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from events import telling
from events.commands import hosts, slots
from events.commands.locks import lock_event
from events.domain import gate
from events.domain.inputs import CancelInput, EventInput
from events.domain.refusal import Refusal
from events.domain.slugs import slug_of
from events.domain.state import Event, Programme, shift_of
from events.records import find_event, find_whole, known_programme, queries
from services.database import Transaction
from services.ids import new_id
from services.pages.languages import msgid

KEPT_WHEN_PUBLISHED = ("title", "summary", "place")
"""What the publish gate asked for and a later edit may not take away."""

WRITTEN = tuple(
    name for name in EventInput.model_fields if name not in {"version", "move_slots", "slug", "capacity", "unit"}
)
"""The columns that take an organiser's words as they are."""


async def draft_event(tx: Transaction, given: EventInput, *, copied_from: UUID | None = None) -> Event:
    """Begin an event as a draft; returns it. Raises `Refusal` naming the field."""
    programme = await known_programme(tx)
    if programme.is_closed:
        raise Refusal("programme-closed", msgid("This programme is closed: nothing new happens in it."))
    title = given.titles.get(programme.language, "")
    if not title:
        raise Refusal("no-title", msgid("Give it a title."), field=f"titles.{programme.language}")
    _refuse_strangers(given, programme)
    event_id = new_id(tx.moment)
    slug = await _claim(tx, event_id, given.slug, title)
    await queries.insert_event(
        tx.connection,
        **_columns(given),
        event_id=event_id,
        programme_id=tx.programme,
        slug=slug,
        cover=new_id(tx.moment),
        copied_from=copied_from,
        moment=tx.moment,
    )
    event = await _read(tx, event_id)
    tx.publish(telling.changed(event, tx.moment))
    return event


async def edit_event(tx: Transaction, event_id: UUID, given: EventInput) -> Event:
    """Give an event this description; returns it as it now is. What stays the same raises no version and tells nobody.

    Raises `Refusal`: changed meanwhile, cancelled, slots left outside, or a field that the rules forbid.
    """
    event = await lock_event(tx, event_id, given.version)
    programme = await known_programme(tx)
    _refuse_strangers(given, programme, event)
    columns = _columns(given)
    title = given.titles.get(programme.language, "")
    if not title:
        raise Refusal("no-title", msgid("Give it a title."), field=f"titles.{programme.language}")
    slug = event.slug
    if event.is_draft:
        if given.slug is not None and given.slug != event.slug:
            slug = await _claim(tx, event_id, given.slug, title)
    else:
        columns |= _kept(event, given)
    wanted = replace(event, **{**columns, "slug": slug})
    if not event.is_draft:
        _refuse_gaps(wanted, programme, tx)
        if wanted.ends_at <= tx.moment and (wanted.starts_at, wanted.ends_at) != (event.starts_at, event.ends_at):
            raise Refusal("in-the-past", msgid("This lies in the past."), field="ends_at")
    if wanted == event:
        return event
    moved = await slots.follow(tx, event, wanted, along=given.move_slots)
    if given.move_slots:
        await hosts.follow(tx, event, wanted)
    await _write(tx, wanted)
    changed = await _read(tx, event_id)
    tx.publish(telling.changed(changed, tx.moment), *moved)
    return changed


async def repaint(tx: Transaction, event_id: UUID) -> Event:
    """Another generated cover."""
    event = await lock_event(tx, event_id)
    await _write(tx, replace(event, cover=new_id(tx.moment)))
    changed = await _read(tx, event_id)
    tx.publish(telling.changed(changed, tx.moment))
    return changed


async def publish_event(tx: Transaction, event_id: UUID, version: int | None = None) -> Event:
    """Put a draft before the public; raises `Refusal` with the first thing it lacks."""
    event = await lock_event(tx, event_id, version)
    if event.is_published:
        raise Refusal("already-published", msgid("This event is published already."))
    whole = await find_whole(tx, event_id)
    assert whole is not None
    items = gate.checklist(event, whole.stands, whole.slots, await known_programme(tx), tx.moment)
    lacking = gate.missing(items)
    if lacking:
        raise NotReady(lacking)
    await queries.publish_event(tx.connection, event_id=event_id, moment=tx.moment)
    published = await _read(tx, event_id)
    tx.publish(telling.published(published, tx.moment))
    return published


class NotReady(Refusal):
    """The publish gate: what the event still lacks."""

    def __init__(self, items: list[gate.Item]) -> None:
        super().__init__("not-ready", items[0].sentence, field=items[0].field)
        self.items = items


async def cancel_event(tx: Transaction, event_id: UUID, given: CancelInput) -> Event:
    """Call an event off, for good; those who have booked are told why. Raises `Refusal` where it is over."""
    event = await lock_event(tx, event_id, given.version)
    if event.is_published and event.ends_at <= tx.moment:
        raise Refusal("over", msgid("This event is over: it can no longer be cancelled."))
    ended = [shift_of(row) for row in await queries.delete_shifts_of_event(tx.connection, event_id=event_id)]
    await queries.cancel_event(tx.connection, event_id=event_id, reasons=given.reasons, moment=tx.moment)
    cancelled = await _read(tx, event_id)
    tx.publish(telling.cancelled(cancelled, tx.moment), *(telling.shift_ended(one, tx.moment) for one in ended))
    return cancelled


def _columns(given: EventInput) -> dict[str, Any]:
    """The columns that an organiser writes, from what was asked."""
    return {
        **given.model_dump(include=set(WRITTEN)),
        "first_amount": given.capacity,
        "first_unit": given.unit if given.capacity is not None else None,
    }


def _kept(event: Event, given: EventInput) -> dict[str, Any]:
    """What no longer changes here once an event is published: its address, and the places that registrations owns."""
    if given.slug is not None and given.slug != event.slug:
        raise Refusal(
            "slug-fixed",
            msgid("The address is fixed once the event is published: it may be printed already."),
            field="slug",
        )
    if given.capacity is not None and given.capacity != event.first_amount:
        raise Refusal(
            "capacity-elsewhere",
            msgid("Once the event is published, places are changed under attendees."),
            field="capacity",
        )
    return {"first_amount": event.first_amount, "first_unit": event.first_unit}


def _refuse_strangers(given: EventInput, programme: Programme, event: Event | None = None) -> None:
    """Everything referred to must be the programme's own, or still stand in the event from before it left the list."""
    lists: Mapping[str, tuple[tuple[UUID, ...], Any, Any]] = {
        "municipality_id": (
            (given.municipality_id,) if given.municipality_id else (),
            programme.municipalities,
            (event.municipality_id,) if event else (),
        ),
        "activity_type": (
            (given.activity_type,) if given.activity_type else (),
            programme.activity_types,
            (event.activity_type,) if event else (),
        ),
        "target_groups": (given.target_groups, programme.target_groups, event.target_groups if event else ()),
        "selling_points": (given.selling_points, programme.selling_points, event.selling_points if event else ()),
    }
    for field, (asked, offered, before) in lists.items():
        if set(asked) - {one.id for one in offered} - set(before):
            raise Refusal("unknown-choice", msgid("We do not know this one. Choose again."), field=field)
    for field in ("titles", "summaries", "descriptions"):
        for language in getattr(given, field):
            if language not in programme.languages and (event is None or language not in getattr(event, field)):
                raise Refusal(
                    "unknown-language", msgid("The programme does not use this language."), field=f"{field}.{language}"
                )


def _refuse_gaps(wanted: Event, programme: Programme, tx: Transaction) -> None:
    for item in gate.missing(gate.checklist(wanted, (), (), programme, tx.moment)):
        if item.code in KEPT_WHEN_PUBLISHED:
            raise Refusal("needed-in-public", msgid("A published event needs this."), field=item.field)


async def _claim(tx: Transaction, event_id: UUID, chosen: str | None, title: str) -> str:
    """An address of the event's own: the one chosen, else one made from the title; raises `Refusal` on `slug`."""
    if chosen is not None:
        own = await queries.find_slug(tx.connection, slug=chosen)
        if own is not None and own["event_id"] == event_id:
            return chosen
    stem = chosen or slug_of(title)
    for _ in range(20):
        # Read anew each time: whoever was before us may have taken a whole row of them.
        taken = {row["slug"] for row in await queries.similar_slugs(tx.connection, stem=stem)}
        slug = chosen or slug_of(title, taken)
        # An event has one address: an earlier one is given back first, and comes back where the claim is refused.
        await queries.release_slugs(tx.connection, event_id=event_id, slug=slug)
        if await queries.claim_slug(tx.connection, slug=slug, event_id=event_id, programme_id=tx.programme):
            return slug
        if chosen is not None:
            break
    raise Refusal("slug-taken", msgid("Another event has this address. Choose another."), field="slug")


async def _write(tx: Transaction, wanted: Event) -> None:
    names = (*WRITTEN, "first_amount", "first_unit", "event_id", "slug", "cover")
    columns = {name: getattr(wanted, name) for name in names}
    await queries.update_event(tx.connection, **columns, version=wanted.version + 1, moment=tx.moment)


async def _read(tx: Transaction, event_id: UUID) -> Event:
    """The event after it was written, and the public list brought up to date with it."""
    await queries.list_in_calendar(tx.connection, event_id=event_id)
    event = await find_event(tx, event_id)
    assert event is not None
    return event

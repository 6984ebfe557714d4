"""Bookings chosen from the list, and moving them all: what would become of each, then it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp.web import StreamResponse
from pydantic import BaseModel

from registrations.commands import moving, selections
from registrations.commands.moving import MOST, Moved
from registrations.domain.fates import MoveFate
from registrations.domain.refusals import Reason
from registrations.domain.retention import SELECTION_KEPT
from registrations.domain.seen import packed, unpacked
from registrations.inputs import ChoiceForm, MoveChosenForm
from registrations.pages import places
from registrations.pages.attendees import TABS, TO_APPROVE, list_attendees
from registrations.pages.desk import event_named
from registrations.pages.finding import from_path, identifier
from registrations.place_names import place_names
from registrations.sentences import MOVES, REASONS, STATUSES, UNLIKELY
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.pagination import Cursor
from services.identity import audit
from services.ids import new_id
from services.pages import flash
from services.pages.forms import Form
from services.pages.languages import Translate, msgid

EVENTS = 20
PRIVATE = {"Cache-Control": "no-store"}
NOBODY_CHOSEN = msgid("Tick the bookings that you mean, or take all that are shown.")
TOO_MANY = msgid("At most {most} bookings can be chosen at once. Narrow the list by a search.")
NO_LONGER = msgid("What you chose is not kept any longer. Choose again.")
LOOK_AGAIN = msgid("Look at what would happen to each, then move them.")
ELSEWHERE = msgid(
    "Somebody else moves these to another place, or has moved them there: nothing was done for you. Here is where they "
    "are now; to move them on, choose them anew."
)


class SelectionForm(BaseModel):
    """Ticked bookings, or with `everyone` all that a tab and a search show."""

    booking: list[str] = []
    everyone: bool = False
    state: str = "coming"
    q: str = ""


async def choose(call: Call) -> StreamResponse:
    """POST: keep what was chosen, by ids alone, and lead to what can be done with it."""
    said = (await call.form(SelectionForm)).value or SelectionForm()
    tab, search = said.state if said.state in TABS else "coming", said.q.strip()[:100]
    selection_id = new_id(call.context.clock.now())
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        chosen = [found for one in said.booking if (found := identifier(one)) is not None]
        if said.everyone:
            first = Cursor.read(None, "key", "id")
            rows = await list_attendees(tx, event["id"], TABS[tab][1], search, first, MOST + 1, TO_APPROVE.get(tab))
            chosen = [row["id"] for row in rows]
        wrong = (
            call.translate(NOBODY_CHOSEN)
            if not chosen
            else call.translate(TOO_MANY, most=MOST)
            if len(chosen) > MOST
            else ""
        )
        if not wrong:
            await queries.keep_selection(
                tx.connection,
                id=selection_id,
                programme_id=tx.programme,
                event_id=event["id"],
                account_id=call.principal.account_id,
                bookings=chosen,
                moment=tx.moment,
            )
    if wrong:
        back = call.console(f"attendees/{call.path('event')}?{urlencode({'state': tab, 'q': search})}")
        return _warned(call, back, wrong)
    return call.redirect(_here(call, selection_id))


async def show(call: Call) -> StreamResponse:
    """GET ?choice=<event>/<slot>: what was chosen; with a choice, what would become of each; once done, what did. What
    somebody has begun to move goes to that place or, chosen anew, to another."""
    selection_id = from_path(call, "selection_id", "selection")
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        selection = await _selection(tx, selection_id, event["id"])
    if selection is None:
        return _gone(call)
    choice = selection["moving_to"] or call.request.query.get("choice")
    form: Form[ChoiceForm] = Form.empty({})
    if choice is not None and selection["fates"] is None:
        form = Form.read(ChoiceForm, {"choice": [choice]}, call.translate)
    return await _page(call, event, selection, form)


async def move(call: Call) -> StreamResponse:
    """POST: move them, each through the one door and in the order in which they were booked. Sent twice, also at the
    same moment, they are moved once and told so once; sent with another place, the first one is where they go."""
    selection_id = from_path(call, "selection_id", "selection")
    form = await call.form(MoveChosenForm)
    said, there = form.value, None
    seen = unpacked(said.seen) if said else None
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        selection = await _selection(tx, selection_id, event["id"])
        looked = selection is not None and seen is not None and len(seen) == len(selection["bookings"])
        if looked and said is not None:
            there = await queries.begin_moving(
                tx.connection, id=selection_id, moving_to=said.choice, event_id=said.event, slot_id=said.slot_id
            )
            selection = await _selection(tx, selection_id, event["id"])
    if selection is None:
        return _gone(call)
    if said is None:
        return await _page(call, event, selection, form, status=422)
    if seen is None or not looked:
        return _warned(call, f"{_here(call, selection_id)}?choice={said.choice}", call.translate(LOOK_AGAIN))
    if there is None and (selection["moved_to"] or selection["moving_to"]) != said.choice:
        return _warned(call, _here(call, selection_id), call.translate(ELSEWHERE))
    if there is not None:
        done = await moving.carry_out(
            call.context, call.programme.id, selection["bookings"], said.event, said.slot_id, there, seen
        )
        counts = Counter(one.fate for one in done)
        async with call.transaction() as tx:
            fates = [one.packed() for one in done]
            if await queries.settle_selection(tx.connection, id=selection_id, fates=fates, moved_to=said.choice):
                await audit.record(
                    tx,
                    call,
                    "bookings.moved",
                    f"event:{event['id']}",
                    to=said.choice,
                    moved=counts[MoveFate.MOVED],
                    left=counts[MoveFate.LEFT],
                )
    return call.redirect(_here(call, selection_id))


async def write(call: Call) -> StreamResponse:
    """POST: say which bookings were chosen, and lead to where one writes to them."""
    selection_id = from_path(call, "selection_id", "selection")
    async with call.transaction() as tx:
        event = await event_named(call, tx)
        selection = await _selection(tx, selection_id, event["id"])
        if selection is not None:
            await selections.tell(tx, selection_id)
            if selection["told_at"] is None:
                chosen = len(selection["bookings"])
                await audit.record(tx, call, "selection.made", f"selection:{selection_id}", bookings=chosen)
    if selection is None:
        return _gone(call)
    return call.redirect(call.console(f"deliveries/new?selection={selection_id}"))


async def _page(
    call: Call, event: Any, selection: Any, form: Form[ChoiceForm] | Form[MoveChosenForm], *, status: int = 200
) -> StreamResponse:
    moment = call.context.clock.now()
    done = selection["fates"] is not None
    fates = [Moved.unpacked(one) for one in selection["fates"] or ()]
    if form.value is not None:
        fates = await moving.rehearse_moves(
            call.context, call.programme.id, selection["bookings"], form.value.event, form.value.slot_id
        )
    async with call.transaction() as tx:
        rows = await queries.bookings_selected(tx.connection, bookings=selection["bookings"])
        targets = [] if done else await _targets(tx, moment, call.translate)
    by_id = {one.booking_id: one for one in fates}
    stood = {row["id"]: (row["event_id"], row["slot_id"]) for row in rows}
    return call.page(
        "registrations/selection.html",
        status=status,
        event=event,
        selection=selection,
        form=form,
        done=done,
        moving_to=None if done else selection["moving_to"],
        overtaken=done and any(one.reason is Reason.MOVED_MEANWHILE for one in fates),
        seen=packed([stood[one] for one in selection["bookings"]]) if rows else "",
        rows=[(row, by_id.get(row["id"])) for row in rows],
        counts=Counter(one.fate for one in fates),
        targets=targets,
        moves=MOVES,
        statuses=STATUSES,
        reasons=REASONS,
        unlikely=UNLIKELY,
        headers=PRIVATE,
    )


async def _targets(
    tx: Transaction, moment: Any, translate: Translate
) -> list[tuple[Any, list[tuple[str, str, places.Place]]]]:
    """Where bookings may go: what is open and to come at the programme's events, the next first; each place with what
    the form sends for it, and its name."""
    found: list[tuple[Any, list[tuple[str, str, places.Place]]]] = []
    for event in await queries.events_to_come(tx.connection, moment=moment, many=EVENTS):
        rows: Sequence[Any] = await queries.places_of_event(tx.connection, event_id=event["id"])
        names = place_names(rows, event["time_zone"], translate)
        offered = [
            (f"{event['id']}/{place.slot_id}" if place.slot_id else str(event["id"]), names[place.value], place)
            for stand in places.stands(rows, event["time_zone"], moment)
            for place in stand.places
            if place.bookable
        ]
        if offered:
            found.append((event, offered))
    return found


async def _selection(tx: Transaction, selection_id: UUID, event_id: UUID) -> Any:
    return await queries.selection(tx.connection, id=selection_id, event_id=event_id, since=tx.moment - SELECTION_KEPT)


def _gone(call: Call) -> StreamResponse:
    return _warned(call, call.console(f"attendees/{call.path('event')}"), call.translate(NO_LONGER))


def _warned(call: Call, back: str, sentence: str) -> StreamResponse:
    response = call.redirect(back)
    flash.leave(response, sentence, call.context.settings.secure, "warning")
    return response


def _here(call: Call, selection_id: UUID) -> str:
    return call.console(f"attendees/{call.path('event')}/selection/{selection_id}")

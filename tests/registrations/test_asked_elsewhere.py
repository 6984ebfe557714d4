"""Whoever goes to another event is asked what it asks: nobody gets by a question by booking somewhere else first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from events.facts import EventCancelled, EventPublished
from registrations.commands.rules import set_rules
from registrations.domain.applications import Application, Instead
from registrations.domain.asking import Came, Granted, Move
from registrations.domain.records import EventRules
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Cause
from tests.registrations.asked import BED, FARM, PHOTOS, PITCH, SIGHTS, anew, ask_for
from tests.registrations.desks import Desk, Page
from tests.registrations.test_answers import CONSENTS, fair, kept
from tests.registrations.test_api import ask

SAID = {BED.id: ["tent"], PITCH.id: ["12,5"], SIGHTS.id: ["farm"], FARM.id: ["Kale"], PHOTOS.id: ["1"]}


async def called_off(desk: Desk) -> tuple[Application, EventPublished, dict[str, UUID]]:
    """A family whose fair was called off, and a homecoming day that asks the same in questions of its own, and whether
    one may take photographs, which is required there."""
    event = await fair(desk)
    family = desk.world.household(event, answers=SAID)
    await desk.world.decide(family)
    other = desk.world.event("homecoming", households=5, days=20)
    await desk.world.hear(other)
    bed, pitch, photos = anew(BED, PITCH, PHOTOS)
    await ask_for(desk.world, other.event_id, bed, pitch, photos)
    await desk.world.hear(EventCancelled(**{**event.model_dump(), "version": 2, "status": "cancelled"}))
    return family, other, {"bed": bed.id, "pitch": pitch.id, "photos": photos.id}


async def enter(desk: Desk, family: Application) -> Page:
    door = await desk.get(f"/en/my-booking/{desk.world.keys.token('booking', family.booking_id, 0)}")
    return await desk.fill_in(door, "my-booking", follow=True)


async def standing(desk: Desk) -> dict[str, Any]:
    (row,) = await desk.world.rows("SELECT status, event_id FROM bookings")
    return row


async def test_the_other_events_questions_come_before_its_place(desk: Desk) -> None:
    family, other, ids = await called_off(desk)
    page = await enter(desk, family)
    asked = await desk.fill_in(page, "choose", choice=str(other.event_id))
    assert asked.status == 200 and "the place is yours when you have answered" in asked.text
    assert (await standing(desk))["status"] == "cancelled", "nothing is taken yet"
    assert 'href="/nb/my-booking"' in asked.text, "what it belongs to: this address takes forms only"
    _, fields = asked.form("choose")
    assert fields[f"answers.{ids['bed']}"] == ["tent"], "what they said to the same question"
    assert fields[f"answers.{ids['pitch']}"] == ["12.5"]
    assert f"answers.{ids['photos']}" not in fields, "a consent is given anew"
    wrong = await desk.fill_in(asked, "choose", **{f"answers.{ids['pitch']}": "large"})
    assert wrong.status == 422 and 'value="large"' in wrong.text
    assert (await standing(desk))["status"] == "cancelled"
    done = await desk.fill_in(wrong, "choose", **{f"answers.{ids['pitch']}": "8", f"answers.{ids['photos']}": "1"})
    assert done.status == 303, done.text
    assert await standing(desk) == {"status": "confirmed", "event_id": other.event_id}
    assert await kept(desk.world) == {
        "Where do you sleep?": "tent",
        "How large is the tent?": 8,
        "You may take photographs of us.": True,
    }
    assert sorted(row["stands"] for row in await desk.world.rows(CONSENTS)) == [False, True]


async def test_an_event_that_asks_nothing_takes_them_in_at_once(desk: Desk) -> None:
    family, _, _ = await called_off(desk)
    quiet = desk.world.event("quiet", households=5, days=25)
    await desk.world.hear(quiet)
    done = await desk.fill_in(await enter(desk, family), "choose", choice=str(quiet.event_id))
    assert done.status == 303
    assert (await standing(desk))["event_id"] == quiet.event_id


async def test_programs_send_the_answers_along_or_are_told_which_lack(desk: Desk) -> None:
    family, other, ids = await called_off(desk)
    token = desk.world.keys.token("booking", family.booking_id, 0)
    place: dict[str, Any] = {"event_id": str(other.event_id)}
    status, lacking = await ask(desk, "PUT", f"/api/v1/my-booking/{token}/place", place)
    assert status == 422 and [one["pointer"] for one in lacking["errors"]] == [f"#/answers/{ids['bed']}"]
    assert (await standing(desk))["status"] == "cancelled"
    place["answers"] = {str(ids["bed"]): "hotel"}
    status, done = await ask(desk, "PUT", f"/api/v1/my-booking/{token}/place", place)
    assert status == 200, done
    assert await kept(desk.world) == {"Where do you sleep?": "hotel"}


async def test_no_wish_of_a_visitor_gets_by_and_staff_who_move_them_answer_nothing(desk: Desk) -> None:
    family, other, ids = await called_off(desk)
    bare = Move(family.booking_id, None, Cause.VISITOR, other.event_id)
    (refused,) = await desk.world.decide(bare)
    assert isinstance(refused, Refused) and refused.reason is Reason.ANSWERS
    assert ids["bed"] in refused.values["wrong"]
    wish = Instead(family.booking_id, other.event_id, None, {}, "nb")
    (refused,) = await desk.world.decide(wish)
    assert isinstance(refused, Refused) and refused.reason is Reason.ANSWERS
    (granted,) = await desk.world.decide(Move(family.booking_id, None, Cause.STAFF, other.event_id))
    assert isinstance(granted, Granted) and granted.came is Came.CHANGED


# Another date ---------------------------------------------------------------------------------------------------------


async def on_dates(desk: Desk, *days: int) -> tuple[Application, EventPublished, list[EventPublished]]:
    """A family at an event that is held again, each time a copy of the first."""
    event = desk.world.event("fair", households=2)
    await desk.world.programme()
    copies = [
        desk.world.event(
            f"fair-{day}", households=1, days=day, copied_from=event.event_id, starts_at=desk.world.moment(day)
        )
        for day in days
    ]
    await desk.world.hear(event, *copies)
    family = desk.world.household(event)
    await desk.world.decide(family)
    return family, event, copies


async def test_a_family_goes_to_another_date_of_the_event_and_its_place_to_the_next(desk: Desk) -> None:
    family, event, (soon, later) = await on_dates(desk, 12, 20)
    alien = desk.world.event("homecoming", households=5, days=15)
    await desk.world.hear(alien)
    page = await enter(desk, family)
    assert "Another date" in page.text and str(alien.event_id) not in page.text, "something else is not another date"
    offered = [page.text.index(str(one.event_id)) for one in (soon, later)]
    assert offered == sorted(offered)
    moved = await desk.fill_in(page, "choose", choice=str(later.event_id), follow=True)
    assert "Your date is changed." in moved.text
    assert await standing(desk) == {"status": "confirmed", "event_id": later.event_id}
    assert str(event.event_id) in moved.text, "and back to the first, of which it is a copy"


async def test_neither_full_dates_nor_those_past_the_deadline_are_offered(desk: Desk) -> None:
    family, event, (full, free) = await on_dates(desk, 12, 20)
    await desk.world.decide(desk.world.household(full))
    page = await enter(desk, family)
    assert str(full.event_id) not in page.text and str(free.event_id) in page.text
    async with desk.world.database.transaction(desk.world.programme_id) as tx:
        await set_rules(tx, event.event_id, EventRules(change_until=timedelta(days=11)))
    page = await enter(desk, family)
    assert "Another date" not in page.text and str(free.event_id) not in page.text

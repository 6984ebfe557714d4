"""When a message goes out, and taking it back: what was written is not lost to a wrong day, nor sent unmeant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from notifications import messages, sending
from services.clock import MovedClock
from services.identity import audit
from services.routes import Role
from tests.notifications.post_office import PROGRAMME, PostOffice, World
from tests.notifications.test_messages import WORDS, booked, chosen, compose, told
from tests.registrations.desks import Desk, Page

TOMORROW = "2026-04-14T10:00"


async def written(world: World, desk: Desk, at: str = "", **more: Any) -> Page:
    """What came of a message to two, asked for at this time on the event's own clock."""
    await desk.sign_in(Role.ORGANISER)
    facts = [await booked(world, name) for name in ("Ada", "Bo")]
    selection = await chosen(world, *(one.booking_id for one in facts))
    return await compose(desk, selection, **WORDS, at=at, **more)


def letters(office: PostOffice) -> list[str]:
    """The subjects of what the organiser wrote, as it went out."""
    return [str(one["Subject"]) for one in office.mails if one["Subject"] in WORDS.values()]


async def audited(desk: Desk) -> list[str]:
    async with desk.running.contexts["identity"].database.transaction(None) as tx:
        entries = await audit.listed(tx, PROGRAMME, 50)
    return [one.action for one in entries if one.action.startswith("message.")]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("9999-12-31T21:00", "no later than a year after"),
        ("0001-01-01T00:00", "no later than a year after"),
        ("2150-01-01T10:00", "no later than a year after"),
        ("2026-04-12T10:00", "has passed"),
        ("2026-04-13T08:58", "has passed"),
    ],
)
async def test_a_day_that_cannot_be_is_said_at_its_field_and_the_letter_is_kept(
    world: World, desk: Desk, at: str, said: str
) -> None:
    wrong = await written(world, desk, at)
    assert wrong.status == 422 and 'href="#at"' in wrong.text and said in wrong.text
    assert "Ta med støvler." in wrong.text and wrong.form("/deliveries/new")[1]["at"] == [at]
    assert await told(world) == []


async def test_a_day_after_the_event_is_asked_about_once(world: World, desk: Desk) -> None:
    asked = await written(world, desk, "2026-04-24T10:00")
    assert asked.status == 422 and "The event is over by then" in asked.text and 'href="#after"' in asked.text
    assert await told(world) == []
    done = await desk.fill_in(asked, "/deliveries/new", do="send", after="on")
    assert done.status == 303
    assert await told(world) == [("message", "planned")] * 2


async def test_a_planned_message_is_shown_and_taken_back_before_it_goes_out(
    world: World, desk: Desk, office: PostOffice, clock: MovedClock
) -> None:
    done = await written(world, desk, TOMORROW)
    page = await desk.get(done.headers["Location"])
    assert "Bring boots" in page.text and "Det regner." in page.text and "2 visitors" in page.text
    assert "14 April 2026" in page.text
    assert page.address in (await desk.get("/en/console/havlandet/deliveries")).text
    stopped = await desk.fill_in(page, "/stop", follow=True)
    assert "2 visitors do not get it" in stopped.text and "/stop" not in stopped.text
    again = await desk.fill_in(page, "/stop", follow=True)
    assert "It was stopped before" in again.text
    clock.move(timedelta(days=2))
    await sending.send_due(world.context)
    assert letters(office) == []
    assert await told(world) == [("message", "withheld")] * 2
    assert await audited(desk) == ["message.stopped", "message.planned"]
    assert "Messages that are still to go out" not in (await desk.get("/en/console/havlandet/deliveries")).text


async def test_what_has_gone_out_already_is_said_and_nothing_is_written_down(
    world: World, desk: Desk, office: PostOffice
) -> None:
    done = await written(world, desk)
    page = await desk.get(done.headers["Location"])
    await sending.send_due(world.context)
    late = await desk.fill_in(page, "/stop", follow=True)
    assert "it has gone out already" in late.text and "Stopped" not in late.text
    assert len(letters(office)) == 2 and await audited(desk) == ["message.planned"]


async def test_one_that_a_sender_holds_is_not_sent_once_it_was_taken_back(
    world: World, desk: Desk, office: PostOffice, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await written(world, desk)
    message_id = done.headers["Location"].rsplit("/", 1)[1]
    deliver, first = sending._deliver, []

    async def slowly(*given: Any) -> None:
        if not first:
            first.append(given)
            async with world.context.database.transaction(PROGRAMME) as tx:
                await messages.stop(tx, UUID(message_id))
        await deliver(*given)

    monkeypatch.setattr(sending, "_deliver", slowly)
    await sending.send_due(world.context)
    assert (letters(office), await told(world)) == ([], [("message", "withheld")] * 2)


@pytest.mark.parametrize("role", [Role.MARKETING, Role.STAND_HOST, Role.READER])
async def test_others_neither_read_nor_stop_it(world: World, desk: Desk, role: Role) -> None:
    done = await written(world, desk, TOMORROW)
    page = await desk.get(done.headers["Location"])
    desk.client.session.cookie_jar.clear()
    await desk.sign_in(role)
    assert (await desk.get(page.address)).status == 403
    csrf = (await desk.get("/en/console/havlandet")).forms()[0][1]["csrf"]
    assert (await desk.send(f"{page.address}/stop", {"csrf": csrf})).status == 403
    assert await told(world) == [("message", "planned")] * 2


async def test_what_is_no_message_is_not_found(world: World, desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    here = "/en/console/havlandet/deliveries/-/messages"
    for name in ("nonsense", str(uuid4())):
        assert (await desk.get(f"{here}/{name}")).status == 404

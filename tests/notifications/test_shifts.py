"""Hosts are told of their shifts: one mail each time, in their language, with an entry that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from events.facts import EventCancelled, EventStatus, ShiftChanged
from notifications import sending, shifts
from notifications.reactions import take_event
from services.clock import MovedClock
from services.identity.people import set_roles
from tests.notifications.post_office import EVENT, PROGRAMME, STAND, PostOffice, World

SHIFT = UUID(int=105)


async def tell(
    world: World, host: UUID, version: int, *, hours: int = 0, removed: bool = False, restated: bool = False
) -> None:
    starts_at = world.starts_at + timedelta(hours=hours)
    fact = ShiftChanged(
        programme_id=PROGRAMME,
        version=version,
        at=world.context.clock.now(),
        shift_id=SHIFT,
        event_id=EVENT,
        stand_id=STAND,
        account_id=host,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        removed=removed,
    )
    await world.tell(shifts.take_shift, fact, restated=restated)


async def sent(world: World, office: PostOffice, clock: MovedClock) -> list[Any]:
    """The mails that go out once nobody has changed anything for a while."""
    before = len(office.mails)
    clock.move(shifts.PAUSE)
    await shifts.send_due(world.context)
    return office.mails[before:]


def entry(mail: Any) -> Any:
    """The method, and the entry."""
    [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    found = Calendar.from_ical(part.get_payload(decode=True))
    return str(found["METHOD"]), found.walk("VEVENT")[0]


def plain(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


async def test_a_shift_that_is_given_moved_and_taken_away_is_a_mail_each_with_an_entry_that_follows(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1)
    await shifts.send_due(world.context)
    assert office.mails == [], "who is still planning may change it again"
    (given,) = await sent(world, office, clock)
    assert given["To"] == "Vert en <en@example.org>" and given["Subject"].startswith("You have a shift: ")
    assert "Samfunnshuset" in plain(given) and "Bolig" in plain(given) and "/en/console/havlandet" in plain(given)
    method, first = entry(given)
    assert (method, first["UID"], first["SEQUENCE"]) == ("REQUEST", f"shift-{SHIFT}@127.0.0.1", 0)
    assert first.decoded("DTSTART") == world.starts_at
    await tell(world, hosts["en"], 2, hours=1)
    (moved,) = await sent(world, office, clock)
    assert moved["Subject"] == "Your shift has moved: Homecoming day, Thu 23 Apr, 13:00–15:00"
    assert "Before, it was Thursday 23 April 2026, 12:00–14:00" in plain(moved)
    method, second = entry(moved)
    assert (method, second["UID"], second["SEQUENCE"]) == ("REQUEST", first["UID"], 1)
    assert second.decoded("DTSTART") == world.starts_at + timedelta(hours=1)
    await tell(world, hosts["en"], 3, hours=1, removed=True)
    (taken,) = await sent(world, office, clock)
    method, last = entry(taken)
    assert taken["Subject"] == "You no longer have this shift: Homecoming day, Thu 23 Apr, 13:00–15:00"
    assert (method, last["STATUS"], last["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert await sent(world, office, clock) == []
    assert len({mail["Message-ID"] for mail in office.mails}) == 3


@pytest.mark.parametrize(
    ("lang", "subject"),
    [
        ("nb", "Du har en vakt: Hjemkomstdag, tor. 23. apr., 12:00–14:00"),
        ("nn", "Du har ei vakt: Hjemkomstdag, to. 23. apr., 12:00–14:00"),
        ("nl", "Je hebt een dienst: Homecoming day, do 23 apr, 12:00–14:00"),
    ],
)
async def test_it_is_written_in_the_hosts_language(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID], lang: str, subject: str
) -> None:
    await tell(world, hosts[lang], 1)
    (mail,) = await sent(world, office, clock)
    assert (mail["Subject"], mail["Content-Language"]) == (subject, lang)


async def test_what_changes_while_somebody_plans_is_one_mail_and_what_changes_back_is_none(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    for version, hours in enumerate((0, 3, 1), 1):
        await tell(world, hosts["en"], version, hours=hours)
    (mail,) = await sent(world, office, clock)
    assert entry(mail)[1].decoded("DTSTART") == world.starts_at + timedelta(hours=1)
    await tell(world, hosts["en"], 4, hours=2)
    await tell(world, hosts["en"], 5, hours=1)
    assert await sent(world, office, clock) == []
    await tell(world, hosts["en"], 5, hours=1)
    assert await sent(world, office, clock) == [], "a fact that comes twice is no news"


async def test_who_is_replaced_is_told_and_so_is_who_comes_instead(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    await tell(world, hosts["nb"], 2)
    mails = {mail["To"].addresses[0].addr_spec: mail for mail in await sent(world, office, clock)}
    assert {who: entry(mail)[0] for who, mail in mails.items()} == {
        "en@example.org": "CANCEL",
        "nb@example.org": "REQUEST",
    }


async def test_a_shift_of_a_cancelled_event_is_taken_away_with_the_reason(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    await world.tell(take_event, world.event(2, EventCancelled, status=EventStatus.CANCELLED))
    await tell(world, hosts["en"], 2, removed=True)
    (mail,) = await sent(world, office, clock)
    assert mail["Subject"].startswith("Called off: ") and "the event will not take place" in plain(mail)
    assert entry(mail)[1]["SUMMARY"] == "Shift: Homecoming day"


async def test_nobody_is_told_of_what_is_restated_over_or_not_theirs_any_more(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1, restated=True)
    assert await sent(world, office, clock) == []
    await tell(world, hosts["en"], 2, hours=1)
    (moved,) = await sent(world, office, clock)
    assert entry(moved)[1]["SEQUENCE"] == 0
    async with world.house.contexts["identity"].database.transaction(None) as tx:
        await set_roles(tx, None, PROGRAMME, hosts["en"], [])
    await tell(world, hosts["en"], 3, hours=2)
    await tell(world, hosts["nb"], 4, hours=-24 * 11)
    assert await sent(world, office, clock) == []


async def test_a_mail_that_is_refused_for_now_goes_out_later_and_a_lost_answer_is_not_tried_again(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1)
    office.manner = "later"
    assert await sent(world, office, clock) == []
    office.manner = "take"
    assert len(await sent(world, office, clock)) == 1
    await tell(world, hosts["en"], 2, hours=1)
    office.manner = "break off"
    await sent(world, office, clock)
    office.manner = "take"
    clock.move(timedelta(hours=1))
    assert office.broken_off == 1 and await sent(world, office, clock) == []


async def test_of_a_sender_that_died_only_what_it_had_not_begun_is_sent(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1)
    await tell_of_another(world, hosts["nb"])
    clock.move(shifts.PAUSE)
    async with world.context.database.system() as tx:
        claim = UUID(int=7)
        await shifts.queries.claim_shift_letters(tx.connection, claim=claim, moment=tx.moment, most=9)
        key = {"shift_id": SHIFT, "account_id": hosts["en"], "claim": claim}
        await shifts.queries.begin_shift_letter(tx.connection, **key)
    assert await sent(world, office, clock) == [], "it may still be at work"
    clock.move(timedelta(minutes=15))
    (mail,) = await sent(world, office, clock)
    assert mail["To"].addresses[0].addr_spec == "nb@example.org"


async def tell_of_another(world: World, host: UUID) -> None:
    fact = ShiftChanged(
        programme_id=PROGRAMME,
        version=1,
        at=world.context.clock.now(),
        shift_id=UUID(int=106),
        event_id=EVENT,
        stand_id=STAND,
        account_id=host,
        starts_at=world.starts_at,
        ends_at=world.starts_at + timedelta(hours=2),
    )
    await world.tell(shifts.take_shift, fact)


async def test_a_mail_that_nobody_sends_is_noticed(world: World, clock: MovedClock, hosts: dict[str, UUID]) -> None:
    await tell(world, hosts["en"], 1)
    clock.move(shifts.PAUSE + timedelta(minutes=6))
    async with world.context.database.system() as tx:
        assert await sending.count_late(tx) == 1


async def test_it_is_forgotten_half_a_year_after_the_shift(
    world: World, office: PostOffice, clock: MovedClock, hosts: dict[str, UUID]
) -> None:
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    clock.move(timedelta(days=170))
    for left, days in ((1, 0), (0, 25)):
        clock.move(timedelta(days=days))
        await shifts.forget(world.context)
        async with world.context.database.system() as tx:
            assert await tx.connection.fetchval("SELECT count(*) FROM shift_letters") == left

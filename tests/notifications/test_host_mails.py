"""The mails to hosts as organisers see them: what went out when, to whom, and whom nobody reached."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from notifications import shifts
from services.clock import MovedClock
from services.identity.people import set_roles
from services.routes import Role
from tests.notifications.post_office import PROGRAMME, STAND, PostOffice, World
from tests.notifications.test_shifts import entry, sent, tell, tell_of_another
from tests.registrations.desks import Desk

LOG = "/en/console/havlandet/deliveries/-/hosts"
Hosts = dict[str, UUID]


async def rows(world: World) -> list[tuple[str, str, str | None]]:
    async with world.context.database.transaction(PROGRAMME) as tx:
        found = await tx.connection.fetch("SELECT news, outcome, reason FROM shift_mails ORDER BY id")
    return [(one["news"], one["outcome"], one["reason"]) for one in found]


async def test_each_mail_is_listed_with_whom_it_told_of_what_and_what_is_still_to_go_out(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk
) -> None:
    await desk.sign_in(Role.ORGANISER)
    assert "Nothing here" in (await desk.get(LOG)).text
    await tell(world, hosts["en"], 1)
    waiting = (await desk.get(LOG)).text
    assert "Still to go out" in waiting and "Vert en" in waiting and "Planned" in waiting
    await sent(world, office, clock)
    await tell(world, hosts["en"], 2, hours=1)
    await sent(world, office, clock)
    await tell(world, hosts["en"], 3, hours=1, removed=True)
    await sent(world, office, clock)
    page = (await desk.get(LOG)).text
    assert [page.count(one) for one in ("Put on a shift", "Shift moved", "Taken off a shift")] == [1, 1, 1]
    assert page.count("Vert en") == 3 and "Bolig" in page and "Homecoming day" in page
    assert "Still to go out" not in page and "en@example.org" not in page and "Send again" not in page
    assert await rows(world) == [("given", "sent", None), ("moved", "sent", None), ("taken", "sent", None)]
    assert (
        'href="/en/console/havlandet/deliveries/-/hosts"' in (await desk.get("/en/console/havlandet/deliveries")).text
    )


async def test_whom_nobody_reached_stands_there_with_the_reason_and_is_told_again_once(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk
) -> None:
    await desk.sign_in(Role.ORGANISER)
    await tell(world, hosts["en"], 1)
    office.manner = "refuse"
    await sent(world, office, clock)
    failed = await desk.get(f"{LOG}?outcome=failed")
    assert "550" in failed.text and "Send again" in failed.text
    assert "Vert en" not in (await desk.get(f"{LOG}?outcome=sent")).text
    office.manner = "take"
    again = await desk.fill_in(failed, "/again", follow=True)
    assert "It goes out in a moment." in again.text and "Send again" not in again.text
    (mail,) = await sent(world, office, clock)
    assert mail["Subject"] == "You have a shift: Homecoming day, Thu 23 Apr, 12:00–14:00"
    assert await rows(world) == [("given", "failed", "550"), ("given", "sent", None)]
    late = await desk.fill_in(failed, "/again", follow=True)
    assert "There is nothing to tell" in late.text and "Send again" not in late.text
    assert await sent(world, office, clock) == [], "what a later mail has settled is not sent anew from the older one"


@pytest.mark.parametrize(
    ("hours", "removed", "subject"),
    [
        (0, True, "You no longer have this shift: Homecoming day, Thu 23 Apr, 12:00–14:00"),
        (1, False, "You have a shift: Homecoming day, Thu 23 Apr, 13:00–15:00"),
    ],
    ids=["taken away", "moved"],
)
async def test_what_changes_before_the_mail_is_sent_again_is_told_instead(
    world: World,
    office: PostOffice,
    clock: MovedClock,
    hosts: Hosts,
    desk: Desk,
    hours: int,
    removed: bool,
    subject: str,
) -> None:
    await desk.sign_in(Role.ORGANISER)
    await tell(world, hosts["en"], 1)
    office.manner = "break off"
    await sent(world, office, clock)
    office.manner = "take"
    again = await desk.fill_in(await desk.get(LOG), "/again", follow=True)
    assert "Still to go out" in again.text and "Put on a shift" in again.text
    await tell(world, hosts["en"], 2, hours=hours, removed=removed)
    (mail,) = await sent(world, office, clock)
    assert mail["Subject"] == subject
    assert await sent(world, office, clock) == []


async def taken_off_unheard(world: World, office: PostOffice, clock: MovedClock, hosts: Hosts) -> None:
    """A host who knows of a shift, and whom the mail did not reach that took it away."""
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    await tell(world, hosts["en"], 2, removed=True)
    office.manner = "refuse"
    await sent(world, office, clock)
    office.manner = "take"


@pytest.mark.parametrize("given_back", [False, True])
async def test_whom_nobody_told_that_a_shift_was_taken_away_is_told_again(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk, given_back: bool
) -> None:
    await desk.sign_in(Role.ORGANISER)
    await taken_off_unheard(world, office, clock, hosts)
    again = await desk.fill_in(await desk.get(LOG), "/again", follow=True)
    assert "It goes out in a moment." in again.text and again.text.count("Taken off a shift") == 2
    if given_back:
        await tell(world, hosts["en"], 3)
    (mail,) = await sent(world, office, clock)
    if given_back:
        assert mail["Subject"].startswith("You have a shift: Homecoming day"), (
            "nobody knows whether they read of the other"
        )
        return
    assert mail["Subject"] == "You no longer have this shift: Homecoming day, Thu 23 Apr, 12:00–14:00"
    method, last = entry(mail)
    assert (method, last["SEQUENCE"], last.decoded("DTSTART")) == ("CANCEL", 2, world.starts_at)
    assert await rows(world) == [("given", "sent", None), ("taken", "failed", "550"), ("taken", "sent", None)]
    assert "Send again" not in (await desk.get(LOG)).text and await sent(world, office, clock) == []


async def test_that_a_shift_was_taken_away_is_not_told_any_more_once_it_would_have_begun(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk
) -> None:
    await desk.sign_in(Role.ORGANISER)
    await taken_off_unheard(world, office, clock, hosts)
    stale = await desk.get(LOG)
    assert "Send again" in stale.text
    clock.move(world.starts_at - clock.now())
    person = await desk.sign_in(Role.ORGANISER, Role.READER)
    assert "Send again" not in (await desk.get(LOG)).text
    address, _ = stale.form("/again")
    answer = await desk.send(address, {"csrf": person.csrf}, follow=True)
    assert "There is nothing to tell" in answer.text


async def test_a_sender_that_died_over_a_mail_sent_again_is_noted_as_what_it_told(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk
) -> None:
    await desk.sign_in(Role.ORGANISER)
    await tell(world, hosts["en"], 1)
    office.manner = "refuse"
    await sent(world, office, clock)
    office.manner = "take"
    await desk.fill_in(await desk.get(LOG), "/again", follow=True)
    async with world.context.database.system() as tx:
        claim = UUID(int=7)
        await shifts.queries.claim_shift_letters(tx.connection, claim=claim, moment=tx.moment, most=9)
        key = {"shift_id": UUID(int=105), "account_id": hosts["en"], "claim": claim}
        await shifts.queries.begin_shift_letter(tx.connection, **key)
    clock.move(timedelta(minutes=15))
    assert await sent(world, office, clock) == [], "it is not sent anew by itself"
    assert await rows(world) == [("given", "failed", "550"), ("given", "unknown", "sender-died")]


async def test_a_mail_that_may_have_arrived_and_one_withheld_say_why(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk
) -> None:
    await tell(world, hosts["en"], 1)
    office.manner = "break off"
    await sent(world, office, clock)
    office.manner = "take"
    async with world.house.contexts["identity"].database.transaction(None) as tx:
        await set_roles(tx, None, PROGRAMME, hosts["nb"], [])
    await tell_of_another(world, hosts["nb"])
    await sent(world, office, clock)
    assert await rows(world) == [("given", "unknown", "answer-lost"), ("given", "withheld", "no-member")]
    await desk.sign_in(Role.ORGANISER)
    page = (await desk.get(LOG)).text
    assert "Someone who has left" in page and "they have no role in the programme any more" in page
    assert "the connection broke after the text was sent" in page


async def test_a_sender_that_died_over_a_mail_is_noted(
    world: World, clock: MovedClock, hosts: Hosts, office: PostOffice
) -> None:
    await tell(world, hosts["en"], 1)
    await tell_of_another(world, hosts["nb"])
    clock.move(shifts.PAUSE)
    async with world.context.database.system() as tx:
        claim = UUID(int=7)
        await shifts.queries.claim_shift_letters(tx.connection, claim=claim, moment=tx.moment, most=9)
        key = {"shift_id": UUID(int=105), "account_id": hosts["en"], "claim": claim}
        await shifts.queries.begin_shift_letter(tx.connection, **key)
    clock.move(timedelta(minutes=15))
    assert len(await sent(world, office, clock)) == 1
    assert await rows(world) == [("given", "unknown", "sender-died"), ("given", "sent", None)]


async def test_it_can_be_narrowed_to_a_stand_and_only_organisers_of_the_programme_see_it(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts, desk: Desk
) -> None:
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    person = await desk.sign_in(Role.ORGANISER)
    assert "Vert en" in (await desk.get(f"{LOG}?stand={STAND}")).text
    assert "Vert en" in (await desk.get(f"{LOG}?before={'9' * 5000}")).text
    for other in (uuid4(), "nonsense"):
        assert (await desk.get(f"{LOG}?stand={other}")).status == 404
    for number in ("1", "x", str(2**70), "9" * 5000):
        answer = await desk.send(f"{LOG}/{number}/again", {"csrf": person.csrf}, follow=True)
        assert "There is nothing to tell" in answer.text


@pytest.mark.parametrize("role", [Role.STAND_HOST, Role.MARKETING])
async def test_others_do_not_see_who_was_told_what(desk: Desk, hosts: Hosts, role: Role) -> None:
    await desk.sign_in(role)
    assert (await desk.get(LOG)).status == 403


async def test_it_is_forgotten_half_a_year_after_the_shift(
    world: World, office: PostOffice, clock: MovedClock, hosts: Hosts
) -> None:
    await tell(world, hosts["en"], 1)
    await sent(world, office, clock)
    for left, days in ((1, 170), (0, 25)):
        clock.move(timedelta(days=days))
        await shifts.forget(world.context)
        assert len(await rows(world)) == left

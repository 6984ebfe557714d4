"""Somebody calls and asks what we keep of them, or to be forgotten: they are found, and it is done."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from registrations.commands import check_in, people
from registrations.commands.people import Wondering
from registrations.domain.applications import Person
from services.identity import audit
from services.routes import Role
from tests.registrations.desks import Desk
from tests.registrations.test_api import ask

HOME = "/en/console/havlandet/visitors"
API = "/api/v1/programmes/havlandet/visitors"


async def everybody(desk: Desk) -> dict[str, UUID]:
    """One who booked, one who walked in without an address, one who only wants to hear more; name → visitor."""
    world = desk.world
    event = world.event("fair", households=5, days=0.1)
    stand = world.stand(event)
    await world.programme()
    await world.hear(event, stand)
    await world.decide(world.household(event, person=Person("Sanne de Vries", "sanne@example.org", "nl")))
    walk_in = world.household(
        event, person=Person("Åse Øien", None, "nb"), walk_in=True, by_staff=True, stand_id=stand.stand_id
    )
    async with world.database.transaction(world.programme_id) as tx:
        await check_in.walk_in(tx, world.keys, walk_in, None)
        person = Person("Ola Nordmann", "ola@example.org", "nb")
        await people.register_interest(tx, Wondering(person, uuid4(), message="Is there a school?"))
    return {row["name"]: row["id"] for row in await world.rows("SELECT name, id FROM people.visitors")}


async def kept(desk: Desk) -> set[str]:
    return {row["name"] for row in await desk.world.rows("SELECT name FROM people.visitors WHERE name IS NOT NULL")}


async def audited(desk: Desk, what: str = "visitor.") -> list[tuple[str, str]]:
    """What the audit says, newest first, read by the one service that may."""
    async with desk.running.contexts["identity"].database.transaction(None) as tx:
        entries = await audit.listed(tx, desk.world.programme_id, 50)
    return [(one.action, one.subject) for one in entries if one.action.startswith(what)]


async def test_each_is_found_by_name_and_those_with_an_address_by_that(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    names = await everybody(desk)
    for search, found in {
        "": set(names),
        "øien": {"Åse Øien"},
        "vries": {"Sanne de Vries"},
        "nordm": {"Ola Nordmann"},
        "OLA@exa": {"Ola Nordmann"},
        "%25": set(),
        "_": set(),
        "nobody": set(),
    }.items():
        page = await desk.get(f"{HOME}?q={search}")
        assert {name for name in names if f"{name}</a>" in page.text} == found, search


@pytest.mark.parametrize("name", ["Sanne de Vries", "Åse Øien", "Ola Nordmann"])
async def test_whoever_asks_is_forgotten_with_a_tick_and_it_is_written_down(desk: Desk, name: str) -> None:
    await desk.sign_in(Role.ORGANISER)
    names = await everybody(desk)
    page = await desk.get(f"{HOME}/{names[name]}")
    assert page.status == 200 and name in page.text
    unsure = await desk.fill_in(page, "/forget")
    assert unsure.status == 422 and name in await kept(desk)
    gone = await desk.fill_in(unsure, "/forget", follow=True, sure="on")
    assert "They are forgotten" in gone.text and f"{name}</a>" not in gone.text
    assert await kept(desk) == set(names) - {name}
    assert (
        await desk.world.rows("SELECT 1 FROM interests WHERE message IS NOT NULL AND visitor_id = $1", names[name])
        == []
    )
    assert [what for what, _ in await desk.world.told()].count("visitor.erased") == 1
    assert await audited(desk) == [("visitor.erased", f"visitor:{names[name]}")]
    assert (await desk.get(f"{HOME}/{names[name]}")).status == 404
    assert (await desk.fill_in(page, "/forget", sure="on")).status == 404


async def test_what_we_keep_is_handed_out_and_that_is_written_down(desk: Desk) -> None:
    await desk.sign_in(Role.ORGANISER)
    names = await everybody(desk)
    page = await desk.get(f"{HOME}/{names['Ola Nordmann']}/data")
    assert "attachment" in page.headers["Content-Disposition"]
    assert "Is there a school?" in page.text and "ola@example.org" in page.text
    assert await audited(desk) == [("visitor.data_taken", f"visitor:{names['Ola Nordmann']}")]


async def test_the_api_finds_hands_out_and_forgets(desk: Desk) -> None:
    organiser = await desk.sign_in(Role.ORGANISER)
    names = await everybody(desk)
    _, found = await ask(desk, "GET", f"{API}?q=ola")
    assert [(one["name"], one["interests"], one["bookings"]) for one in found["items"]] == [("Ola Nordmann", 1, 0)]
    _, first = await ask(desk, "GET", f"{API}?limit=2")
    _, rest = await ask(desk, "GET", f"{API}?limit=2&after={first['next']}")
    listed: list[Any] = [*first["items"], *rest["items"]]
    assert sorted(one["name"] for one in listed) == sorted(names)
    path = f"{API}/{names['Ola Nordmann']}"
    _, handed = await ask(desk, "GET", f"{path}/data")
    assert handed["data"]["interests"][0]["message"] == "Is there a school?"
    assert (await ask(desk, "DELETE", path, person=organiser))[0] == 200
    assert await kept(desk) == set(names) - {"Ola Nordmann"}
    assert (await ask(desk, "DELETE", path, person=organiser))[0] == 404
    assert [action for action, _ in await audited(desk)] == ["visitor.erased", "visitor.data_taken"]


async def test_a_visitor_of_another_programme_is_nobody_here(desk: Desk) -> None:
    organiser = await desk.sign_in(Role.ORGANISER)
    await everybody(desk)
    desk.world.programme_id = uuid4()
    event = desk.world.event("elsewhere", households=1)
    await desk.world.hear(event)
    await desk.world.decide(desk.world.household(event))
    (theirs,) = await desk.world.rows("SELECT id FROM people.visitors")
    assert (await desk.get(f"{HOME}/{theirs['id']}")).status == 404
    assert (await ask(desk, "DELETE", f"{API}/{theirs['id']}", person=organiser))[0] == 404
    assert len(await desk.world.rows("SELECT 1 FROM people.visitors WHERE erased_at IS NULL")) == 1


async def test_hosts_and_the_door_do_not_see_everybody(desk: Desk) -> None:
    await desk.sign_in(Role.STAND_HOST, Role.CHECK_IN)
    names = await everybody(desk)
    for path in ("", f"/{names['Ola Nordmann']}", f"/{names['Ola Nordmann']}/data"):
        assert (await desk.get(HOME + path)).status == 403

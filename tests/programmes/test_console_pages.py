"""The console's pages, over HTTP: everything edited, errors by field, who may, and nobody from next door."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from programmes.domain import Kind
from services.identity import commands as identity
from services.process import Running
from services.routes import Role
from tests.programmes.browsing import PASSWORD, Browser
from tests.programmes.conftest import MakeProgramme, make_group, publish, read

LogIn = Callable[..., Awaitable[Browser]]
HERE = "/nb/console/havlandet/programme"


@pytest.fixture
async def programme(house_make: MakeProgramme) -> UUID:
    return await house_make("havlandet")


@pytest.fixture
def log_in(house: Running, client: TestClient[Any, Any]) -> LogIn:
    """`await log_in(programme_id, Role.ORGANISER)` → a browser of somebody with these roles there."""

    async def entered(programme_id: UUID | None, *roles: Role, operator: bool = False) -> Browser:
        context = house.contexts["programmes"]
        email = f"{'-'.join(roles) or 'nobody'}@havlandet.example"
        async with context.database.transaction(programme_id) as tx:
            account = await identity.create_account(
                tx, email=email, name="Liv", language="nb", password=PASSWORD, operator=operator
            )
            if programme_id is not None and roles:
                await identity.grant(tx, None, programme_id, account, *roles)
        browser = Browser(client)
        await browser.log_in(email)
        return browser

    return entered


def errors(page: str) -> set[str]:
    """The ids of the inputs that the error summary leads to."""
    summary = re.search(r'<div class="ds-error-summary".*?</div>', page, re.DOTALL)
    return set(re.findall(r'href="#([^"]+)"', summary[0])) if summary else set()


async def test_everything_stands_on_one_page_with_invite_first(house: Running, programme: UUID, log_in: LogIn) -> None:
    await make_group(house.contexts["programmes"], programme)
    browser = await log_in(programme, Role.OWNER)
    page = await browser.get(HERE)
    assert browser.status == 200
    for section in ("about", "groups", "people", "municipalities", "settings", *(kind.value for kind in Kind)):
        assert f'id="{section}"' in page, section
    assert 'class="ds-button" href="/nb/console/havlandet/people/invite"' in page
    assert "Liv" in page[page.index('id="people"') :]
    assert "Oddvar Flopynt, ordfører i Ytterhav" in page
    assert "ingen fra Storskjær" in page


async def test_texts_are_saved_and_shown(house: Running, programme: UUID, log_in: LogIn) -> None:
    browser = await log_in(programme, Role.ORGANISER)
    await browser.get(f"{HERE}/about")
    sent = {"version": browser.hidden("version"), "names__nb": "Havlandet", "aims__nb": "Mange *flere* folk"}
    await browser.post(f"{HERE}/about", **sent)
    assert (browser.status, browser.where) == (200, HERE)
    assert "Lagret." in browser.text
    assert "Mange <em>flere</em> folk" in browser.text


async def test_a_stale_form_keeps_what_was_typed_and_says_why(programme: UUID, log_in: LogIn) -> None:
    browser = await log_in(programme, Role.ORGANISER)
    await browser.get(f"{HERE}/about")
    version = browser.hidden("version")
    await browser.post(f"{HERE}/about", version=version, names__nb="Den første")
    await browser.get(f"{HERE}/about")
    await browser.post(f"{HERE}/about", version=version, names__nb="Den andre")
    assert browser.status == 422
    assert "Noen andre har endret dette mens du skrev" in browser.text
    assert 'value="Den andre"' in browser.text
    await browser.post(f"{HERE}/about", version=browser.hidden("version"), names__nb="Den andre")
    assert (browser.status, browser.where) == (200, HERE)


WRONG: tuple[tuple[str, dict[str, Any], set[str]], ...] = (
    ("about", {"names__nb": "", "names__en": "x"}, {"names.nb"}),
    ("about", {"names__nb": "x" * 161}, {"names.nb"}),
    (
        "settings",
        {"languages": ["nb"], "language": "nb", "time_zone": "Mars", "contact": "nei", "goal_inhabitants": "mange"},
        {"time_zone", "contact", "goal_inhabitants"},
    ),
    (
        "municipalities",
        {"name": "", "county": "Troms", "inhabitants": "-3", "counted_on": "i går"},
        {"name", "inhabitants", "counted_on"},
    ),
    (
        "municipalities",
        {"name": "YTTERHAV", "county": "Troms", "inhabitants": "3", "counted_on": "2026-01-01"},
        {"name"},
    ),
    ("lists/work-area", {"names__nb": "landbruk"}, {"names.nb"}),
    ("lists/target-group", {"names__nb": "Alt", "parts": ["0195-nonsense"]}, set()),
    ("new-group", {"names__nb": "Uten leder"}, {"activity_id", "leader_title", "leader_municipality_id"}),
)
"""Where, what is typed, and the inputs that the summary must lead to."""


async def test_bad_input_is_named_by_its_field_and_kept(house: Running, programme: UUID, log_in: LogIn) -> None:
    before = await read(house.contexts["programmes"], programme)
    browser = await log_in(programme, Role.ORGANISER)
    for path, sent, wrong in WRONG:
        await browser.get(f"{HERE}/{path}")
        version = {"version": browser.hidden("version")} if path in {"about", "settings"} else {}
        await browser.post(f"{HERE}/{path}", **sent, **version)
        assert browser.status == 422, path
        assert wrong <= errors(browser.text), (path, sent)
    assert await read(house.contexts["programmes"], programme) == before


async def test_lists_are_filled_moved_renamed_and_emptied(house: Running, programme: UUID, log_in: LogIn) -> None:
    browser = await log_in(programme, Role.ORGANISER)
    here = f"{HERE}/lists/target-group"
    await browser.get(here)
    await browser.post(here, code="women")
    await browser.post(here, names__nb="Hyttefolk", names__en="Cabin people")
    context = house.contexts["programmes"]

    async def names() -> list[str]:
        return [term.names["nb"] for term in (await read(context, programme)).listed(Kind.TARGET_GROUP)]

    assert await names() == ["Barnefamilier", "Kvinner", "Hyttefolk"]
    last = (await read(context, programme)).listed(Kind.TARGET_GROUP)[-1].id
    await browser.post(f"{here}/{last}/move", direction="up", version=browser.hidden("version"))
    assert await names() == ["Barnefamilier", "Hyttefolk", "Kvinner"]
    await browser.get(f"{here}/{last}")
    await browser.post(f"{here}/{last}", names__nb="Fritidsfolk", version=browser.hidden("version"))
    assert await names() == ["Barnefamilier", "Fritidsfolk", "Kvinner"]
    await browser.get(here)
    await browser.post(f"{here}/{last}/remove", version=browser.hidden("version"))
    assert await names() == ["Barnefamilier", "Kvinner"]
    await browser.post(f"{here}/{last}/remove", version="1")
    assert "Noen andre har endret dette" in browser.text or browser.status == 404


async def test_a_group_is_set_up_seated_and_its_tasks_ticked_off(
    house: Running, programme: UUID, log_in: LogIn
) -> None:
    context = house.contexts["programmes"]
    now = await read(context, programme)
    browser = await log_in(programme, Role.ORGANISER)
    await browser.get(f"{HERE}/new-group")
    await browser.post(
        f"{HERE}/new-group",
        names__nb="Jordbruk",
        activity_id=str(now.listed(Kind.WORK_AREA)[0].id),
        leader_title="chief_executive",
        leader_municipality_id=str(now.municipalities[1].id),
        leader_name="Magnhild Skarvøy",
    )
    assert "Magnhild Skarvøy, rådmann i Storskjær" in browser.text
    group = re.search(r"programme/groups/([0-9a-f-]{36})", browser.text)
    assert group
    here = f"{HERE}/groups/{group[1]}"
    await browser.get(here)
    await browser.post(
        f"{here}/members", name="Liv Sjøstjerne", title="Rådgiver", stands_for=str(now.municipalities[0].id)
    )
    member = re.search(r"/members/([0-9a-f-]{36})", browser.text)
    assert member
    await browser.post(f"{here}/tasks", title="Brosjyre", due_on="2026-04-10", owner_id=member[1])
    assert "forsinket" in browser.text
    task = re.search(r"/tasks/([0-9a-f-]{36})", browser.text)
    assert task
    await browser.post(f"{here}/tasks/{task[1]}/done")
    assert "Åpne igjen" in browser.text
    await browser.post(f"{here}/members/{member[1]}/remove")
    assert "Liv Sjøstjerne" not in browser.text
    await browser.post(f"{here}/tasks", title="", due_on="snart")
    assert browser.status == 422
    assert errors(browser.text) == {"title", "due_on"}


async def test_a_draft_is_published_by_its_owner(house: Running, programme: UUID, log_in: LogIn) -> None:
    browser = await log_in(programme, Role.OWNER)
    await browser.get(HERE)
    await browser.post(f"{HERE}/publish", version=browser.hidden("version"))
    assert "står nå i den åpne katalogen" in browser.text
    await browser.get("/nb/programmes/havlandet")
    assert browser.status == 200
    await browser.get(f"{HERE}/close")
    await browser.post(f"{HERE}/close", version=browser.hidden("version"))
    assert "Avsluttet" in browser.text


async def test_a_draft_is_shown_to_those_who_work_on_it(programme: UUID, log_in: LogIn) -> None:
    browser = await log_in(programme, Role.READER)
    assert "Et utkast" in await browser.get("/nb/programmes/havlandet")


async def test_panels_show_what_is_due_and_the_goal(house: Running, programme: UUID, log_in: LogIn) -> None:
    context = house.contexts["programmes"]
    group = await make_group(context, programme)
    browser = await log_in(programme, Role.ORGANISER)
    await browser.get(f"{HERE}/groups/{group}")
    await browser.post(f"{HERE}/groups/{group}/tasks", title="Brosjyre", due_on="2026-04-10")
    page = await browser.get("/nb/console/havlandet/panels/tasks")
    assert "Brosjyre" in page and "forsinket" in page
    assert re.search(r"2\s?400", await browser.get("/nb/console/havlandet/panels/goal"))
    task = re.search(r"/tasks/([0-9a-f-]{36})/done", page)
    assert task
    await browser.post(f"{HERE}/groups/{group}/tasks/{task[1]}/done", back="home")
    assert browser.where == "/nb/console/havlandet"


async def test_whoever_runs_the_installation_sets_up_a_programme_and_owns_it(house: Running, log_in: LogIn) -> None:
    browser = await log_in(None, operator=True)
    await browser.get("/nb/system/programmes/new")
    sent = {
        "names__nb": "Fjordriket",
        "slug": "fjordriket",
        "language": "nb",
        "languages": ["nb", "nn"],
        "contact": "post@fjordriket.example",
        "time_zone": "Europe/Oslo",
    }
    await browser.post("/nb/system/programmes/new", **{**sent, "slug": "Fjord riket"})
    assert (browser.status, errors(browser.text)) == (422, {"slug"})
    await browser.post("/nb/system/programmes/new", **sent)
    assert (browser.status, browser.where) == (200, "/nb/console/fjordriket/programme")
    assert "Legg til minst én kommune." in browser.text
    assert "Inviter" in browser.text
    await browser.get("/nb/system/programmes/new")
    await browser.post("/nb/system/programmes/new", **sent)
    assert (browser.status, errors(browser.text)) == (422, {"slug"})


EDITING = (
    "about",
    "settings",
    "municipalities",
    "lists/partner",
    "new-group",
)


async def test_only_owners_and_organisers_edit(programme: UUID, log_in: LogIn) -> None:
    for role in (Role.MARKETING, Role.READER, Role.STAND_HOST, Role.CHECK_IN):
        browser = await log_in(programme, role)
        for path in EDITING:
            await browser.get(f"{HERE}/{path}")
            assert browser.status == 403, (role, path)
            await browser.post(f"{HERE}/{path}", names__nb="Nei")
            assert browser.status == 403, (role, path)
        await browser.get(HERE)
        assert browser.status == (200 if role in {Role.MARKETING, Role.READER} else 403)
        assert f'href="{HERE}/about"' not in browser.text
        await browser.get("/nb/account")
        await browser.post("/nb/logout")


async def test_an_organiser_does_not_publish_or_close(house: Running, programme: UUID, log_in: LogIn) -> None:
    browser = await log_in(programme, Role.ORGANISER)
    await browser.get(HERE)
    await browser.post(f"{HERE}/publish", version="7")
    assert browser.status == 403
    await publish(house.contexts["programmes"], programme)
    await browser.get(f"{HERE}/close")
    assert browser.status == 403


async def test_an_owner_next_door_finds_nothing_here(
    house: Running, programme: UUID, house_make: MakeProgramme, log_in: LogIn
) -> None:
    context = house.contexts["programmes"]
    group = await make_group(context, programme)
    neighbour = await house_make("fjordriket")
    await make_group(context, neighbour)
    browser = await log_in(neighbour, Role.OWNER)
    for path in ("", "/about", f"/groups/{group}"):
        await browser.get(f"{HERE}{path}")
        assert browser.status == 404
    theirs = "/nb/console/fjordriket/programme"
    await browser.get(f"{theirs}/groups/{group}")
    assert browser.status == 404
    await browser.get(theirs)
    version = browser.hidden("version")
    ours = (await read(context, programme)).municipalities[0].id
    await browser.post(f"{theirs}/municipalities/{ours}/remove", version=version)
    assert browser.status == 404
    assert len((await read(context, programme)).municipalities) == 2


async def test_a_guest_is_asked_to_log_in(programme: UUID, client: TestClient[Any, Any]) -> None:
    browser = Browser(client)
    await browser.get(HERE)
    assert browser.where == "/nb/login"
    for path in ("nonsense", "lists/nonsense", "groups/nonsense"):
        await browser.get(f"{HERE}/{path}")
        assert browser.status == 404 or browser.where == "/nb/login"

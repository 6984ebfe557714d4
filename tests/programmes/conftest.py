"""Programmes by itself: its context on a database of the test's own, and programmes made by its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from programmes import inputs, records
from programmes.commands import groups, lists
from programmes.commands import programme as commands
from programmes.domain import Kind, LeaderTitle, Programme
from programmes.service import SERVICE
from services.clock import MovedClock
from services.context import Context
from services.database import Database
from services.identity import passwords
from services.ids import new_id
from services.keys import Keys
from services.memory_bus import MemoryBus, MemoryServer
from services.process import Running
from services.settings import Settings

MakeProgramme = Callable[..., Awaitable[UUID]]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that argon2 takes: hashes are tested where they are made."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def context(settings: Settings, keys: Keys, clock: MovedClock) -> AsyncIterator[Context]:
    """The service's own context, connected as programmes_app and programmes_system."""
    database = Database(SERVICE.name, settings.database, keys, clock)
    await database.open()
    yield Context(SERVICE, settings, keys, clock, database, MemoryBus(MemoryServer(clock)))
    await database.close()


@pytest.fixture
def make(context: Context) -> MakeProgramme:
    """`await make("havlandet", names={"nb": "Havlandet"})` → the id of a draft with what publishing asks for."""
    return maker(context)


@pytest.fixture
async def house(open_house: Callable[..., Any]) -> AsyncIterator[Running]:
    """This service and the chassis alone: what is shown here needs no other."""
    async with open_house(SERVICE.name) as running:
        yield running


@pytest.fixture
def house_make(house: Running) -> MakeProgramme:
    """`make`, in the whole house."""
    return maker(house.contexts[SERVICE.name])


def maker(context: Context) -> MakeProgramme:
    async def made(slug: str = "havlandet", *, bare: bool = False, **values: Any) -> UUID:
        new = new_id(context.clock.now())
        wanted = {
            "slug": slug,
            "names": {"nb": slug.title(), "en": slug.title()},
            "language": "nb",
            "languages": ["nb", "en"],
            "required_languages": ["nb"],
            "contact": f"post@{slug}.example",
            **values,
        }
        async with context.database.transaction(new) as tx:
            await commands.create(tx, None, inputs.NewProgramme.model_validate(wanted), None)
            if not bare:
                texts = {"names": wanted["names"], "summaries": {"nb": "Vi søker folk."}, "aims": {"nb": "Flere folk."}}
                await commands.change_about(tx, None, inputs.About.model_validate({"version": 1, **texts}))
                await lists.add_municipality(tx, None, place("Ytterhav"))
                await lists.add_municipality(tx, None, place("Storskjær"))
                await lists.add_term(tx, None, Kind.TARGET_GROUP, inputs.NewTerm(code="families"))
                await lists.add_term(tx, None, Kind.WORK_AREA, inputs.NewTerm(names={"nb": "Landbruk"}))
                await lists.add_term(tx, None, Kind.PARTNER, inputs.NewTerm(names={"nb": "Bygdelaget"}))
        return new

    return made


def place(name: str, **values: Any) -> inputs.Municipality:
    """A municipality as somebody types it."""
    wanted = {"name": name, "county": "Troms", "inhabitants": 1200, "counted_on": date(2026, 1, 1), **values}
    return inputs.Municipality.model_validate(wanted)


async def read(context: Context, programme_id: UUID) -> Programme:
    async with context.database.transaction(programme_id) as tx:
        return await records.programme(tx)


async def publish(context: Context, programme_id: UUID) -> Programme:
    now = await read(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        return await commands.publish(tx, None, now.version)


async def make_group(context: Context, programme_id: UUID, **values: Any) -> UUID:
    """A working group for farming, led by the mayor of the first municipality."""
    now = await read(context, programme_id)
    wanted = {
        "names": {"nb": "Landbruk"},
        "activity_id": now.listed(Kind.WORK_AREA)[0].id,
        "leader_name": "Oddvar Flopynt",
        "leader_title": LeaderTitle.MAYOR,
        "leader_municipality_id": now.municipalities[0].id,
        **values,
    }
    async with context.database.transaction(programme_id) as tx:
        return await groups.add_group(tx, None, inputs.Group.model_validate(wanted))


async def facts(context: Context) -> list[dict[str, Any]]:
    """Every fact in the outbox, the oldest first."""
    async with context.database.system() as tx:
        return [row["payload"] for row in await tx.connection.fetch("SELECT payload FROM outbox ORDER BY id")]

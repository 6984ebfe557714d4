"""Somebody of the staff, in a programme that identity knows too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.chassis import CHASSIS
from services.context import Context
from services.database import Database
from services.identity import access, commands, sessions, tokens
from services.identity.principal import Principal
from services.memory_bus import MemoryBus, MemoryServer
from services.routes import Role
from services.settings import Settings
from tests.registrations.worlds import World

PROGRAMME = "havlandet"
DESK = f"/api/v1/programmes/{PROGRAMME}"


@dataclass(frozen=True, slots=True)
class Staff:
    """A program's token of the API, and an open session as a browser keeps it."""

    token: str
    cookie: str
    csrf: str


async def organiser(world: World, address: str) -> Staff:
    """Someone who may do everything there is to do with bookings. `address` is the database's."""
    identity = Database("identity", address, world.keys, world.clock)
    context = Context(CHASSIS, Settings(), world.keys, world.clock, identity, MemoryBus(MemoryServer(world.clock)))
    await identity.open()
    try:
        async with identity.transaction(None) as tx:
            await commands.register_programme(
                tx, world.programme_id, slug=PROGRAMME, name="Havlandet", language="nb", status="published"
            )
            account_id = await commands.create_account(
                tx, email="ola@blest.example", name="Ola", language="nb", password=None
            )
            await commands.grant(tx, None, world.programme_id, account_id, Role.ORGANISER)
            token = await tokens.create(
                tx,
                Principal(kind="account", account_id=account_id),
                world.programme_id,
                name="races",
                roles=[Role.ORGANISER],
                scopes=["registrations:write"],
                services=["registrations"],
                expires_at=tx.moment + timedelta(hours=1),
            )
            cookie = await sessions.begin(tx, account_id, "races")
        principal = await access.session(context, cookie)
        return Staff(token, f"{sessions.cookie_name(secure=False)}={cookie}", principal.csrf)
    finally:
        await identity.close()

"""An organiser's program: a token of the API, with a programme that identity knows too."""

from __future__ import annotations

from datetime import timedelta

from services.database import Database
from services.identity import commands, tokens
from services.identity.principal import Principal
from services.routes import Role
from tests.registrations.worlds import World

PROGRAMME = "havlandet"
DESK = f"/api/v1/programmes/{PROGRAMME}"


async def token_of_staff(world: World, address: str) -> str:
    """A token for an hour. `address` is the database's."""
    identity = Database("identity", address, world.keys, world.clock)
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
            return await tokens.create(
                tx,
                Principal(kind="account", account_id=account_id),
                world.programme_id,
                name="races",
                roles=[Role.ORGANISER],
                scopes=["registrations:write"],
                services=["registrations"],
                expires_at=tx.moment + timedelta(hours=1),
            )
    finally:
        await identity.close()

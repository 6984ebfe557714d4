"""People in office are forgotten a year after their programme was closed."""

from __future__ import annotations

from datetime import timedelta

from programmes import inputs, records
from programmes.commands import groups
from programmes.commands import programme as commands
from programmes.tasks import forget_offices
from services.context import Context
from tests.programmes.conftest import MakeProgramme, make_group, publish, read


async def test_names_go_a_year_after_closing_and_not_before(context: Context, make: MakeProgramme) -> None:
    over, open_ = await make("havlandet"), await make("fjordriket")
    for programme_id in (over, open_):
        group = await make_group(context, programme_id)
        body = (await read(context, programme_id)).municipalities[0].id
        async with context.database.transaction(programme_id) as tx:
            await groups.add_member(tx, None, group, inputs.NewMember(name="Liv", title="Leder", stands_for=body))
    now = await publish(context, over)
    async with context.database.transaction(over) as tx:
        await commands.close(tx, None, now.version)

    async def names() -> dict[str, list[str | None]]:
        found = {}
        for slug, programme_id in (("over", over), ("open", open_)):
            async with context.database.transaction(programme_id) as tx:
                (group,) = await records.groups(tx)
            found[slug] = [group.leader_name, *(member.name for member in group.members)]
        return found

    kept = ["Oddvar Flopynt", "Liv"]
    context.clock.move(timedelta(days=364))  # type: ignore[attr-defined]
    await forget_offices(context)
    assert await names() == {"over": kept, "open": kept}
    context.clock.move(timedelta(days=2))  # type: ignore[attr-defined]
    await forget_offices(context)
    assert await names() == {"over": [None], "open": kept}

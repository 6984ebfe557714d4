"""Programmes made, described, published and closed, against the database."""

from __future__ import annotations

import asyncio

import pytest

from programmes import inputs, records
from programmes.commands import programme as commands
from programmes.facts import ProgrammeStatus
from programmes.service import SERVICE
from services.context import Context
from services.http.problems import Conflict, Invalid
from services.identity import commands as identity
from services.identity.access import find_programme
from services.ids import new_id
from services.routes import Role
from tests.programmes.conftest import MakeProgramme, facts, publish, read


async def test_a_new_programme_is_a_draft_known_to_identity_and_owned(context: Context) -> None:
    new = new_id(context.clock.now())
    wanted = inputs.NewProgramme.model_validate(
        {
            "slug": "havlandet",
            "names": {"nb": "Havlandet"},
            "language": "nb",
            "languages": ["nb", "en"],
            "contact": "post@havlandet.example",
        }
    )
    async with context.database.transaction(None) as tx:
        owner = await identity.create_account(
            tx, email="eli@havlandet.example", name="Eli", language="nb", password=None
        )
    async with context.database.transaction(new) as tx:
        made = await commands.create(tx, None, wanted, owner)
    assert (made.status, made.version) == (ProgrammeStatus.DRAFT, 1)
    assert made.fields == {"nb": "Tilflytting", "en": "Settlement"}
    known = await find_programme(context, "havlandet")
    assert known is not None and (known.id, known.name) == (new, "Havlandet")
    async with context.database.transaction(None) as tx:
        assert await identity.roles_in(tx, new, owner) == {Role.OWNER}


async def test_a_slug_belongs_to_one_programme(context: Context, make: MakeProgramme) -> None:
    await make("havlandet")
    with pytest.raises(Invalid) as refused:
        await make("havlandet")
    assert [one.field for one in refused.value.fields] == ["slug"]


async def test_a_programme_is_named_in_the_language_it_writes_in(context: Context, make: MakeProgramme) -> None:
    with pytest.raises(Invalid) as refused:
        await make(names={"en": "Havlandet"})
    assert [one.field for one in refused.value.fields] == ["names.nb"]


async def test_every_change_is_a_fact_with_the_next_version(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    await publish(context, programme_id)
    told = await facts(context)
    assert [one["version"] for one in told] == list(range(1, len(told) + 1))
    assert told[-1]["status"] == "published"
    assert [one["name"] for one in told[-1]["municipalities"]] == ["Ytterhav", "Storskjær"]


async def test_a_draft_that_lacks_something_is_not_published(context: Context, make: MakeProgramme) -> None:
    programme_id = await make(bare=True)
    with pytest.raises(Conflict) as refused:
        await publish(context, programme_id)
    assert refused.value.code == "incomplete"
    assert (await read(context, programme_id)).status is ProgrammeStatus.DRAFT


async def test_a_programme_is_published_once_and_closed_after_that(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    now = await read(context, programme_id)
    with pytest.raises(Conflict, match="wrong-state"):
        async with context.database.transaction(programme_id) as tx:
            await commands.close(tx, None, now.version)
    now = await publish(context, programme_id)
    with pytest.raises(Conflict, match="wrong-state"):
        await publish(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        closed = await commands.close(tx, None, now.version)
    assert closed.status is ProgrammeStatus.CLOSED


async def test_two_editors_of_one_section_do_not_overwrite_each_other(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    both_read = (await read(context, programme_id)).version

    async def write(aim: str) -> None:
        wanted = inputs.About.model_validate({"version": both_read, "names": {"nb": "Havlandet"}, "aims": {"nb": aim}})
        async with context.database.transaction(programme_id) as tx:
            await commands.change_about(tx, None, wanted)

    await write("Den ene")
    with pytest.raises(Conflict) as refused:
        await write("Den andre")
    assert refused.value.code == "changed-meanwhile"
    assert (await read(context, programme_id)).aims == {"nb": "Den ene"}


async def test_of_many_who_save_at_once_one_wins_and_the_others_are_told(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    all_read = (await read(context, programme_id)).version

    async def write(number: int) -> int:
        aims = {"nb": f"Mål {number}"}
        wanted = inputs.About.model_validate({"version": all_read, "names": {"nb": "Havlandet"}, "aims": aims})
        async with context.database.transaction(programme_id) as tx:
            await commands.change_about(tx, None, wanted)
        return number

    results = await asyncio.gather(*(write(number) for number in range(6)), return_exceptions=True)
    won = [one for one in results if isinstance(one, int)]
    assert len(won) == 1
    assert [one.code for one in results if isinstance(one, Conflict)] == ["changed-meanwhile"] * 5
    now = await read(context, programme_id)
    assert (now.aims, now.version) == ({"nb": f"Mål {won[0]}"}, all_read + 1)


async def test_of_two_who_take_a_slug_at_once_one_gets_it(context: Context, make: MakeProgramme) -> None:
    results = await asyncio.gather(make("havlandet"), make("havlandet"), return_exceptions=True)
    (refused,) = [one for one in results if isinstance(one, BaseException)]
    assert isinstance(refused, Invalid)


async def test_editors_of_different_sections_do_not_get_in_each_others_way(
    context: Context, make: MakeProgramme
) -> None:
    programme_id = await make()
    both_read = await read(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        about = {"version": both_read.version, "names": {"nb": "Havlandet"}, "aims": {"nb": "Nye mål"}}
        await commands.change_about(tx, None, inputs.About.model_validate(about))
    async with context.database.transaction(programme_id) as tx:
        await commands.change_settings(tx, None, settings(both_read.version, goal_inhabitants=5200))
    now = await read(context, programme_id)
    assert (now.aims, now.goal_inhabitants) == ({"nb": "Nye mål"}, 5200)


async def test_a_published_programme_keeps_what_publishing_asked_for(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    now = await publish(context, programme_id)
    with pytest.raises(Conflict) as refused:
        async with context.database.transaction(programme_id) as tx:
            await commands.change_settings(tx, None, settings(now.version, required_languages=["nb", "en"]))
    assert refused.value.code == "incomplete"
    assert (await read(context, programme_id)).required_languages == ("nb",)


async def test_the_first_language_must_have_a_name_already(context: Context, make: MakeProgramme) -> None:
    programme_id = await make(names={"nb": "Havlandet"})
    now = await read(context, programme_id)
    with pytest.raises(Invalid) as refused:
        async with context.database.transaction(programme_id) as tx:
            await commands.change_settings(tx, None, settings(now.version, language="en"))
    assert [one.field for one in refused.value.fields] == ["language"]


async def test_restating_says_what_was_said_last(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    assert SERVICE.restate is not None
    async with context.database.transaction(programme_id) as tx:
        restated = [fact async for fact in SERVICE.restate(tx)]
    assert [fact.model_dump(mode="json") for fact in restated] == (await facts(context))[-1:]


async def test_the_catalogue_stays_in_step_with_programmes(context: Context, make: MakeProgramme) -> None:
    await make("utkastet")
    await publish(context, await make("havlandet"))
    check = SERVICE.checks[0]
    async with context.database.system() as tx:
        assert await check.count(tx) == 0
        await tx.connection.execute("DELETE FROM catalogue_directory")
        assert await check.count(tx) == 1


def settings(version: int, **values: object) -> inputs.ProgrammeSettings:
    wanted = {
        "version": version,
        "language": "nb",
        "languages": ["nb", "en"],
        "required_languages": ["nb"],
        "time_zone": "Europe/Oslo",
        "contact": "post@havlandet.example",
        **values,
    }
    return inputs.ProgrammeSettings.model_validate(wanted)


async def test_all_queries_are_used_by_name(context: Context) -> None:
    """A statement nobody calls is dead: the records module is where all of them are loaded."""
    from pathlib import Path

    package = Path(records.__file__).parent
    text = "".join(path.read_text() for path in package.rglob("*.py"))
    names = [name for name in records.queries.available_queries if not name.endswith("_cursor")]
    assert [name for name in names if f"queries.{name}(" not in text] == []

"""Municipalities and terms: added, renamed, moved, removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from events.facts import EventPublished, EventStatus
from programmes import inputs
from programmes.commands import groups, lists
from programmes.domain import Direction, Kind
from programmes.reactions import show_event
from services.context import Context
from services.facts import Envelope
from services.http.problems import Conflict, Invalid, NotFound
from tests.programmes.conftest import MakeProgramme, make_group, place, publish, read


async def names(context: Context, programme_id: UUID, kind: Kind) -> list[str]:
    return [term.names["nb"] for term in (await read(context, programme_id)).listed(kind)]


async def refused_fields(context: Context, programme_id: UUID, command: Callable[..., Awaitable[object]]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        async with context.database.transaction(programme_id) as tx:
            await command(tx)
    return [one.field for one in refused.value.fields]


async def test_a_standard_term_brings_its_names_and_keeps_its_code(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    async with context.database.transaction(programme_id) as tx:
        new = await lists.add_term(tx, None, Kind.TARGET_GROUP, inputs.NewTerm(code="from_netherlands"))
    now = await read(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        wanted = inputs.TermChange(version=now.version, names={"nb": "Folk fra Nederland"})
        await lists.change_term(tx, None, Kind.TARGET_GROUP, new, wanted)
    term = (await read(context, programme_id)).term(new)
    assert term is not None
    assert (term.code, term.names) == ("from_netherlands", {"nb": "Folk fra Nederland"})


async def test_a_term_is_added_once(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    again = inputs.NewTerm(code="families")
    same = inputs.NewTerm(names={"nb": "BARNEFAMILIER", "en": "Kids"})
    unknown = inputs.NewTerm(code="giants")
    kind = Kind.TARGET_GROUP
    assert await refused_fields(context, programme_id, lambda tx: lists.add_term(tx, None, kind, again)) == ["code"]
    assert await refused_fields(context, programme_id, lambda tx: lists.add_term(tx, None, kind, same)) == ["names.nb"]
    assert await refused_fields(context, programme_id, lambda tx: lists.add_term(tx, None, kind, unknown)) == ["code"]
    english = inputs.NewTerm(names={"en": "Sailors"})
    assert await refused_fields(context, programme_id, lambda tx: lists.add_term(tx, None, kind, english)) == [
        "names.nb"
    ]


async def test_terms_are_moved_and_stay_where_they_are_at_the_end(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    async with context.database.transaction(programme_id) as tx:
        for name in ("Reiseliv", "Skole"):
            last = await lists.add_term(tx, None, Kind.WORK_AREA, inputs.NewTerm(names={"nb": name}))
    for way, expected in (
        (Direction.UP, ["Landbruk", "Skole", "Reiseliv"]),
        (Direction.UP, ["Skole", "Landbruk", "Reiseliv"]),
        (Direction.UP, ["Skole", "Landbruk", "Reiseliv"]),
        (Direction.DOWN, ["Landbruk", "Skole", "Reiseliv"]),
    ):
        now = await read(context, programme_id)
        async with context.database.transaction(programme_id) as tx:
            await lists.move_term(tx, None, Kind.WORK_AREA, last, way, now.version)
        assert await names(context, programme_id, Kind.WORK_AREA) == expected


async def test_a_composed_target_group_names_its_parts(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    families = (await read(context, programme_id)).listed(Kind.TARGET_GROUP)[0].id
    async with context.database.transaction(programme_id) as tx:
        dutch = await lists.add_term(tx, None, Kind.TARGET_GROUP, inputs.NewTerm(code="from_netherlands"))
        whole = inputs.NewTerm(names={"nb": "Barnefamilier fra Nederland"}, parts=(dutch, families))
        both = await lists.add_term(tx, None, Kind.TARGET_GROUP, whole)
    term = (await read(context, programme_id)).term(both)
    assert term is not None and term.parts == (dutch, families)
    now = await read(context, programme_id)
    with pytest.raises(Conflict) as refused:
        async with context.database.transaction(programme_id) as tx:
            await lists.remove_term(tx, None, Kind.TARGET_GROUP, dutch, now.version)
    assert refused.value.code == "in-use"
    wanted = inputs.TermChange(version=now.version, names={"nb": "Nederlendere"}, parts=(families, both))
    assert await refused_fields(
        context, programme_id, lambda tx: lists.change_term(tx, None, Kind.TARGET_GROUP, dutch, wanted)
    ) == ["parts"]


async def test_only_target_groups_are_composed(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    areas = inputs.NewTerm(names={"nb": "Alt"}, parts=(uuid4(), uuid4()))
    assert await refused_fields(context, programme_id, lambda tx: lists.add_term(tx, None, Kind.WORK_AREA, areas)) == [
        "parts"
    ]
    alone = inputs.NewTerm(names={"nb": "Alt"}, parts=(uuid4(),))
    assert await refused_fields(
        context, programme_id, lambda tx: lists.add_term(tx, None, Kind.TARGET_GROUP, alone)
    ) == ["parts"]


async def test_what_a_group_or_a_member_needs_is_not_removed(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    group = await make_group(context, programme_id)
    now = await read(context, programme_id)
    area, partner = now.listed(Kind.WORK_AREA)[0].id, now.listed(Kind.PARTNER)[0].id
    async with context.database.transaction(programme_id) as tx:
        wanted = inputs.NewMember(name="Hilmar Naustholm", title="Leder", stands_for=partner)
        await groups.add_member(tx, None, group, wanted)
    for command in (
        lambda tx: lists.remove_term(tx, None, Kind.WORK_AREA, area, now.version),
        lambda tx: lists.remove_term(tx, None, Kind.PARTNER, partner, now.version),
        lambda tx: lists.remove_municipality(tx, None, now.municipalities[0].id, now.version),
    ):
        with pytest.raises(Conflict) as refused:
            async with context.database.transaction(programme_id) as tx:
                await command(tx)
        assert refused.value.code == "in-use"
    async with context.database.transaction(programme_id) as tx:
        await lists.remove_municipality(tx, None, now.municipalities[1].id, now.version)
    assert [one.name for one in (await read(context, programme_id)).municipalities] == ["Ytterhav"]


async def test_what_an_event_to_come_uses_is_not_removed(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    families = (await read(context, programme_id)).listed(Kind.TARGET_GROUP)[0].id
    await show(context, programme_id, families)
    now = await read(context, programme_id)
    with pytest.raises(Conflict) as refused:
        async with context.database.transaction(programme_id) as tx:
            await lists.remove_term(tx, None, Kind.TARGET_GROUP, families, now.version)
    assert refused.value.values == {"name": "Hjemkomstdag"}


async def test_the_last_of_what_publishing_needs_stays(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    now = await publish(context, programme_id)
    with pytest.raises(Conflict) as refused:
        async with context.database.transaction(programme_id) as tx:
            await lists.remove_term(tx, None, Kind.TARGET_GROUP, now.listed(Kind.TARGET_GROUP)[0].id, now.version)
    assert refused.value.code == "incomplete"


async def test_a_stale_removal_is_refused_and_a_foreign_id_not_found(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    stale = await read(context, programme_id)
    async with context.database.transaction(programme_id) as tx:
        await lists.add_municipality(tx, None, place("Lysfjorden"))
    for which, version, error in (
        (stale.municipalities[0].id, stale.version, Conflict),
        (uuid4(), stale.version + 1, NotFound),
    ):
        with pytest.raises(error):
            async with context.database.transaction(programme_id) as tx:
                await lists.remove_municipality(tx, None, which, version)


async def test_a_municipality_gets_a_slug_that_stays(context: Context, make: MakeProgramme) -> None:
    programme_id = await make()
    async with context.database.transaction(programme_id) as tx:
        new = await lists.add_municipality(tx, None, place("Øvre Åsværet", sami_area=True))
    now = await read(context, programme_id)
    assert now.municipality(new).slug == "ovre-asvaeret"  # type: ignore[union-attr]
    change = inputs.MunicipalityChange(version=now.version, **place("Åsværet").model_dump())
    async with context.database.transaction(programme_id) as tx:
        await lists.change_municipality(tx, None, new, change)
    renamed = (await read(context, programme_id)).municipality(new)
    assert renamed is not None and (renamed.slug, renamed.name, renamed.sami_area) == (
        "ovre-asvaeret",
        "Åsværet",
        False,
    )
    assert await refused_fields(
        context, programme_id, lambda tx: lists.add_municipality(tx, None, place("ytterhav"))
    ) == ["name"]


async def show(context: Context, programme_id: UUID, group: UUID) -> UUID:
    """A published event for a target group, as its fact says."""
    from datetime import timedelta

    moment = context.clock.now()
    event_id = uuid4()
    fact = EventPublished(
        programme_id=programme_id,
        version=2,
        at=moment,
        event_id=event_id,
        slug="hjemkomstdag",
        titles={"nb": "Hjemkomstdag"},
        summaries={},
        status=EventStatus.PUBLISHED,
        starts_at=moment + timedelta(days=3),
        ends_at=moment + timedelta(days=3, hours=5),
        time_zone="Europe/Oslo",
        target_groups=(group,),
    )
    envelope = Envelope(
        message_id=uuid4(), programme_id=programme_id, aggregate=fact.aggregate, version=2, occurred_at=moment
    )
    async with context.database.transaction(programme_id) as tx:
        await show_event(tx, fact, envelope)
    return event_id

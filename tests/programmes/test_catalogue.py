"""The public catalogue: found despite slips, in Norwegian order, filtered, page by page."""

from __future__ import annotations

from uuid import UUID

import pytest

from programmes import catalogue, inputs
from programmes.catalogue import Wanted
from programmes.commands import lists
from programmes.commands import programme as commands
from programmes.domain import Kind
from services.context import Context
from services.http.pagination import Cursor
from services.http.problems import Invalid
from tests.programmes.conftest import MakeProgramme, place, publish, read
from tests.programmes.test_lists import show


async def found(context: Context, **wanted: object) -> list[str]:
    async with context.database.transaction(None) as tx:
        page = await catalogue.search(tx, Wanted.model_validate(wanted))
    return [row["names"]["nb"] for row in page.items]


@pytest.fixture
async def three(context: Context, make: MakeProgramme) -> list[UUID]:
    """Three published programmes and a draft."""
    made = []
    for slug, name in (("oyrekka", "Øyrekka kaller"), ("aasgrenda", "Åsgrenda vil ha deg"), ("havlandet", "Havlandet")):
        made.append(await make(slug, names={"nb": name}))
        await publish(context, made[-1])
    await make("utkastet", names={"nb": "Utkastet"})
    return made


async def test_it_lists_what_is_published_in_norwegian_order(context: Context, three: list[UUID]) -> None:
    assert await found(context) == ["Havlandet", "Øyrekka kaller", "Åsgrenda vil ha deg"]


SLIPS = (
    ("havladet", "Havlandet"),
    ("HAVLANDET", "Havlandet"),
    ("havlannet", "Havlandet"),
    ("oyrekka", "Øyrekka kaller"),
    ("øyreka", "Øyrekka kaller"),
    ("asgrenda", "Åsgrenda vil ha deg"),
    ("aasgrenda", "Åsgrenda vil ha deg"),
)


async def test_a_slip_still_finds_it(context: Context, three: list[UUID]) -> None:
    for slip, name in SLIPS:
        assert (await found(context, q=slip))[:1] == [name], slip


async def test_it_finds_by_place_and_by_group_too(context: Context, three: list[UUID]) -> None:
    async with context.database.transaction(three[2]) as tx:
        await lists.add_municipality(tx, None, place("Lysfjorden", county="Vestland"))
        await lists.add_term(tx, None, Kind.TARGET_GROUP, inputs.NewTerm(code="from_netherlands"))
    assert await found(context, q="lysfjord") == ["Havlandet"]
    assert await found(context, q="nederland") == ["Havlandet"]
    assert await found(context, place="Vestland") == ["Havlandet"]
    assert await found(context, target_group="from_netherlands") == ["Havlandet"]
    assert await found(context, target_group="families", place="Vestland") == ["Havlandet"]


async def test_nothing_like_it_is_found_for_another_word(context: Context, three: list[UUID]) -> None:
    assert await found(context, q="Xylofonquiz") == []
    assert await found(context, target_group="women") == []
    assert await found(context, q="...") == await found(context)


async def test_drafts_are_not_in_the_catalogue_and_closed_ones_come_last(context: Context, three: list[UUID]) -> None:
    now = await read(context, three[2])
    async with context.database.transaction(three[2]) as tx:
        await commands.close(tx, None, now.version)
    assert await found(context) == ["Øyrekka kaller", "Åsgrenda vil ha deg", "Havlandet"]
    assert await found(context, q="utkastet") == []


async def test_pages_follow_each_other_without_gaps_or_repeats(context: Context, three: list[UUID]) -> None:
    seen: list[str] = []
    after = None
    for _ in range(3):
        async with context.database.transaction(None) as tx:
            page = await catalogue.search(tx, Wanted(limit=1, after=after))
        seen += [row["names"]["nb"] for row in page.items]
        after = page.next
    assert seen == ["Havlandet", "Øyrekka kaller", "Åsgrenda vil ha deg"]
    assert after is None


async def test_a_cursor_of_anothers_making_is_refused_or_harmless(context: Context, three: list[UUID]) -> None:
    async with context.database.transaction(None) as tx:
        with pytest.raises(Invalid):
            await catalogue.search(tx, Wanted(after="nonsense"))
        odd = Cursor.at(over="x", nearness=2**60, key=7, id="y").text
        page = await catalogue.search(tx, Wanted(after=odd))
    assert len(page.items) == 3


async def test_filters_say_how_many_programmes_they_leave(context: Context, three: list[UUID]) -> None:
    async with context.database.transaction(three[0]) as tx:
        await lists.add_term(tx, None, Kind.TARGET_GROUP, inputs.NewTerm(code="women"))
        await lists.add_municipality(tx, None, place("Åland", county="Østfold"))
    async with context.database.transaction(None) as tx:
        filters = await catalogue.filters(tx)
    assert [(one.value, one.programmes) for one in filters["target_group"]] == [("women", 1), ("families", 3)]
    assert [(one.value, one.programmes) for one in filters["place"]] == [("Troms", 3), ("Østfold", 1)]


async def test_the_search_uses_its_index(context: Context, three: list[UUID]) -> None:
    """With sequential scans off the planner shows whether it could use the index at all."""
    async with context.database.transaction(None) as tx:
        await tx.connection.execute("SET LOCAL enable_seqscan = off")
        plan = await tx.connection.fetch("EXPLAIN SELECT * FROM catalogue_directory WHERE grams && ARRAY['hav']")
    assert any("catalogue_directory_grams" in row[0] for row in plan)


async def test_events_to_come_are_shown_until_they_end(context: Context, three: list[UUID]) -> None:
    from datetime import timedelta

    from programmes import records

    families = (await read(context, three[0])).listed(Kind.TARGET_GROUP)[0].id
    await show(context, three[0], families)

    async def coming() -> list[str]:
        async with context.database.transaction(None) as tx:
            rows = await records.queries.coming_events(tx.connection, moment=tx.moment, programme_id=None, many=9)
        return [row["slug"] for row in rows]

    assert await coming() == ["hjemkomstdag"]
    context.clock.move(timedelta(days=4))  # type: ignore[attr-defined]
    assert await coming() == []

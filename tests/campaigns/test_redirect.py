"""The redirect, through HTTP and the bus: every click that got its redirect is counted once, and nobody is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from campaigns import commands, redirect
from campaigns.facts import CampaignStatus
from campaigns.inputs import CampaignInput, PlacementInput
from campaigns.journal import Journal
from campaigns.links import LINKS
from campaigns.redirect import RECORDER
from services import sql
from services.clock import MovedClock
from services.ids import new_id
from services.messages import Message
from services.process import Running
from tests.campaigns.desk import hear_of_the_programme

queries = sql.load("campaigns")

PHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile Safari/604.1",
    "Accept-Language": "nl,en;q=0.5",
}


@pytest.fixture
async def placement(house: Running, clock: MovedClock) -> dict[str, Any]:
    """A placement whose link leads to the fair."""
    context = house.contexts["campaigns"]
    programme_id = new_id(clock.now())
    day = clock.now().date()
    await hear_of_the_programme(context, programme_id, clock, "fair")
    async with context.database.transaction(programme_id) as tx:
        campaign = await commands.plan_campaign(
            tx, CampaignInput(names={"nb": "Familier"}, starts_on=day, ends_on=day, budget=1000)
        )
        placement_id, slug = await commands.add_placement(
            tx, campaign, PlacementInput(names={"nb": "Brosjyre"}, channel="brochure", target="/events/fair", cost=300)
        )
    return {"programme": programme_id, "campaign": campaign, "id": placement_id, "slug": slug}


async def clicks(house: Running, placement: dict[str, Any]) -> list[Any]:
    async with house.contexts["campaigns"].database.transaction(placement["programme"]) as tx:
        return list(await queries.last_clicks(tx.connection, placement_id=placement["id"], most=100))


async def follow(client: TestClient[Any, Any], slug: str, **headers: str) -> Any:
    return await client.get(f"/l/{slug}", headers={**PHONE, **headers}, allow_redirects=False)


async def test_it_leads_to_the_landing_page_in_the_visitors_language_with_a_token_and_no_cookie(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    answer = await follow(client, placement["slug"])
    assert answer.status == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == "/nl/events/fair"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    [via] = parse_qs(target.query)["via"]
    click = UUID(house.contexts["registrations"].keys.unsign("via", via))
    await house.drain()
    [kept] = await clicks(house, placement)
    assert (kept["id"], kept["source"], kept["verdict"], kept["device"]) == (click, "link", "human", "phone")


async def test_a_click_belongs_to_the_trace_in_which_it_was_made(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    traces = [f"{number:032x}" for number in range(1, 4)]
    await asyncio.gather(
        *(follow(client, placement["slug"], traceparent=f"00-{trace}-{'a' * 16}-01") for trace in traces)
    )
    stored = house.contexts["campaigns"].bus.server.streams["CAMPAIGNS"].messages  # type: ignore[attr-defined]
    told = [one.message.headers for one in stored if ".clicks." in one.message.subject]
    linked = [one for headers in told for one in headers.get("Blest-Linked", "").split(",") if one]
    assert sorted(one.split("-")[1] for one in [*(headers["traceparent"] for headers in told), *linked]) == traces


async def test_a_scan_is_told_from_a_click(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    await client.get(f"/l/{placement['slug']}?qr", headers=PHONE, allow_redirects=False)
    await house.drain()
    assert [one["source"] for one in await clicks(house, placement)] == ["qr"]


async def test_nothing_is_stored_of_who_clicked(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    await follow(client, placement["slug"], **{"X-Forwarded-For": "203.0.113.7", "Referer": "https://secret.example/"})
    await house.drain()
    [kept] = await clicks(house, placement)
    assert not any(part in str(dict(kept)) for part in ("iPhone", "203.0.113.7", "127.0.0.1", "secret"))


async def test_programs_are_judged_and_kept_apart_and_asking_ahead_counts_nothing(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    assert (await follow(client, placement["slug"], **{"User-Agent": "Googlebot/2.1"})).status == 302
    assert (await client.head(f"/l/{placement['slug']}", headers=PHONE, allow_redirects=False)).status == 302
    prefetch = await follow(client, placement["slug"], **{"Sec-Purpose": "prefetch"})
    assert "via" not in prefetch.headers["Location"]
    await house.drain()
    assert [one["verdict"] for one in await clicks(house, placement)] == ["bot"]


async def test_while_the_bus_is_away_clicks_wait_in_the_journal_and_are_counted_once_when_it_is_back(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    context = house.contexts["campaigns"]
    context.bus.server.away = True  # type: ignore[attr-defined]
    for _ in range(3):
        answer = await follow(client, placement["slug"])
        assert answer.status == 302
        assert "via=" in answer.headers["Location"]
    recorder = context.resource(RECORDER)
    assert recorder.journal.waiting
    assert await recorder.send_journal() == 0
    context.bus.server.away = False  # type: ignore[attr-defined]
    assert await recorder.send_journal() == 3
    assert await recorder.send_journal() == 0
    await house.drain()
    assert len(await clicks(house, placement)) == 3


async def test_a_bus_that_does_not_answer_keeps_no_visitor_waiting(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(messages: object) -> None:
        await asyncio.Event().wait()

    context = house.contexts["campaigns"]
    with monkeypatch.context() as patch:
        patch.setattr(redirect, "PATIENCE", 0.01)
        patch.setattr(context.bus, "publish", never)
        async with asyncio.timeout(5):
            answer = await follow(client, placement["slug"])
    assert "via=" in answer.headers["Location"]
    assert await context.resource(RECORDER).send_journal() == 1
    await house.drain()
    assert len(await clicks(house, placement)) == 1


async def test_while_the_stream_is_not_there_clicks_wait_in_the_journal_too_and_it_is_declared_anew(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    context = house.contexts["campaigns"]
    del context.bus.server.streams["CAMPAIGNS"]  # type: ignore[attr-defined]
    answer = await follow(client, placement["slug"])
    assert answer.status == 302
    assert "via=" in answer.headers["Location"]
    recorder = context.resource(RECORDER)
    assert await recorder.send_journal() == 0
    assert await recorder.send_journal() == 1
    await house.drain()
    assert len(await clicks(house, placement)) == 1


async def test_streams_that_were_lost_are_there_again_as_soon_as_the_bus_is(house: Running) -> None:
    server = house.contexts["campaigns"].bus.server  # type: ignore[attr-defined]
    names = set(server.streams)
    server.away = True
    server.streams.clear()
    server.away = False
    async with asyncio.timeout(5):
        while set(server.streams) != names:
            await asyncio.sleep(0)


async def test_a_journal_left_by_a_dead_process_is_adopted_and_a_torn_line_is_dropped(folder: Path) -> None:
    message = Message("campaigns.clicks.recorded.v1.x", b"{}", "one", {"Message-Id": "one"})
    dead = Journal(folder / "clicks")
    await dead.append([message, message])
    dead._let_go()
    [left] = (folder / "clicks").glob("clicks-*.journal")
    with left.open("ab") as torn:
        torn.write(b'0badc0de {"subject": "cut off')
    [(path, messages)] = await Journal(folder / "clicks").take()
    assert messages == [message, message]
    assert path == left


async def test_a_disk_that_is_full_keeps_no_click_and_still_redirects(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any], folder: Path
) -> None:
    context = house.contexts["campaigns"]
    context.bus.server.away = True  # type: ignore[attr-defined]
    (folder / "clicks").write_text("a file where the folder should be")
    answer = await follow(client, placement["slug"])
    assert answer.status == 302
    assert answer.headers["Location"] == "/nl/events/fair"


async def test_a_mistyped_address_gets_a_page_that_helps(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    slug = placement["slug"]
    await house.contexts["campaigns"].resource(LINKS).load()
    answer = await client.get(f"/l/{slug[:-1]}", headers=PHONE)
    assert answer.status == 404
    assert f"/l/{slug}" in await answer.text()
    assert (await client.get("/l/%F0%9F%92%A9", headers=PHONE)).status == 404


async def test_a_link_made_elsewhere_is_found_though_its_hint_was_lost(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    assert placement["slug"] not in house.contexts["campaigns"].resource(LINKS).slugs
    assert (await follow(client, placement["slug"])).status == 302
    assert placement["slug"] in house.contexts["campaigns"].resource(LINKS).slugs


async def test_a_link_leads_on_after_its_campaign_and_can_be_pointed_elsewhere_without_a_new_slug(
    client: TestClient[Any, Any], house: Running, placement: dict[str, Any]
) -> None:
    await follow(client, placement["slug"])
    context = house.contexts["campaigns"]
    async with context.database.transaction(placement["programme"]) as tx:
        await commands.set_status(tx, placement["campaign"], CampaignStatus.RUNNING)
        await commands.set_status(tx, placement["campaign"], CampaignStatus.FINISHED)
        same = await commands.change_placement(
            tx,
            placement["id"],
            PlacementInput(names={"nb": "Brosjyre"}, channel="brochure", target="/events", language="nb", version=1),
        )
    assert same == placement["slug"]
    await context.resource(LINKS).look_up(same)
    answer = await follow(client, placement["slug"])
    assert answer.headers["Location"].startswith("/nb/events?via=")

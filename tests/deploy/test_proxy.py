"""Caddy with the files of deploy/, before processes that only say who they are: who is asked, what is let through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector, web

from services.registry import installed
from tests.deploy.front import Front
from tests.ports import free_port


@dataclass
class Stub:
    """Stands for one process of a service."""

    service: str
    number: int
    port: int = field(default_factory=free_port)
    ready: bool = True
    asked: int = 0
    runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=10**8)
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    async def answer(self, request: web.Request) -> web.Response:
        if request.path == "/readyz":
            self.asked += 1
            return web.json_response({}, status=200 if self.ready else 503)
        if "X-Break" in request.headers:
            assert request.transport is not None
            request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
            request.transport.close()
        size = len(await request.read())
        told = {"service": self.service, "number": self.number, "size": size, "headers": dict(request.headers)}
        return web.json_response(told, headers={"Server": "stub"})


@dataclass
class Street:
    """Two stubs of each service behind Caddy, and a browser before it."""

    front: Front
    stubs: dict[str, list[Stub]]
    browser: ClientSession
    log: Path

    async def told(self, path: str, **given: Any) -> dict[str, Any]:
        async with self.browser.request(given.pop("method", "GET"), path, **given) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = json.loads(await answer.text())
            return found


@pytest.fixture
async def street(folder: Path) -> AsyncIterator[Street]:
    stubs = {service.name: [Stub(service.name, number) for number in (1, 2)] for service in installed()}
    for pair in stubs.values():
        for one in pair:
            await one.start()
    front = Front(folder)
    await asyncio.to_thread(front.start, stubs)
    async with ClientSession(front.url, connector=TCPConnector(ssl=front.trust)) as browser:
        yield Street(front, stubs, browser, folder / "logs" / "caddy.log")
    await asyncio.to_thread(front.stop)
    for pair in stubs.values():
        for one in pair:
            await one.stop()


async def test_each_address_is_answered_by_its_service_and_both_of_a_pair_are_asked(street: Street) -> None:
    asked = {
        "/": "programmes",
        "/nb/events/messe": "events",
        "/events.ics": "events",
        "/en/register/messe?slot=x": "registrations",
        "/api/v1/events/messe/bookings": "registrations",
        "/api/v1/events/messe": "events",
        "/l/abc": "campaigns",
        "/u/abc": "notifications",
        "/nn/system/notifications": "notifications",
        "/nl/console/havlandet/panels/follow-ups": "registrations",
        "/static/0a/npm/htmx.js": "programmes",
    }
    assert {path: (await street.told(path))["service"] for path in asked} == asked
    assert {(await street.told("/nb/events"))["number"] for _ in range(20)} == {1, 2}


async def test_a_form_reaches_the_other_process_where_one_is_gone(street: Street) -> None:
    await street.stubs["registrations"][0].stop()
    for _ in range(6):
        found = await street.told("/nb/register/messe", method="POST", data={"name": "Anneke"})
        assert (found["service"], found["number"]) == ("registrations", 2)


async def test_a_process_that_says_it_is_not_ready_is_asked_no_more(street: Street) -> None:
    ending = street.stubs["events"][0]
    ending.ready, ending.asked = False, 0
    async with asyncio.timeout(10):
        while ending.asked < 3:
            await asyncio.sleep(0.05)
    assert {(await street.told("/nb/events"))["number"] for _ in range(10)} == {2}


async def test_where_both_are_gone_people_are_told_and_the_others_answer(street: Street) -> None:
    for one in street.stubs["events"]:
        await one.stop()
    async with street.browser.get("/nb/events") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        assert "Server" not in answer.headers and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Deze pagina kan even niet" in await answer.text()
    assert (await street.told("/l/abc"))["service"] == "campaigns"


async def test_figures_stay_inside(street: Street) -> None:
    async with street.browser.get("/metrics") as answer:
        assert answer.status == 404


async def test_a_file_may_be_handed_in_where_one_is_expected_and_nowhere_else(street: Street) -> None:
    size = 5_000_000
    imports = "/nb/console/havlandet/attendees/messe/import"
    assert (await street.told(imports, method="POST", data=BytesIO(b"x" * size)))["size"] == size
    async with street.browser.post("/nb/register/messe", data=BytesIO(b"x" * size)) as answer:
        assert answer.status == 413


async def test_who_asks_is_told_by_caddy_and_believed_from_nobody_else(street: Street) -> None:
    given = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}
    headers = (await street.told("/nb", headers=given))["headers"]
    assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "https")


async def test_what_goes_wrong_is_written_down_without_address_and_link(street: Street) -> None:
    given = {"User-Agent": "known-by-this", "X-Break": "yes"}
    with pytest.raises(ClientError):
        async with street.browser.get("/nb/my-booking/abcdefghij", headers=given) as answer:
            await answer.read()
    async with asyncio.timeout(5):
        while "incomplete response" not in (text := street.log.read_text()):
            await asyncio.sleep(0.05)
    found = [word for word in ("abcdefghij", "known-by-this", '"remote_ip"', '"client_ip"') if word in text]
    assert found == []

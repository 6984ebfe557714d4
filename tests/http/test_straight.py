"""Routes that answer straight: what surrounds every request surrounds them too, and what they leave goes the usual
way."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services import logs
from services.clock import MovedClock
from services.context import Context
from services.http.app import build_app
from services.http.call import Call
from services.http.routing import RoutesClash
from services.routes import PUBLIC, Limit, Role, Route, roles
from services.service import Service
from services.settings import Settings
from tests.http import village


async def usual(call: Call) -> web.StreamResponse:
    return call.html(f"the usual way to {call.path('name')}")


async def straight(context: Context, request: web.Request) -> web.StreamResponse | None:
    name = request.match_info["name"]
    if name == "broken":
        raise KeyError("ada@example.org")
    return web.Response(status=302, headers={"Location": f"/{context.service.name}"}) if name == "known" else None


def house(token_key: Path, clock: MovedClock, *routes: Route) -> web.Application:
    gate, _ = village.contexts(Settings(secrets=token_key), clock)
    leading = Service("events", "leads on", routes=routes)
    return build_app([gate, Context(leading, gate.settings, gate.keys, clock, gate.database, gate.bus)])


@pytest.fixture
async def quay(token_key: Path, clock: MovedClock) -> AsyncIterator[TestClient[Any, Any]]:
    app = house(token_key, clock, Route("GET", "/to/{name}", usual, PUBLIC, straight=straight))
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def lines() -> Any:
    stream = io.StringIO()
    logs.configure("json", to=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.configure("plain")


async def test_it_answers_with_all_that_surrounds_a_request(quay: TestClient[Any, Any], lines: Any) -> None:
    answer = await quay.get("/to/known", headers={"X-Request-ID": "request-1234"}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/events")
    assert answer.headers["X-Request-ID"] == "request-1234"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    [line] = lines()
    assert (line["route"], line["service"], line["request_id"]) == ("/to/{name}", "events", "request-1234")
    figures = await (await quay.get("/metrics")).text()
    labels = 'method="GET",route="/to/{name}",service="events",status="302"'
    assert f"blest_http_request_seconds_count{{{labels}}} 1.0" in figures


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_it_leaves_goes_the_usual_way(quay: TestClient[Any, Any], method: str) -> None:
    answer = await quay.request(method, "/to/unknown")
    assert answer.status == 200
    assert await answer.text() == ("the usual way to unknown" if method == "GET" else "")


async def test_a_head_always_goes_the_usual_way(quay: TestClient[Any, Any]) -> None:
    assert (await quay.head("/to/known", allow_redirects=False)).status == 200


async def test_a_failure_is_an_answer_and_a_line_without_what_people_typed(
    quay: TestClient[Any, Any], lines: Any
) -> None:
    answer = await quay.get("/to/broken", headers={"Accept": "application/json"})
    assert answer.status == 500
    assert answer.headers["X-Request-ID"] in await answer.text()
    error, request = lines()
    assert (error["level"], request["level"], request["status"]) == ("error", "error", 500)
    assert "ada@" not in json.dumps([error, request])


@pytest.mark.parametrize(
    "route",
    [
        Route("POST", "/to/{name}", usual, PUBLIC, straight=straight),
        Route("GET", "/to/{name}", usual, roles(Role.MARKETING), straight=straight),
        Route("GET", "/to/{name}", usual, PUBLIC, straight=straight, limit=Limit(1, 1)),
        Route("GET", "/to/{programme}/{name}", usual, PUBLIC, straight=straight),
    ],
    ids=["unsafe", "for some", "limited", "of a programme"],
)
def test_what_asks_for_more_may_not_go_straight(token_key: Path, clock: MovedClock, route: Route) -> None:
    with pytest.raises(RoutesClash, match="straight"):
        house(token_key, clock, route)

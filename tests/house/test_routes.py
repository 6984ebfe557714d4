"""Every route of every service, walked as guest, as each role, and as a member of another programme.

A route lets in exactly those whom it declares: whoever may not is stopped before the handler, whoever may gets past the
door, whatever the handler then says of the made-up names in the path. No answer is a 5xx.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from services.chassis import CHASSIS
from services.identity.principal import Principal
from services.process import Running
from services.registry import installed
from services.routes import Role, Route
from tests.house.people import found_programme, quick_hashes, sign_in

ROUTES: list[Route] = [route for service in (CHASSIS, *installed()) for route in service.routes]
NOWHERE = {"programme": "havlandet", "lang": "nb", "kind": "svg"}


def address(route: Route) -> str:
    """The route's path with names that nothing has."""
    return re.sub(r"\{(\w+)(?::[^{}]*)?\}", lambda part: NOWHERE.get(part.group(1), str(UUID(int=7))), route.path)


def may(route: Route, roles: frozenset[Role], *, operator: bool, signed_in: bool) -> bool:
    match route.access.kind:
        case "public":
            return True
        case "signed_in":
            return signed_in
        case "operator":
            return operator
        case _:
            return bool(roles & route.access.roles)


async def ask(client: TestClient[Any, Any], route: Route, person: Any) -> int:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json" if route.is_api else "text/html"}
    if person is not None:
        headers["X-CSRF-Token"] = person.csrf
    body: dict[str, Any] = {"json": {}} if route.is_api and route.method not in {"GET", "DELETE"} else {}
    client.session.cookie_jar.clear()
    async with client.request(
        route.method,
        address(route),
        headers=headers,
        cookies=person.cookies if person else {},
        allow_redirects=False,
        **body,
    ) as answer:
        if answer.status == 303 and "/login" in answer.headers.get("Location", ""):
            return 401
        return answer.status


def test_there_is_something_to_walk() -> None:
    kinds = Counter(route.access.kind for route in ROUTES)
    assert len(ROUTES) > 150
    assert kinds["public"] > 10
    assert kinds["roles"] > 80


@pytest.mark.parametrize("who", ["guest", "nobody", "operator", "foreign owner", *(role.value for role in Role)])
async def test_a_route_lets_in_exactly_those_whom_it_declares(
    client: TestClient[Any, Any], house: Running, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    quick_hashes(monkeypatch)
    ours, theirs = await found_programme(house, "havlandet"), await found_programme(house, "fjordriket")
    roles: frozenset[Role] = frozenset()
    match who:
        case "guest":
            person = None
        case "nobody":
            person = await sign_in(house, "nobody", None)
        case "operator":
            person = await sign_in(house, "operator", None, operator=True)
        case "foreign owner":
            person = await sign_in(house, "neighbour", theirs, Role.OWNER)
        case role:
            roles = frozenset({Role(role)})
            person = await sign_in(house, "colleague", ours, *roles)
    wrong = []
    for route in ROUTES:
        if "logout" in route.path or "/sessions" in route.path:
            continue  # ends the session with which the walk goes on; tested in tests/identity
        status = await ask(client, route, person)
        allowed = may(route, roles, operator=who == "operator", signed_in=person is not None)
        stopped = status in {401, 403} or (status == 404 and route.access.kind == "roles" and not roles)
        if route.access.kind == "public":
            # Its handler may want a cookie or a token of its own (a booking's) and say so with 403.
            stopped = False
        # 503: a projection that knows nothing of this programme yet says so, see "opening shortly".
        if (status >= 500 and status != 503) or stopped == allowed:
            wrong.append(f"{route.method} {route.path} as {who}: {status}")
    assert wrong == []


def test_no_roles_are_none() -> None:
    assert Principal().roles_in(UUID(int=1)) == frozenset()

"""The JSON API, over HTTP: the catalogue for everybody, edits for organisers, wrong fields named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient

from programmes.domain import Kind
from services.identity import commands as identity
from services.identity import tokens
from services.identity.principal import Principal
from services.process import Running
from services.routes import Role
from tests.programmes.conftest import MakeProgramme, make_group, publish, read

Api = Callable[..., Awaitable[tuple[int, Any]]]
HERE = "/api/v1/programmes/havlandet"


@pytest.fixture
async def programme(house_make: MakeProgramme) -> UUID:
    return await house_make("havlandet")


@pytest.fixture
async def api(house: Running, client: TestClient[Any, Any]) -> Callable[..., Awaitable[Api]]:
    """`call = await api(programme_id, Role.ORGANISER)`; `await call("GET", path, body)` → status, answer."""

    async def caller(programme_id: UUID | None = None, *roles: Role) -> Api:
        headers: dict[str, str] = {}
        if programme_id is not None:
            headers["Authorization"] = f"Bearer {await _token(house, programme_id, *roles)}"

        async def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            response = await client.request(method, path, json=body, headers=headers)
            return response.status, await response.json()

        return call

    return caller


async def _token(house: Running, programme_id: UUID, *roles: Role) -> str:
    context = house.contexts["identity"]
    async with context.database.transaction(None) as tx:
        account = await identity.create_account(
            tx, email=f"{'-'.join(roles)}@havlandet.example", name="Liv", language="nb", password=None
        )
        await identity.grant(tx, None, programme_id, account, *roles)
        return await tokens.create(
            tx,
            Principal(kind="account", account_id=account),
            programme_id,
            name="prøve",
            roles=roles,
            scopes=["write"],
            expires_at=tx.moment + timedelta(days=1),
        )


async def test_everybody_reads_the_catalogue_page_by_page(
    house: Running, api: Callable[..., Awaitable[Api]], house_make: MakeProgramme
) -> None:
    for slug in ("havlandet", "fjordriket"):
        await publish(house.contexts["programmes"], await house_make(slug))
    await house_make("utkastet")
    call = await api()
    status, first = await call("GET", "/api/v1/programmes?limit=1")
    assert (status, [one["slug"] for one in first["items"]]) == (200, ["fjordriket"])
    _, second = await call("GET", f"/api/v1/programmes?limit=1&after={first['next']}")
    assert ([one["slug"] for one in second["items"]], second["next"]) == (["havlandet"], None)
    _, found = await call("GET", "/api/v1/programmes?q=havladet")
    assert [one["slug"] for one in found["items"]] == ["havlandet"]


async def test_a_wrong_query_is_named(api: Callable[..., Awaitable[Api]]) -> None:
    call = await api()
    for query, field in (("limit=0", "limit"), ("after=x", "after"), ("plaze=y", "plaze"), ("q=" + "a" * 121, "q")):
        status, problem = await call("GET", f"/api/v1/programmes?{query}")
        assert (status, [one["field"] for one in problem["errors"]]) == (422, [field])


async def test_a_programme_is_shown_whole(house: Running, programme: UUID, api: Callable[..., Awaitable[Api]]) -> None:
    call = await api()
    assert (await call("GET", HERE))[0] == 404
    now = await publish(house.contexts["programmes"], programme)
    status, shown = await call("GET", HERE)
    assert (status, shown["version"], shown["status"]) == (200, now.version, "published")
    assert [one["name"] for one in shown["municipalities"]] == ["Ytterhav", "Storskjær"]
    assert shown["inhabitants"] == 2400
    assert [one["code"] for one in shown["target_groups"]] == ["families"]
    assert [len(shown[kind]) for kind in ("work_areas", "partners", "selling_points")] == [1, 1, 0]


async def test_organisers_edit_and_wrong_fields_are_named(
    house: Running, programme: UUID, api: Callable[..., Awaitable[Api]]
) -> None:
    call = await api(programme, Role.ORGANISER)
    _, shown = await call("GET", HERE)
    about = {"version": shown["version"], "names": {"nb": "Havlandet"}, "aims": {"nb": "Flere"}}
    status, changed = await call("PUT", f"{HERE}/about", about)
    assert (status, changed["aims"]) == (200, {"nb": "Flere"})
    status, problem = await call("PUT", f"{HERE}/about", about)
    assert (status, problem["code"]) == (409, "changed-meanwhile")
    status, problem = await call("PUT", f"{HERE}/about", {"version": "x", "names": {"nb": "a" * 161}, "mål": {}})
    assert (status, {one["field"] for one in problem["errors"]}) == (422, {"version", "names.nb", "mål"})
    status, problem = await call("POST", f"{HERE}/lists/target-group", {"names": {"en": "Sailors"}})
    assert (status, [one["field"] for one in problem["errors"]]) == (422, ["names.nb"])
    status, made = await call("POST", f"{HERE}/lists/target-group", {"code": "women"})
    assert status == 201
    _, shown = await call("GET", HERE)
    status, _ = await call("DELETE", f"{HERE}/lists/target-group/{made['id']}?version={shown['version']}")
    assert status == 200
    assert (await call("POST", f"{HERE}/lists/giants", {"code": "women"}))[0] == 404
    assert (await call("DELETE", f"{HERE}/lists/target-group/nonsense?version=1"))[0] == 404


async def test_groups_members_and_tasks(house: Running, programme: UUID, api: Callable[..., Awaitable[Api]]) -> None:
    now = await read(house.contexts["programmes"], programme)
    call = await api(programme, Role.ORGANISER)
    wanted = {
        "names": {"nb": "Jordbruk"},
        "activity_id": str(now.listed(Kind.WORK_AREA)[0].id),
        "leader_title": "mayor",
        "leader_municipality_id": str(now.municipalities[0].id),
    }
    status, made = await call("POST", f"{HERE}/groups", wanted)
    assert status == 201
    group = f"{HERE}/groups/{made['id']}"
    body = {"name": "Liv", "title": "Leder", "stands_for": str(now.municipalities[1].id)}
    _, member = await call("POST", f"{group}/members", body)
    _, task = await call("POST", f"{group}/tasks", {"title": "Brosjyre", "owner_id": member["id"]})
    status, shown = await call("PUT", f"{group}/tasks/{task['id']}/done", {"done": True})
    assert status == 200 and shown["tasks"][0]["done_at"] is not None
    status, shown = await call("PUT", f"{group}/members/{member['id']}", {**body, "version": 1})
    assert status == 409
    _, everything = await call("GET", f"{HERE}/groups")
    assert everything["items"][0]["members"][0]["name"] == "Liv"
    version = everything["items"][0]["version"]
    assert (await call("DELETE", f"{group}?version={version}"))[0] == 200
    assert (await call("GET", f"{HERE}/groups"))[1] == {"items": []}


async def test_readers_read_and_change_nothing(
    house: Running, programme: UUID, api: Callable[..., Awaitable[Api]]
) -> None:
    group = await make_group(house.contexts["programmes"], programme)
    call = await api(programme, Role.READER)
    assert (await call("GET", f"{HERE}/groups"))[0] == 200
    for method, path, body in (
        ("POST", "municipalities", {"name": "A", "county": "B", "inhabitants": 1, "counted_on": "2026-01-01"}),
        ("DELETE", f"groups/{group}?version=1", None),
        ("POST", "publish", {"version": 1}),
    ):
        assert (await call(method, f"{HERE}/{path}", body))[0] == 403, path


async def test_guests_and_neighbours_get_no_further(
    house: Running, programme: UUID, house_make: MakeProgramme, api: Callable[..., Awaitable[Api]]
) -> None:
    await make_group(house.contexts["programmes"], programme)
    guest, neighbour = await api(), await api(await house_make("fjordriket"), Role.OWNER)
    assert (await guest("GET", f"{HERE}/groups"))[0] == 401
    assert (await neighbour("GET", f"{HERE}/groups"))[0] == 404
    wanted = {"slug": "ny", "names": {"nb": "Ny"}, "language": "nb", "languages": ["nb"], "contact": "post@ny.example"}
    assert (await guest("POST", "/api/v1/programmes", wanted))[0] == 401
    assert (await neighbour("POST", "/api/v1/programmes", {**wanted, "slug": "ny-en"}))[0] == 403

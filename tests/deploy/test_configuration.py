"""deploy/ is what the declarations say: each address leads to its own service, within that service's limits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from services import process
from services.chassis import CHASSIS
from services.cli import deployment, proxying
from services.cli.proxying import AddressShared
from services.http.routing import template
from services.pages.languages import LANGUAGES
from services.registry import installed
from tests.house.test_shape import ROOT

DEPLOY = ROOT / "deploy"
CADDY = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
ROUTES = (DEPLOY / "caddy" / "routes.caddy").read_text(encoding="utf-8")


def asked(path: str) -> str:
    """The service that answers, by the table as it stands in the file."""
    table = re.search(r"map \{path\} \{service\} \{\n(.*?)\n\}", ROUTES, re.DOTALL)
    assert table
    for line in table[1].splitlines():
        expression, service = line.split()
        if expression == "default" or re.search(expression.removeprefix("~"), path):
            return service
    raise AssertionError("no default")


def example(path: str, lang: str = "nb") -> str:
    return re.sub(r"\{[^{}]*\}", "x", template(path).replace("{lang}", lang))


def test_the_files_are_what_make_deploy_would_write_now() -> None:
    made = deployment.files()
    old = [name for name, text in made.items() if (DEPLOY / name).read_text(encoding="utf-8") != text]
    assert old == [], "run `make deploy`"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_declared_address_leads_to_its_own_service(lang: str) -> None:
    wrong = [
        (service.name, route.path)
        for service in installed()
        for route in service.routes
        if asked(example(route.path, lang)) != service.name
    ]
    assert wrong == []


def test_the_system_page_of_a_service_is_its_own_and_all_else_of_the_chassis_goes_to_one() -> None:
    first = installed()[0].name
    for service in installed():
        assert asked(f"/nb/system/{service.name}") == service.name
        assert asked(f"/nb/system/{service.name}/dead-letters/4/replay") == service.name
    own = [route.path for route in CHASSIS.routes if "{service}" not in route.path]
    assert {asked(example(path)) for path in [*own, "/", "/static/0a/npm/htmx.js", "/api/openapi.json"]} == {first}


def test_an_address_without_its_language_leads_where_it_would_with_it() -> None:
    assert [asked(path) for path in ("/events", "/register/messe", "/my-booking", "/login")] == [
        "events",
        "registrations",
        "registrations",
        installed()[0].name,
    ]


def test_two_services_cannot_share_an_address() -> None:
    one, other, *_ = installed()
    route = replace(other.routes[0], path=one.routes[0].path)
    with pytest.raises(AddressShared, match=f"{one.name} and {other.name}|{other.name} and {one.name}"):
        proxying.areas([one, replace(other, routes=(route,))])


def test_a_body_may_be_as_large_as_its_route_says_and_no_larger() -> None:
    [large, small] = re.findall(r"request_body @(?:large|small) \{\n\tmax_size (\d+)\n\}", ROUTES)
    [expression] = re.findall(r"@large path_regexp (\S+)", ROUTES)
    for service in (CHASSIS, *installed()):
        for route in service.routes:
            allowed = int(large if re.search(expression, example(route.path)) else small)
            assert route.largest_body < allowed, route.path
    assert int(small) < 512 * 1024


def test_the_proxy_waits_longer_than_any_route_may_take() -> None:
    for service in installed():
        blocks = re.findall(rf"handle @(\w*{service.name}) \{{\n\timport processes (\d+)s ", ROUTES)
        seconds = {name: int(value) for name, value in blocks}
        slow = re.search(rf"@slow_{service.name} path_regexp (\S+)", ROUTES)
        for route in service.routes:
            is_slow = slow is not None and re.search(slow[1], example(route.path)) is not None
            assert route.timeout < seconds[f"slow_{service.name}" if is_slow else service.name], route.path


def test_each_setting_of_nats_has_its_reason() -> None:
    for name in ("nats.conf", "accounts.conf"):
        lines = (DEPLOY / "nats" / name).read_text(encoding="utf-8").splitlines()
        settings = [line for line in lines if re.search(r'^\s+".*"|^\w+: ', line)]
        assert settings
        assert [line for line in settings if "#" not in line] == []


def test_a_process_lingers_until_the_proxy_has_asked_often_enough_to_know() -> None:
    [interval] = re.findall(r"health_interval (\d+)s", CADDY)
    [fails] = re.findall(r"health_fails (\d+)", CADDY)
    [linger] = re.findall(r'BLEST_LINGER: "(\d+)"', (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert int(interval) * int(fails) < int(linger) < process.ANSWER_WITHIN - 3

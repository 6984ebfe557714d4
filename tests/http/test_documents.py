"""What programs are told they can ask and hear is well formed, whole, and true."""

from __future__ import annotations

import asyncio
import json

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from yarl import URL

from services import asyncapi, openapi
from services.chassis import CHASSIS
from services.facts import Fact
from services.http import headers, routing
from services.pages.assets import node_modules
from services.registry import installed
from services.schemas import readable
from services.service import Service
from tests.http.village import VILLAGE_SERVICE

EVERYTHING = (CHASSIS, *installed())


def references(value):
    if isinstance(value, dict):
        yield from (inner for key, inner in value.items() if key == "$ref" and isinstance(inner, str))
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolved(document, reference):
    place = document
    for part in reference.removeprefix("#/").split("/"):
        place = place[part]
    return place


# OpenAPI --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("services", [EVERYTHING, (VILLAGE_SERVICE,)], ids=["all", "village"])
def test_the_openapi_document_is_one(services):
    document = openapi.document(services, url="https://blest.example")
    OpenAPIV31SpecValidator(document).validate()
    for reference in references(document):
        resolved(document, reference)


def test_every_route_of_the_api_is_in_it():
    document = openapi.document(EVERYTHING, url="https://blest.example")
    declared = {
        (routing.template(route.path), route.method.lower())
        for service in EVERYTHING
        for route in service.routes
        if route.is_api
    }
    assert declared == {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert declared, "there is something to be in it"


def test_every_operation_says_what_it_is_for_and_who_may():
    document = openapi.document(EVERYTHING, url="https://blest.example")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["security"], (method, path)
            assert any(status.startswith("2") for status in operation["responses"]), (method, path)


def test_operations_have_ids_of_their_own():
    document = openapi.document(EVERYTHING, url="https://blest.example")
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


@pytest.fixture
def village():
    return openapi.document((VILLAGE_SERVICE,), url="https://blest.example")


def test_an_operation_names_its_roles_its_scope_and_its_problems(village):
    operation = village["paths"]["/api/v1/programmes/{programme}/houses"]["post"]
    assert operation["x-roles"] == ["organiser", "owner"]
    assert operation["security"] == [{"token": ["events:write"]}]
    assert {"201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"} == set(
        operation["responses"]
    )
    assert [one["name"] for one in operation["parameters"]] == ["programme", "Idempotency-Key"]
    assert village["paths"]["/api/v1/houses"]["get"]["security"] == [{}, {"token": []}]


def test_a_query_is_parameters_with_their_limits(village):
    parameters = {one["name"]: one for one in village["paths"]["/api/v1/houses"]["get"]["parameters"]}
    assert set(parameters) == {"after", "limit", "colour", "rooms"}
    assert parameters["limit"]["schema"] == {"default": 50, "maximum": 200, "minimum": 1, "type": "integer"}
    assert parameters["rooms"] == {
        "name": "rooms",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1},
        "description": "How many rooms at least",
    }
    assert parameters["colour"]["schema"]["type"] == "array"
    assert "Filter" not in village["components"]["schemas"]


def test_a_body_refuses_what_it_does_not_know_and_brings_its_examples(village):
    schema = village["components"]["schemas"]["BuildHouse"]
    assert schema["additionalProperties"] is False
    assert village["components"]["schemas"]["Owner"]["additionalProperties"] is False
    assert schema["properties"]["name"]["examples"] == ["Fyret"]
    assert "additionalProperties" not in village["components"]["schemas"]["House"]


def test_models_of_one_name_are_told_apart_by_their_service():
    names = readable(
        {
            "House": {},
            "events__api__Made": {},
            "services__identity__api__Made": {},
            "services__http__pagination__Page_Made___1": {
                "properties": {"items": {"items": {"$ref": "#/components/schemas/events__api__Made"}}}
            },
            "events__api__Same": {},
            "events__pages__Same": {},
        }
    )
    assert names == {
        "House": "House",
        "events__api__Made": "events.Made",
        "services__identity__api__Made": "identity.Made",
        "services__http__pagination__Page_Made___1": "events.Page_Made",
        "events__api__Same": "events__api__Same",
        "events__pages__Same": "events__pages__Same",
    }


def test_every_problem_has_an_example_that_fits_its_schema(village):
    for response in village["components"]["responses"].values():
        example = response["content"]["application/problem+json"]["example"]
        jsonschema.validate(example, village["components"]["schemas"]["Problem"])


async def test_a_real_problem_fits_the_schema(browser):
    document = await (await browser.get("/api/openapi.json")).json()
    response = await browser.post("/api/v1/houses", json={})
    jsonschema.validate(await response.json(), document["components"]["schemas"]["Problem"])


# AsyncAPI -------------------------------------------------------------------------------------------------------------


def test_the_asyncapi_document_is_one():
    document = asyncapi.document(EVERYTHING)
    specification = node_modules() / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"
    jsonschema.Draft7Validator(json.loads(specification.read_text())).validate(document)
    for reference in references(document):
        resolved(document, reference.replace("~1", "/"))


def test_every_fact_is_in_it_and_everyone_who_reacts():
    document = asyncapi.document(EVERYTHING)
    facts = {fact for service in EVERYTHING for fact in service.facts}
    assert facts
    assert {fact.pattern().removesuffix(".*") for fact in facts} <= set(document["channels"])
    heard = {key for key, one in document["operations"].items() if one["action"] == "receive"}
    assert heard == {
        f"{service.name}-{reaction.name}.{fact.__name__}"
        for service in EVERYTHING
        for reaction in service.reactions
        for fact in reaction.facts
    }


def test_facts_have_names_of_their_own():
    facts: list[type[Fact]] = [fact for service in EVERYTHING for fact in service.facts]
    assert len({fact.__name__ for fact in facts}) == len(facts)


def test_a_channels_address_ends_in_its_aggregates_id():
    document = asyncapi.document((VILLAGE_SERVICE,))
    channel = document["channels"]["events.house.built.v1"]
    assert channel["address"] == "events.house.built.v1.{house_id}"
    assert list(channel["parameters"]) == ["house_id"]


# As they are served ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/asyncapi.json"])
async def test_the_documents_are_of_all_installed_services(browser, path):
    response = await browser.get(path)
    assert response.status == 200
    assert response.content_type == "application/json"
    assert response.headers["ETag"]
    text = await response.text()
    assert "campaigns" in text and "House" in text


async def test_however_many_ask_at_once_the_documents_are_made_once_and_known_by_their_tag(browser, monkeypatch):
    made = []
    whole = openapi.document
    monkeypatch.setattr(openapi, "document", lambda *given, **more: made.append(1) or whole(*given, **more))
    answers = await asyncio.gather(*(browser.get("/api/openapi.json") for _ in range(8)))
    (tag,) = {one.headers["ETag"] for one in answers}
    assert len(made) == 1
    again = await browser.get("/api/openapi.json", headers={"If-None-Match": tag})
    assert again.status == 304 and len(made) == 1


async def test_the_page_needs_no_script_and_names_every_operation(browser):
    response = await browser.get("/api/docs")
    assert response.status == 200
    assert response.headers["Content-Security-Policy"] == headers.PAGE_POLICY
    text = await response.text()
    document = await (await browser.get("/api/openapi.json")).json()
    for path, methods in document["paths"].items():
        assert f"<code>{path}</code>" in text
        assert all(one["operationId"] in text for one in methods.values())
    assert 'id="not-found"' in text
    assert "events.house.built.v1.{house_id}" in text


# The small files ------------------------------------------------------------------------------------------------------


async def test_whom_to_tell_of_a_weakness(browser, clock):
    text = await (await browser.get("/.well-known/security.txt")).text()
    lines = dict(line.split(": ", 1) for line in text.splitlines())
    assert lines["Contact"] == "mailto:post@blest.example"
    assert lines["Expires"] == "2026-10-10T07:00:00Z"
    assert lines["Canonical"].endswith("/.well-known/security.txt")


async def test_search_engines_are_kept_from_the_console_and_the_api(browser):
    text = await (await browser.get("/robots.txt")).text()
    assert "Disallow: /api/" in text and "Disallow: /*/console" in text


async def test_the_sign_in_the_tab_is_found_without_a_page(browser):
    response = await browser.get("/favicon.ico")
    assert response.status == 200
    assert response.content_type == "image/svg+xml"


@pytest.mark.parametrize(
    ("report", "directives"),
    [
        (
            {"csp-report": {"effective-directive": "script-src-elem", "document-uri": "https://x/secret"}},
            ["script-src-elem"],
        ),
        ([{"type": "csp-violation", "body": {"effectiveDirective": "img-src"}}], ["img-src"]),
        ([{"body": {"effectiveDirective": "img-src"}}] * 50, ["img-src"] * 20),
        ({"csp-report": {"effective-directive": "invented-by-a-stranger"}}, []),
        ({"csp-report": "x"}, []),
        ([1, None, "x", {}], []),
        ("x", []),
    ],
)
def test_a_browsers_complaint_is_counted_by_directive(report, directives):
    from services.http.wellknown import _directives

    assert list(_directives(json.dumps(report).encode())) == directives


async def test_a_complaint_is_taken_without_origin_and_without_belief(browser):
    for body in (b"", b"{", b"\xff", b"[" * 10_000, b'{"csp-report": {"effective-directive": "font-src"}}'):
        response = await browser.post("/csp-reports", data=body, headers={"Content-Type": "application/csp-report"})
        assert response.status == 204
    assert 'blest_csp_reports_total{directive="font-src"} 1.0' in await (await browser.get("/metrics")).text()


async def test_a_flood_of_complaints_is_held_back(browser):
    answers = [(await browser.post("/csp-reports", data=b"{}")).status for _ in range(61)]
    assert answers[-1] == 429


def test_no_two_services_declare_the_same_address(token_key, clock):
    """Mounting all of them raises where two do."""
    from aiohttp import web

    from services.http.dispatch import Handling
    from services.http.routing import mount

    handlings = [Handling(_in(service), route, None) for service in EVERYTHING for route in service.routes]
    mount(web.Application(), handlings)


def _in(service: Service):
    from types import SimpleNamespace

    return SimpleNamespace(service=service)


def test_addresses_in_the_documents_are_absolute():
    document = openapi.document((VILLAGE_SERVICE,), url="https://blest.example")
    assert URL(document["servers"][0]["url"]).is_absolute()

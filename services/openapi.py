"""The OpenAPI 3.1 document: every route below /api/ of every installed service, read from its declaration.

    document([CHASSIS, *installed()], url="https://blest.example")

Models become schemas as pydantic writes them; what the chassis does to every route (problems, limits, idempotency keys,
entity tags) is said once and referred to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc

from services.http import guard, idempotency, problems, routing
from services.pages.languages import LANGUAGES
from services.routes import Route
from services.schemas import Json, Schemas, first_words
from services.service import Service

PROBLEM = {"$ref": "#/components/schemas/Problem"}
PAGE = "/api/docs"
"""Where the documents are shown to people; problem types lead there."""
DESCRIPTION = """
What people do on the pages, programs do here.

- **Who asks**: send `Authorization: Bearer <token>`. A token is made in the console. It belongs to one programme, has
  roles, and scopes such as `events:read` or `write`. Write includes read.
- **Bodies** are JSON in UTF-8. Fields that are not known are refused.
- **Problems** are told as RFC 9457 has it: `code` is for programs, `title` and `detail` for people, in the language of
  `Accept-Language`; `errors` names every wrong field at once.
- **Trying again**: send an `Idempotency-Key` with a POST, PUT, PATCH or DELETE, and the same call has one effect, its
  answer kept for a day.
- **Lists** come in pages: ask again with `after` set to `next` until there is none.
- **Not asking twice**: GET answers carry an `ETag`; with `If-None-Match` the same content is a 304.
"""

_TEXT: Json = {"type": "string"}


@dataclass(frozen=True, slots=True)
class Declared:
    """A route and the service that declares it."""

    service: str
    route: Route


def release() -> str:
    """The installed version of Blest; `0` where it runs from an unpacked tree."""
    try:
        return version("blest")
    except PackageNotFoundError:
        return "0"


def document(services: Sequence[Service], *, url: str) -> Json:
    """The whole document. Raises ValueError where two operations would have the same id."""
    declared = [Declared(service.name, route) for service in services for route in service.routes if route.is_api]
    routes = [one.route for one in declared]
    schemas = Schemas(
        bodies=[route.body for route in routes if route.body is not None],
        queries=[route.query for route in routes if route.query is not None],
        answers=[route.answers for route in routes if route.answers is not None],
    )
    ids = _operation_ids(declared)
    paths: dict[str, Json] = {}
    for one in sorted(declared, key=lambda one: (routing.template(one.route.path), one.route.method)):
        operation = _operation(one, schemas, ids[id(one)])
        paths.setdefault(routing.template(one.route.path), {})[one.route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Blest",
            "version": release(),
            "summary": "Programmes that recruit inhabitants, their events, and who comes to them.",
            "description": cleandoc(DESCRIPTION),
        },
        "servers": [{"url": url}],
        "tags": _tags(services, declared),
        "paths": paths,
        "components": {
            "schemas": {"Problem": _problem_schema(), **schemas.all},
            "responses": {name: _problem_response(*said) for name, said in PROBLEMS.items()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token of a programme. Its scopes are named with each operation.",
                }
            },
        },
    }


# Operations -----------------------------------------------------------------------------------------------------------


def _operation(one: Declared, schemas: Schemas, operation_id: str) -> Json:
    route = one.route
    found: Json = {"operationId": operation_id, "tags": [one.service], "summary": route.summary or _spoken(route)}
    description = _description(route)
    if description:
        found["description"] = description
    parameters = list(_parameters(route, schemas))
    if parameters:
        found["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": schemas.of(route.body, "validation")}}
        found["requestBody"] = {"required": True, "content": content}
    found["responses"] = {str(route.status): _answer(route, schemas), **dict(_refusals(route))}
    if route.access.kind == "public":
        found["security"] = [{}, {"token": []}]
    else:
        scope = "read" if route.method in guard.SAFE else "write"
        found["security"] = [{"token": [f"{one.service}:{scope}"]}]
    if route.access.roles:
        found["x-roles"] = sorted(role.value for role in route.access.roles)
    return found


def _answer(route: Route, schemas: Schemas) -> Json:
    answer: Json = {"description": first_words(route.answers) if route.answers is not None else "Done"}
    if route.answers is not None:
        answer["content"] = {"application/json": {"schema": schemas.of(route.answers, "serialization")}}
    if route.method == "GET":
        answer["headers"] = {"ETag": {"schema": _TEXT, "description": "For If-None-Match"}}
    if route.status == 201:
        answer["headers"] = {"Location": {"schema": _TEXT, "description": "Where the new thing is, if it has a place"}}
    return answer


def _refusals(route: Route) -> Iterator[tuple[str, Json]]:
    # 401 and 403 on public ones too: a token that is sent must be a good one.
    wanted = {"400", "401", "403", "429", "500", "503"}
    if "{" in route.path:
        wanted.add("404")
    if route.query is not None or route.body is not None:
        wanted.add("422")
    if route.body is not None:
        wanted |= {"413", "415"}
    if route.method not in guard.SAFE:
        wanted |= {"409", "422"}
    if route.method == "GET":
        yield "304", {"description": "The content is the one that you have."}
    yield from ((status, {"$ref": f"#/components/responses/{status}"}) for status in sorted(wanted))


def _parameters(route: Route, schemas: Schemas) -> Iterator[Json]:
    for name in routing.names(route.path):
        yield {"name": name, "in": "path", "required": True, **_path_part(name)}
    if route.query is not None:
        yield from schemas.parameters(route.query)
    if route.method not in guard.SAFE:
        yield {
            "name": idempotency.HEADER,
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]+$"},
            "description": "Makes trying again safe: a new one for each call, the same one for each try.",
        }


def _path_part(name: str) -> Json:
    match name:
        case "programme":
            return {
                "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"},
                "description": "The programme's slug",
            }
        case "lang":
            return {"schema": {"type": "string", "enum": list(LANGUAGES)}, "description": "The language"}
        case "id":
            return {"schema": _TEXT, "description": "The id, a UUID"}
        case _ if name.endswith("_id"):
            return {
                "schema": _TEXT,
                "description": f"The id of the {name.removesuffix('_id').replace('_', ' ')}, a UUID",
            }
    return {"schema": _TEXT}


def _description(route: Route) -> str:
    """The handler's docstring; functions alone have one worth showing."""
    doc = getattr(route.handler, "__doc__", None)
    return cleandoc(doc) if doc and hasattr(route.handler, "__name__") else ""


def _spoken(route: Route) -> str:
    return getattr(route.handler, "__name__", route.method).replace("_", " ").capitalize()


def _operation_ids(declared: Sequence[Declared]) -> dict[int, str]:
    """`events.schedule`: service and handler; with the method where one handler serves several, and the path where that
    does not tell them apart either."""
    steps = (_by_handler, _by_handler_and_method, _by_path)
    found: dict[int, str] = {}
    for step in steps:
        left = [one for one in declared if id(one) not in found]
        many = Counter(step(one) for one in left)
        found.update({id(one): step(one) for one in left if many[step(one)] == 1})
    if len(found) != len(declared):
        raise ValueError("two operations have the same id")
    return found


def _by_handler(one: Declared) -> str:
    return f"{one.service}.{getattr(one.route.handler, '__name__', 'call')}"


def _by_handler_and_method(one: Declared) -> str:
    return f"{_by_handler(one)}.{one.route.method.lower()}"


def _by_path(one: Declared) -> str:
    path = re.sub(r"[^A-Za-z0-9]+", "_", routing.template(one.route.path)).strip("_")
    return f"{one.service}.{one.route.method.lower()}.{path}"


def _tags(services: Sequence[Service], declared: Sequence[Declared]) -> list[Json]:
    used = {one.service for one in declared}
    return [{"name": service.name, "description": service.purpose} for service in services if service.name in used]


# Problems -------------------------------------------------------------------------------------------------------------

PROBLEMS: dict[str, tuple[str, str]] = {
    "400": ("bad-request", "The request cannot be read."),
    "401": ("not-logged-in", "Nobody, or nobody we know, is asking."),
    "403": ("forbidden", "Who is asking may not do this: the role or the token's scopes do not reach."),
    "404": ("not-found", "There is no such thing, or not for whoever is asking."),
    "409": ("conflict", "The thing's state does not allow it now, or an Idempotency-Key was used for something else."),
    "413": ("too-large", "More bytes than this operation takes."),
    "415": ("not-json", "The body is no JSON."),
    "422": ("invalid", "One or more fields are missing or wrong; `errors` names them all."),
    "429": ("too-many-requests", "Too many calls; `Retry-After` says when there is a place."),
    "500": ("error", "An error of ours; tell us the number in `instance`."),
    "503": ("unavailable", "We cannot answer just now; `Retry-After` says when to try again."),
}
"""Status → an example's code, and what it means."""


def _problem_response(code: str, meaning: str) -> Json:
    status = next(int(status) for status, (one, _) in PROBLEMS.items() if one == code)
    example: Json = {
        "type": f"/api/docs#{code}",
        "title": meaning.split(";")[0].rstrip("."),
        "status": status,
        "code": code,
        "instance": "urn:request:5961b3b71f8a7515be784c2b",
    }
    if status == 422:
        wrong = problems.FieldError("household.0.age", "Write a whole number, such as 12.", "int_parsing")
        example["errors"] = [
            {"field": wrong.field, "pointer": wrong.pointer, "code": wrong.code, "detail": wrong.sentence}
        ]
    found: Json = {
        "description": meaning,
        "content": {problems.MEDIA_TYPE: {"schema": PROBLEM, "example": example}},
    }
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return found


def _problem_schema() -> Json:
    return {
        "title": "Problem",
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {**_TEXT, "description": "In the reader's language"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": {**_TEXT, "description": "For programs; it does not change"},
            "detail": {**_TEXT, "description": "What to do, in the reader's language"},
            "instance": {"type": "string", "format": "uri-reference", "description": "The number of the request"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "pointer", "code", "detail"],
                    "properties": {
                        "field": {**_TEXT, "description": "Its path with dots"},
                        "pointer": {**_TEXT, "description": "Its JSON pointer"},
                        "code": _TEXT,
                        "detail": _TEXT,
                    },
                },
            },
        },
    }

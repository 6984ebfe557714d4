"""What programs and their authors read of us: `/api/openapi.json`, `/api/asyncapi.json`, both as a page at `/api/docs`.

The documents are of all installed services, whichever of them run in this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic_core import to_json

from services import asyncapi, openapi
from services.http import etags, problems
from services.http.call import Call
from services.routes import PUBLIC, Route
from services.schemas import PLACE, Json
from services.service import Service

OPENAPI = "/api/openapi.json"
ASYNCAPI = "/api/asyncapi.json"


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a table: a parameter, a field of a body or of an answer."""

    name: str
    kind: str
    required: bool
    says: str


class Documents:
    """Made when first asked for, in a thread, since it takes a moment; declarations do not change after that."""

    def __init__(self, services: Sequence[Service], *, url: str) -> None:
        self._services = services
        self._url = url
        self._making: asyncio.Future[Made] | None = None

    async def made(self) -> Made:
        """Both documents, and what their page shows. Whoever asks while they are made waits for the same ones."""
        if self._making is None or (self._making.done() and self._making.exception() is not None):
            self._making = asyncio.ensure_future(asyncio.to_thread(self._make))
        return await asyncio.shield(self._making)

    def _make(self) -> Made:
        reading = Reading(openapi.document(self._services, url=self._url), asyncapi.document(self._services))
        as_json = {OPENAPI: to_json(reading.openapi), ASYNCAPI: to_json(reading.asyncapi)}
        return Made(as_json, {path: etags.of(text) for path, text in as_json.items()}, reading.page())

    async def show(self, call: Call) -> web.StreamResponse:
        """One of the two documents."""
        made, path = await self.made(), call.route.path
        headers = {"ETag": made.tags[path]}
        return web.Response(body=made.as_json[path], content_type="application/json", headers=headers)

    async def read(self, call: Call) -> web.StreamResponse:
        """Both as a page, without scripts."""
        made = await self.made()
        return call.page("chassis/api.html", **made.page)

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", OPENAPI, self.show, PUBLIC, "This document"),
            Route("GET", ASYNCAPI, self.show, PUBLIC, "What services tell each other, as AsyncAPI has it"),
            Route("GET", openapi.PAGE, self.read, PUBLIC, "Both as a page"),
        )


@dataclass(frozen=True, slots=True)
class Made:
    """The documents as they are sent, and the values of their page."""

    as_json: dict[str, bytes]
    tags: dict[str, str]
    page: dict[str, Any]


class Reading:
    """Takes the documents apart for people."""

    def __init__(self, openapi_document: Json, asyncapi_document: Json) -> None:
        self.openapi = openapi_document
        self.asyncapi = asyncapi_document

    def page(self) -> dict[str, Any]:
        """The values of `chassis/api.html`."""
        return {
            "about": self.openapi["info"]["description"],
            "facts_about": self.asyncapi["info"]["description"],
            "services": [(tag, list(self._operations(tag["name"]))) for tag in self.openapi["tags"]],
            "problems": [(status, code, meaning) for status, (code, meaning) in openapi.PROBLEMS.items()],
            "facts": list(self._facts()),
            "media_type": problems.MEDIA_TYPE,
        }

    def _operations(self, service: str) -> Iterator[Json]:
        paths: dict[str, Json] = self.openapi["paths"]
        for path, methods in paths.items():
            for method, operation in methods.items():
                if service in operation["tags"]:
                    yield {
                        "method": method.upper(),
                        "path": path,
                        "id": operation["operationId"],
                        "summary": operation["summary"],
                        "description": operation.get("description", ""),
                        "roles": operation.get("x-roles", []),
                        "scope": next((one["token"][0] for one in operation["security"] if one.get("token")), ""),
                        "parameters": [self._parameter(one) for one in operation.get("parameters", [])],
                        "body": list(self._fields(_schema(operation.get("requestBody")))),
                        "answers": list(self._answers(operation["responses"])),
                        "answer": list(self._fields(_schema(_success(operation["responses"])))),
                    }

    def _parameter(self, parameter: Json) -> Field:
        says = parameter.get("description", "")
        return Field(parameter["name"], self._kind(parameter["schema"]), parameter.get("required", False), says)

    def _answers(self, responses: Json) -> Iterator[tuple[str, str]]:
        for status, response in responses.items():
            if "$ref" not in response:
                yield status, response["description"]

    def _fields(self, schema: Json | None, before: str = "", depth: int = 0) -> Iterator[Field]:
        """The fields of an object, those of objects inside it two levels deep."""
        found = self._resolved(schema or {})
        properties: dict[str, Json] = found.get("properties", {})
        for name, field in properties.items():
            says = field.get("description", "")
            yield Field(before + name, self._kind(field), name in found.get("required", []), says)
            inner = self._resolved(field)
            if "properties" in inner and depth < 2:
                yield from self._fields(inner, f"{before}{name}.", depth + 1)
            elif "items" in inner and depth < 2:
                yield from self._fields(inner.get("items"), f"{before}{name}[].", depth + 1)

    def _resolved(self, schema: Json) -> Json:
        if "$ref" in schema:
            found: Json = self.openapi["components"]["schemas"][schema["$ref"].removeprefix(PLACE)]
            return found
        choices: list[Json] = schema.get("anyOf") or schema.get("allOf") or []
        known = [one for one in choices if one != {"type": "null"}]
        return self._resolved(known[0]) if len(known) == 1 else schema

    def _kind(self, schema: Json) -> str:
        """A schema in a few words: `text, 2 to 80 characters`, `list of House`."""
        if "anyOf" in schema:
            kinds = list(dict.fromkeys(self._kind(one) for one in schema["anyOf"]))
            return " or ".join(kinds)
        found = self._resolved(schema)
        if "enum" in found:
            return " | ".join(str(one) for one in found["enum"])
        if "const" in found:
            return str(found["const"])
        if found.get("type") == "array":
            return f"list of {self._kind(found.get('items', {}))}"
        if found.get("type") == "object":
            inside = found.get("additionalProperties") or next(iter(found.get("patternProperties", {}).values()), None)
            named = found.get("title") or "object"
            return f"object of {self._kind(inside)}" if isinstance(inside, dict) else str(named)
        return str(found.get("format") or found.get("type") or "anything")

    def _facts(self) -> Iterator[Json]:
        for name, channel in self.asyncapi["channels"].items():
            message = next(iter(channel["messages"]))
            operations = self.asyncapi["operations"]
            readers = [key.rpartition(".")[0] for key, one in operations.items() if _receives(one, name)]
            summary = self.asyncapi["components"]["messages"][message]["summary"]
            yield {"subject": channel["address"], "name": message, "summary": summary, "readers": readers}


def _receives(operation: Json, channel: str) -> bool:
    return bool(operation["action"] == "receive" and operation["channel"]["$ref"] == f"#/channels/{channel}")


def _success(responses: Json) -> Json | None:
    return next((one for status, one in responses.items() if status.startswith("2")), None)


def _schema(holder: Json | None) -> Json | None:
    content: Json = (holder or {}).get("content", {})
    found: Json | None = content.get("application/json", {}).get("schema")
    return found

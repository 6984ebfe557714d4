"""Models as JSON schemas, each under a readable name of its own: for the OpenAPI and AsyncAPI documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

Json = dict[str, Any]
PLACE = "#/components/schemas/"
LIST = "Page_"
"""How pydantic begins the name of `Page[Event]`."""


class Schemas:
    """The schemas of all models that a document speaks of. `all` holds them by name, query models left out."""

    def __init__(
        self,
        *,
        bodies: Iterable[type[BaseModel]] = (),
        queries: Iterable[type[BaseModel]] = (),
        answers: Iterable[type[BaseModel]] = (),
    ) -> None:
        read, asked = list(dict.fromkeys(bodies)), list(dict.fromkeys(queries))
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
        wanted.update({(model, "validation"): None for model in (*read, *asked)})
        wanted.update({(model, "serialization"): None for model in answers})
        places: Any
        places, together = models_json_schema(list(wanted), ref_template=PLACE + "{model}")
        found: dict[str, Json] = together.get("$defs", {})
        names = readable(found)
        self._found: dict[str, Json] = {names[name]: _rewritten(schema, names) for name, schema in found.items()}
        self._places: dict[Any, Json] = {key: _rewritten(place, names) for key, place in places.items()}
        closed: set[str] = set()
        for model in read:
            self._close(self.of(model, "validation"), closed)
        kept_out = {_named(self.of(model, "validation")) for model in set(asked) - set(read)}
        self.all = {name: schema for name, schema in sorted(self._found.items()) if name not in kept_out}

    def of(self, model: type[BaseModel], mode: JsonSchemaMode) -> Json:
        """A reference to a model's schema: as it is read (`validation`) or as it is sent (`serialization`)."""
        return self._places[model, mode]

    def parameters(self, model: type[BaseModel]) -> Iterator[Json]:
        """A query model's fields as OpenAPI parameters."""
        schema = self._found[_named(self.of(model, "validation"))]
        for name, field in schema.get("properties", {}).items():
            said = {key: value for key, value in field.items() if key not in {"title", "description"}}
            found: Json = {"name": name, "in": "query", "schema": _without_null(said)}
            if field.get("description"):
                found["description"] = field["description"]
            if name in schema.get("required", []):
                found["required"] = True
            yield found

    def _close(self, schema: Any, seen: set[str]) -> None:
        """Say of a body what reading it does: fields that are not known are refused."""
        if isinstance(schema, list):
            for one in schema:
                self._close(one, seen)
        if not isinstance(schema, dict):
            return
        name = _named(schema)
        if name and name not in seen:
            seen.add(name)
            self._close(self._found[name], seen)
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for one in schema.values():
            self._close(one, seen)


def first_words(model: type[BaseModel]) -> str:
    """The first paragraph of a model's docstring, or of the one that it narrows (`Page[Event]`); else its name."""
    doc = next((one.__doc__ for one in model.__mro__ if one.__doc__ and one is not BaseModel), "")
    return cleandoc(doc or model.__name__).split("\n\n")[0]


def readable(found: Mapping[str, Json]) -> dict[str, str]:
    """pydantic's name → ours. It tells models of one name apart by their modules (`events__api__Made`); we say
    `events.Made`, and `events.Page_Made` of a list of them. Two that would be the same keep their long names."""
    names = {name: _short(name) for name in found}
    for name, schema in found.items():
        if LIST in name and "items" in schema.get("properties", {}):
            item = _named(schema["properties"]["items"].get("items", {}))
            service, dot, model = names.get(item, item).rpartition(".")
            names[name] = f"{service}{dot}{LIST}{model}"
    many = Counter(names.values())
    return {name: ours if many[ours] == 1 else name for name, ours in names.items()}


def _short(name: str) -> str:
    """`services__identity__api__Entry` → `identity.Entry`."""
    parts = [part for part in name.split("__") if part]
    if len(parts) < 2:
        return name
    return f"{parts[1] if parts[0] == 'services' and len(parts) > 2 else parts[0]}.{parts[-1]}"


def _named(schema: Json) -> str:
    return str(schema.get("$ref", "")).removeprefix(PLACE)


def _rewritten(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _rewritten(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rewritten(inner, names) for inner in value]
    if isinstance(value, str) and value.startswith(PLACE):
        return PLACE + names[value.removeprefix(PLACE)]
    return value


def _without_null(schema: Json) -> Json:
    """A query string cannot say null: leaving the parameter out says it."""
    said = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if "anyOf" not in schema or len(said) == len(schema["anyOf"]):
        return schema
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**rest, **said[0]} if len(said) == 1 else {**rest, "anyOf": said}

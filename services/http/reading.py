"""Input, read into the models that a route declares; every wrong field is named at once.

JSON comes as UTF-8 `application/json`. Fields that a model does not know are refused below /api/, so that a misspelt
one is not silently lost, and ignored on pages, whose addresses others decorate.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from aiohttp import web
from pydantic import BaseModel, ValidationError

from services.http.problems import BadRequest, FieldError, Invalid, TooLarge
from services.pages.languages import Translate, explain, msgid

Extra = Literal["allow", "ignore", "forbid"]

UNREADABLE = msgid("The request is not in UTF-8.")
BROKEN = msgid("The body is not JSON: line {line}, column {column}.")
NO_NUL = msgid("This holds characters that cannot be stored.")


def refuse_large(request: web.BaseRequest, largest: int) -> None:
    """Raises `TooLarge` before a byte is read, where the client says how much it will send."""
    if request.content_length is not None and request.content_length > largest:
        raise TooLarge(largest)


async def read_body(request: web.BaseRequest, model: type[BaseModel], translate: Translate) -> BaseModel:
    """The JSON body; raises `BadRequest` (400, 415) where it is no JSON and `Invalid` where it does not fit."""
    kind = request.content_type
    if not (kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))):
        raise BadRequest("not-json", msgid("Send the body as application/json."), status=415)
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise BadRequest("not-utf8", UNREADABLE, status=415)
    raw = await request.read()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest("not-utf8", UNREADABLE) from error
    try:
        value = model.model_validate_json(raw, extra=_extra(model), strict=True)
    except ValidationError as strictly:
        try:
            value = model.model_validate_json(raw, extra=_extra(model), strict=False)
        except ValidationError as error:
            if any(one["type"] == "json_invalid" for one in error.errors(include_url=False)):
                raise _broken(text) from error
            raise Invalid(fields(error, translate)) from error
        _refuse_no_numbers(strictly, translate)
    if "\\u0000" in text:
        _refuse_nul(json.loads(text))
    return value


def read_query(request: web.BaseRequest, model: type[BaseModel], translate: Translate, *, strict: bool) -> BaseModel:
    """The query string; raises `Invalid`. Repeated names make a list where the field is one; an empty value is none."""
    asked = request.rel_url.query
    found: dict[str, Any] = {}
    for name in dict.fromkeys(asked):
        values = [value for value in asked.getall(name) if value != ""]
        if any("\x00" in value for value in values):
            raise Invalid((FieldError(name, NO_NUL, "nul"),))
        field = next((info for key, info in model.model_fields.items() if name in {key, info.alias}), None)
        if values:
            found[name] = values if field is not None and _is_list(field.annotation) else values[-1]
    try:
        return model.model_validate(found, extra=_extra(model) if strict else None)
    except ValidationError as error:
        raise Invalid(fields(error, translate)) from error


def fields(error: ValidationError, translate: Translate) -> tuple[FieldError, ...]:
    """pydantic's errors as ours, one per field: the first is what to mend first."""
    found: dict[str, FieldError] = {}
    for one in error.errors(include_url=False):
        field = _field(one, translate)
        found.setdefault(field.field, field)
    return tuple(found.values())


def _field(error: Mapping[str, Any], translate: Translate) -> FieldError:
    return FieldError(".".join(str(part) for part in error["loc"]), explain(error, translate), error["type"])


def refuse_nul(values: Mapping[str, Sequence[str]]) -> None:
    """Raises `Invalid` for form fields with a character that PostgreSQL's text cannot hold; no browser sends one."""
    wrong = [name for name, given in values.items() if "\x00" in name or any("\x00" in value for value in given)]
    if wrong:
        raise Invalid(tuple(FieldError(name.replace("\x00", ""), NO_NUL, "nul") for name in wrong))


def _refuse_no_numbers(strictly: ValidationError, translate: Translate) -> None:
    """Raises `Invalid` where JSON has true or "2" for a number: what pydantic takes from a form is none in JSON."""
    wrong = [
        one
        for one in strictly.errors(include_url=False)
        if one["type"] in {"int_type", "float_type"} and isinstance(one["input"], bool | str)
    ]
    if wrong:
        raise Invalid(tuple(_field(one, translate) for one in wrong))


def _extra(model: type[BaseModel]) -> Extra | None:
    return None if "extra" in model.model_config else "forbid"


def _broken(text: str) -> BadRequest:
    line = column = 1
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
    except (ValueError, RecursionError):
        pass  # numbers or nesting beyond what is read: no better place than the beginning
    return BadRequest("json-broken", BROKEN, line=line, column=column)


def _refuse_nul(value: Any) -> None:
    wrong = tuple(FieldError(".".join(place), NO_NUL, "nul") for place in _nul_places(value))
    if wrong:
        raise Invalid(wrong)


def _nul_places(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    match value:
        case str() if "\x00" in value:
            yield place
        case dict():
            for name, inner in value.items():
                if "\x00" in name:
                    yield (*place, name.replace("\x00", ""))
                yield from _nul_places(inner, (*place, name.replace("\x00", "")))
        case list():
            for index, inner in enumerate(value):
                yield from _nul_places(inner, (*place, str(index)))


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return any(_is_list(one) for one in get_args(annotation))
    return (origin or annotation) in (list, tuple, set, frozenset)

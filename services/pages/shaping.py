"""From the flat inputs of an HTML form to the nested values that a pydantic model wants.

1. Names are taken apart at their dots: `rows.0.name` is `{"rows": {"0": {"name": …}}}`.
2. Each field takes one value or several, as its type says. An empty input is nothing: None where that may be, else left
   out, so that the model's default stands or it says that the field is missing. Rows left wholly empty are no rows.
3. What people write is turned into what machines read:
   `12,50` for a number, `31.5.2027` for a date, `14.30` for a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

_SEVERAL = (list, tuple, set, frozenset)
_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})")
_GROUPED = re.compile(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(\D|$))")


class Shaping:
    """One reading of one form. `names` remembers which typed row became which item of a list."""

    def __init__(self, model: type[BaseModel], raw: Mapping[str, list[str]]) -> None:
        self._rows: dict[str, list[str]] = {}
        self.values: dict[str, Any] = self._model(model, _tree(raw), "")

    def name(self, loc: tuple[int | str, ...]) -> str:
        """The input that pydantic's error location means; "form" for one that no input holds."""
        name = ""
        for part in loc:
            if isinstance(part, int):
                rows = self._rows.get(name)
                if rows is None:
                    return name
                part = rows[part]
            elif "[" in part:
                continue
            name = f"{name}.{part}" if name else part
        return name or "form"

    def _model(self, model: type[BaseModel], found: Mapping[str, Any], where: str) -> dict[str, Any]:
        shaped = {}
        for name, info in model.model_fields.items():
            key = info.alias or name
            if key not in found:
                continue
            kinds = list(_kinds(info.annotation))
            value = self._value(kinds, found[key], f"{where}{key}")
            if value is not None or NoneType in kinds:
                shaped[key] = value
        return shaped

    def _value(self, kinds: list[Any], found: Any, where: str) -> Any:
        """`found` is what stands under a name: a list of typed texts, or a dict of what is nested below it."""
        for kind in kinds:
            origin, inside = get_origin(kind) or kind, get_args(kind)
            if isinstance(found, dict):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    return self._model(kind, found, f"{where}.") if _filled(found) or NoneType not in kinds else None
                if origin in _SEVERAL:
                    return self._list(inside, found, where)
                if origin is dict:
                    return self._dict(inside, found, where)
            elif origin in _SEVERAL:
                item = list(_kinds(inside[0])) if inside else [str]
                return [_machine(item, text) for text in found if text.strip()]
        if isinstance(found, dict):
            return found
        text = found[-1].strip() if found else ""
        return _machine(kinds, text) if text else None

    def _list(self, inside: tuple[Any, ...], found: Mapping[str, Any], where: str) -> list[Any]:
        keys = [key for key in sorted(found, key=_number) if _filled(found[key])]
        self._rows[where] = keys
        return [self._value(list(_kinds(inside[0])), found[key], f"{where}.{key}") for key in keys]

    def _dict(self, inside: tuple[Any, ...], found: Mapping[str, Any], where: str) -> dict[str, Any]:
        kinds = list(_kinds(inside[1])) if inside else [str]
        shaped = {key: self._value(kinds, value, f"{where}.{key}") for key, value in found.items()}
        return {key: value for key, value in shaped.items() if value is not None}


def _tree(raw: Mapping[str, list[str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, values in raw.items():
        place = tree
        *outer, last = name.split(".")
        for part in outer:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            place = inner
        else:
            if not isinstance(place.get(last), dict):
                place[last] = values
    return tree


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without their Annotated wrappings."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _kinds(one)
    elif annotation is not None:
        yield annotation


def _filled(found: Any) -> bool:
    """Whether anything was typed below a name."""
    if isinstance(found, dict):
        return any(_filled(one) for one in found.values())
    return any(text.strip() for text in found)


def _machine(kinds: list[Any], text: str) -> str:
    """What was typed, as pydantic reads it; unchanged where it may stay a text."""
    text = text.replace("\r\n", "\n").strip()
    if str in kinds:
        return text
    if {int, float, Decimal} & set(kinds):
        plain = _GROUPED.sub("", text).replace("\u2212", "-")
        return plain if int in kinds else plain.replace(",", ".")
    if date in kinds or datetime in kinds:
        return _DAY.sub(lambda found: f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}", text)
    if time in kinds and (clock := _CLOCK.fullmatch(text)):
        return f"{int(clock[1]):02}:{clock[2]}"
    return text


def _number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isascii() and key.isdigit() and len(key) < 10 else (1 << 31, key)

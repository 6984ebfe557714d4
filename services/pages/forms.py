"""HTML forms: read into a pydantic model, or shown again with what was typed and a linked error per field.

    form = await call.form(ScheduleEvent)
    if form.value is None:
        return call.form_page("events/new.html", form)

A model's field names are the inputs' names. Lists come from repeated inputs. An empty input is None, so an optional
field may stay empty and a required one says so. Fields of nested models are written `outer.inner`; of lists of models
`rows.0.name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from services.pages.languages import Translate, explain

M = TypeVar("M", bound=BaseModel)
_SEVERAL = (list, tuple, set, frozenset)


@dataclass(frozen=True, slots=True)
class Place:
    """An input on the page: its label, and the id that a link leads to."""

    label: str
    id: str


@dataclass(slots=True)
class Form(Generic[M]):
    """What was typed (`raw`), what is wrong (`errors`: field → sentence), and the model where nothing is (`value`)."""

    raw: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    value: M | None = None
    places: dict[str, Place] = field(default_factory=dict)
    """Where each input stands and what it is called: noted while the page is drawn, for the summary of errors."""

    @classmethod
    def empty(cls, values: Mapping[str, Any] | BaseModel | None = None) -> Form[M]:
        """A form not yet sent, filled with `values`."""
        given = values.model_dump(mode="json") if isinstance(values, BaseModel) else dict(values or {})
        return cls(raw=_flatten(given))

    @classmethod
    def read(cls, model: type[M], raw: Mapping[str, list[str]], translate: Translate) -> Form[M]:
        form = cls(raw=dict(raw))
        try:
            form.value = model.model_validate(_nest(model, raw))
        except ValidationError as error:
            for one in error.errors():
                name = ".".join(str(part) for part in one["loc"]) or "form"
                form.errors.setdefault(name, explain(one, translate))
        return form

    def fail(self, name: str, sentence: str) -> None:
        """Add an error that only the command could find; `sentence` is already translated."""
        self.errors[name] = sentence
        self.value = None

    def note(self, name: str, label: str, id: str) -> str:
        """Called by the macros that draw inputs; returns nothing to show."""
        self.places[name] = Place(label, id)
        return ""

    def get(self, name: str, default: str = "") -> str:
        """What was typed into the (last) input called `name`."""
        values = self.raw.get(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        """Every value of the repeated input called `name`."""
        return self.raw.get(name, [])


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    flat: dict[str, list[str]] = {}
    for name, value in values.items():
        where = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{where}."))
        elif isinstance(value, (list, tuple)):
            if any(isinstance(one, Mapping) for one in value):
                for index, one in enumerate(value):
                    flat.update(_flatten(one, f"{where}.{index}."))
            else:
                flat[where] = [str(one) for one in value]
        elif value is not None:
            flat[where] = [("on" if value else "") if isinstance(value, bool) else str(value)]
    return flat


def _nest(model: type[BaseModel], raw: Mapping[str, list[str]]) -> dict[str, Any]:
    """Inputs named `a.b` and `rows.0.c` as nested dicts and lists, single or repeated as the model's field wants."""
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
            place[last] = values
    shaped = _shape(model, tree)
    assert isinstance(shaped, dict)
    return shaped


def _shape(wanted: Any, found: Any) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, BaseModel) and isinstance(found, dict):
        shaped: dict[str, Any] = {}
        for name, info in wanted.model_fields.items():
            key = info.alias or name
            if key in found:
                value = _shape(info.annotation, found[key])
                if value is not None or not info.is_required():
                    shaped[key] = value
                if value is None and not info.is_required() and not _allows_none(info.annotation):
                    del shaped[key]
        return shaped
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin in _SEVERAL:
        if isinstance(found, dict):
            return [_shape(inside[0], found[key]) for key in sorted(found, key=_number)]
        return [value for value in found if value.strip()] if isinstance(found, list) else found
    if origin is dict:
        if not isinstance(found, dict):
            return found
        filled = {key: _shape(inside[1], value) for key, value in found.items()}
        return {key: value for key, value in filled.items() if value is not None}
    for choice in inside:
        if get_origin(choice) in (*_SEVERAL, dict) or (isinstance(choice, type) and issubclass(choice, BaseModel)):
            return _shape(choice, found)
    if isinstance(found, list):
        text = found[-1].strip() if found else ""
        return text or None
    return found


def _allows_none(annotation: Any) -> bool:
    return annotation is None or type(None) in get_args(annotation)


def _number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (1 << 31, key)

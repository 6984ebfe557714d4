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
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from services.pages.explaining import UNREADABLE
from services.pages.languages import Translate, explain
from services.pages.shaping import Shaping

M = TypeVar("M", bound=BaseModel)


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
        """Validate what was typed: the model in `value`, or a sentence per wrong field in `errors`."""
        form = cls(raw=dict(raw))
        unreadable = [name for name, values in raw.items() if any(not _readable(value) for value in values)]
        if unreadable:
            form.errors = {name: translate(UNREADABLE) for name in unreadable}
            return form
        shaping = Shaping(model, raw)
        try:
            form.value = model.model_validate(shaping.values)
        except ValidationError as error:
            for one in error.errors():
                form.errors.setdefault(shaping.name(one["loc"]), explain(one, translate))
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


def _readable(text: str) -> bool:
    """Whether a database takes it: no NUL, no half of a character."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)

"""Why a command says no, in words for the person and a code for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A rule forbids what was asked; nothing was stored. Sentences are English msgids with named values.

    With a `field` the input is wrong and the person can mend it there; without one the thing's state forbids it now.
    """

    def __init__(self, code: str, sentence: str, *, field: str | None = None, **values: Any) -> None:
        super().__init__(f"{code} {field or ''}".strip())
        self.code = code
        self.sentence = sentence
        self.field = field
        self.values: Mapping[str, Any] = values


class AttemptUsed(Refusal):
    """An attempt that was to make something once made something else before. Nothing was stored; it needs another."""

    def __init__(self, sentence: str) -> None:
        super().__init__("attempt-used", sentence, field="attempt")

"""What a client says it can read: Accept-Language, Accept-Encoding and Accept, by RFC 9110, section 12.5."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from services.pages.languages import LANGUAGES

DIALECTS = {"no": "nb", "nb": "nb", "nn": "nn", "en": "en", "nl": "nl", "af": "nl", "da": "nb", "sv": "nb", "se": "nb"}
"""Primary language tag → our nearest. Danes and Swedes read Norwegian more easily than English pages about Norway."""
LONGEST = 1000
"""A longer header is read up to here: nobody prefers a hundred languages."""


def weighted(header: str) -> list[tuple[str, float]]:
    """A header's values with their weights, the best first, equal ones in their order; malformed parts are left out."""
    found = []
    for part in header[:LONGEST].split(","):
        value, *parameters = (piece.strip() for piece in part.split(";"))
        if value:
            found.append((value.lower(), _weight(parameters)))
    return sorted(found, key=lambda one: -one[1])


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


@lru_cache(maxsize=1024)
def language(header: str, otherwise: str) -> str:
    """Our language that a reader of Accept-Language prefers, else `otherwise`."""
    for tag, weight in weighted(header):
        ours = DIALECTS.get(tag.split("-")[0])
        if weight > 0 and ours in LANGUAGES:
            return str(ours)
    return otherwise


def encoding(header: str, ours: Sequence[str] = ("br", "gzip")) -> str:
    """The first of `ours` that the client takes, or nothing."""
    accepted = dict(weighted(header))
    return next((one for one in ours if accepted.get(one, accepted.get("*", 0.0)) > 0), "")


def wants_page(header: str) -> bool:
    """Whether to explain a problem on a page: unless a program names JSON, and no HTML, in its Accept."""
    named = [value for value, weight in weighted(header) if weight > 0]
    return "text/html" in named or not any(value == "application/json" or value.endswith("+json") for value in named)

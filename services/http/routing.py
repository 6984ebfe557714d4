"""Declared routes in aiohttp's router: the more exact address first, whichever service declared it.

`/{lang}/events/new` comes before `/{lang}/events/{slug}`; `{lang}` is one of our languages and nothing else, so that
`/xx/events` is not found and `/events` can be recognised as a page without its language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiohttp import web

from services.http.call import READABLE
from services.http.dispatch import Handling
from services.http.in_language import InLanguage
from services.pages.languages import LANGUAGES

_PART = re.compile(r"\{(?P<name>[a-z_]\w*)(?::(?P<pattern>[^{}]+))?\}")
_HOME = "/{lang}"


class RoutesClash(Exception):
    """Two routes have the same method and path, or a path is not well formed. The message names them."""


def pattern(path: str) -> str:
    """A declared path as aiohttp takes it."""
    return path.replace("{lang}", "{lang:" + "|".join(LANGUAGES) + "}")


def names(path: str) -> list[str]:
    """The names of a path's variable parts, in order."""
    return [found["name"] for found in _PART.finditer(path)]


def template(path: str) -> str:
    """A declared path without the patterns of its parts: `/l/{slug}`."""
    return _PART.sub(r"{\g<name>}", path)


def exactness(path: str) -> tuple[tuple[int, str], ...]:
    """Sorts written-out parts before variable ones, and those that swallow several parts last."""
    return tuple((_vagueness(part), part) for part in path.split("/"))


def _vagueness(part: str) -> int:
    if "{" not in part:
        return 0
    if part == "{lang}":
        return 1
    swallows = _PART.fullmatch(part)
    if swallows and (swallows["pattern"] or "").startswith((".*", ".+")):
        return 4
    return 3 if swallows else 2


def mount(app: web.Application, handlings: Iterable[Handling]) -> None:
    """Add all routes; raises `RoutesClash`."""
    taken: dict[tuple[str, str], Handling] = {}
    placed = []
    for handling in handlings:
        route = handling.route
        if not route.path.startswith("/") or route.method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            raise RoutesClash(
                f"{_said(handling)}: a path begins with a slash, a method is GET, POST, PUT, PATCH or DELETE"
            )
        key = route.method, re.sub(r"\{[^{}]*\}", "{}", route.path.replace("{lang}", "lang"))
        if key in taken:
            raise RoutesClash(f"{_said(handling)} is also {_said(taken[key])}")
        taken[key] = handling
        placed.append((pattern(route.path), handling))
        if route.path.rstrip("/") == _HOME:
            # The front page of a language is linked with and without the slash.
            placed.append((pattern(_HOME if route.path != _HOME else f"{_HOME}/"), handling))
    pages = InLanguage()
    for path, handling in sorted(placed, key=lambda one: (exactness(one[1].route.path), one[0], one[1].route.method)):
        add = pages.add_route if handling.route.path.startswith(_HOME) else app.router.add_route
        add(handling.route.method, path, handling.answer)
        if handling.route.method == "GET":
            add("HEAD", path, handling.answer)
    app.router.register_resource(pages)
    app[READABLE] = frozenset(handling.route.path for _, handling in placed if handling.route.method == "GET")


def _said(handling: Handling) -> str:
    return f"{handling.route.method} {handling.route.path} ({handling.context.service.name})"

"""The pages below `/{lang}`, found by what is written out in their addresses.

aiohttp finds a resource by the written-out beginning of its path. Those of pages begin with a variable part, so it
would try one after the other, hundreds for the last of them. Here they lie by how many parts they have and by their
second and fourth (`events` in `/{lang}/console/{programme}/events`), and few are left to try.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractResource, AbstractRoute
from yarl import URL

Key = tuple[int, str, str]
"""How many parts; the second and the fourth, empty where they are variable or not there."""
_PREFIX = "/{lang}"


class InLanguage(AbstractResource):
    """One resource that stands for all of them. Routes are tried in the order in which they were added."""

    def __init__(self) -> None:
        super().__init__()
        self._numbered: list[web.Resource] = []
        self._by_key: dict[Key, list[int]] = defaultdict(list)
        self._long: list[int] = []
        """Those with a part that swallows several."""

    def add_route(self, method: str, path: str, handler: Any) -> None:
        """`path` as aiohttp takes it, patterns and all. Consecutive methods of one path share a resource."""
        last = self._numbered[-1] if self._numbered else None
        if last is None or not last.raw_match(path):
            last = web.DynamicResource(path)
            number = len(self._numbered)
            self._numbered.append(last)
            # `canonical` leaves patterns out, which may hold slashes of their own.
            parts = last.canonical.split("/")
            (self._long if ":." in path else self._by_key[_key(parts, _written_out)]).append(number)
        last.add_route(method, handler)

    async def resolve(self, request: web.Request) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        allowed: set[str] = set()
        for number in self._candidates(request.rel_url.path_safe):
            found, methods = await self._numbered[number].resolve(request)
            if found is not None:
                return found, allowed
            allowed |= methods
        return None, allowed

    def _candidates(self, path: str) -> list[int]:
        parts = path.split("/")
        many, second, fourth = _key(parts, str)
        keys = {(many, one, other) for one in (second, "") for other in (fourth, "")}
        return sorted([number for key in keys for number in self._by_key.get(key, ())] + self._long)

    @property
    def canonical(self) -> str:
        return _PREFIX

    # What aiohttp asks of a resource that is looked up by a name, or of an application mounted below another. Pages are
    # neither: whoever asks has made a mistake.

    def url_for(self, **parts: str) -> URL:
        raise LookupError("addresses are written by pages, in their reader's language")

    def add_prefix(self, prefix: str) -> None:
        raise LookupError("pages lie below their language and nothing else")

    def get_info(self) -> Any:
        return {"prefix": _PREFIX}

    def raw_match(self, path: str) -> bool:
        return False

    def __iter__(self) -> Iterator[AbstractRoute]:
        return (route for resource in self._numbered for route in resource)

    def __len__(self) -> int:
        return sum(len(resource) for resource in self._numbered)


def _written_out(part: str) -> str:
    return "" if "{" in part else part


def _key(parts: list[str], as_key: Any) -> Key:
    """`parts` of a path begin with the empty one before its first slash."""
    return len(parts), as_key(parts[2]) if len(parts) > 2 else "", as_key(parts[4]) if len(parts) > 4 else ""

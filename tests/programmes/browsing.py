"""A browser without scripts: it logs in, keeps its cookies, and sends forms as they stand on the page it saw last."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

PASSWORD = "vind over blanke skjær"


class Browser:
    """One person at a browser. `text` and `status` are those of the last answer."""

    def __init__(self, client: TestClient[Any, Any], lang: str = "nb") -> None:
        self._client = client
        self._lang = lang
        self.text = ""
        self.status = 0
        self.where = ""

    async def get(self, path: str) -> str:
        """Open a page and follow where it leads."""
        return await self._saw(await self._client.get(path))

    async def post(self, path: str, **fields: Any) -> str:
        """Send a form to `path`, with the token of the page seen last, and follow where it leads."""
        token = re.search(r'name="csrf" value="([^"]*)"', self.text)
        data = [
            (name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])
        ]
        named = [(name.replace("__", "."), value) for name, value in data]
        if token:
            named.append(("csrf", token[1]))
        origin = str(self._client.make_url("/")).rstrip("/")
        return await self._saw(await self._client.post(path, data=named, headers={"Origin": origin}))

    async def log_in(self, email: str) -> None:
        await self.get(f"/{self._lang}/login")
        await self.post(f"/{self._lang}/login", email=email, password=PASSWORD)
        assert "/login" not in self.where, self.text

    def hidden(self, name: str) -> str:
        """The value of the first hidden input called `name`."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        assert found, f"no hidden {name}"
        return found[1]

    async def _saw(self, response: ClientResponse) -> str:
        self.status, self.text, self.where = response.status, await response.text(), urlsplit(str(response.url)).path
        return self.text

"""A browser without scripts: keeps cookies, follows redirects when told, sends the forms it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp.test_utils import TestClient

OURS = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@dataclass
class FormSeen:
    """A form of a page: where it goes, and what its inputs hold."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormSeen] = []
        self.text: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FormSeen(given.get("action", "")))
        elif tag == "input" and self.forms and given.get("name"):
            chosen = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if chosen:
                self.forms[-1].fields.setdefault(given["name"], []).append(given.get("value", ""))
        elif tag == "select" and self.forms:
            self._select = given.get("name", "")
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].fields[self._select] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@dataclass
class Seen:
    """A page as it was answered."""

    status: int
    headers: Any
    html: str
    cookies: Any
    address: str

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._read().text).split())

    @property
    def forms(self) -> list[FormSeen]:
        return self._read().forms

    def form(self, action: str) -> FormSeen:
        """The one form whose action ends so."""
        found = [one for one in self.forms if one.action.endswith(action) and "logout" not in one.action]
        assert found, f"no form to {action} among {[one.action for one in self.forms]}"
        return found[0]

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader


class Browser:
    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client

    async def get(self, address: str, **headers: str) -> Seen:
        return await self._seen(
            await self.client.get(address, allow_redirects=False, headers={**OURS, **headers}), address
        )

    async def post(self, address: str, headers: dict[str, str] | None = None, **fields: Any) -> Seen:
        pairs = [
            (name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])
        ]
        answer = await self.client.post(
            address, data=pairs, allow_redirects=False, headers=OURS if headers is None else headers
        )
        return await self._seen(answer, address)

    async def send(self, page: Seen, action: str, **typed: Any) -> Seen:
        """Fill in the form of a page and send it, with whatever hidden inputs it has."""
        form = page.form(action)
        return await self.post(form.action or page.address, **{**form.fields, **typed})

    async def log_in(self, name: str, password: str) -> Seen:
        page = await self.get("/nb/login")
        return await self.send(page, "login", email=f"{name}@havlandet.example", password=password)

    def cookie(self, name: str = "session") -> str | None:
        found = [one.value for one in self.client.session.cookie_jar if one.key == name]
        return found[0] if found else None

    async def _seen(self, answer: Any, address: str) -> Seen:
        return Seen(answer.status, answer.headers, await answer.text(), answer.cookies, address)

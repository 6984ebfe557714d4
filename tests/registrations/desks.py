"""A browser without scripts at the pages of registrations: reads a form as it is shown, fills it in, sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from aiohttp.test_utils import TestClient

from registrations.pages.remembered import MARK
from services.identity.commands import register_programme
from services.process import Running
from services.routes import Role
from tests.house.people import Person, sign_in
from tests.registrations.worlds import World

OURS = {"Sec-Fetch-Site": "same-origin"}


class _Forms(HTMLParser):
    """The forms of a page with what they would send if sent untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and given.get("name"):
            if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
                return
            fields.setdefault(given["name"], []).append(given.get("value", "on"))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            fields[self._select] = [given["value"]]
        elif tag == "textarea":
            self._area = given["name"]

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1][1][self._area] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


@dataclass
class Page:
    status: int
    address: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def form(self, action: str) -> tuple[str, dict[str, list[str]]]:
        """The form whose address ends with `action`, or else contains it, as it would be sent untouched."""
        forms = self.forms()
        exact = [one for one in forms if one[0].split("?")[0].endswith(action)]
        for found in exact or [one for one in forms if action in one[0]]:
            return found
        raise AssertionError(f"no form for {action!r} among {[target for target, _ in forms]}")

    @property
    def made_for(self) -> str:
        """What the forms of "my booking" say of the booking that this page shows."""
        (found,) = {text for _, fields in self.forms() for text in fields.get(MARK, [])}
        return found

    def forms(self) -> list[tuple[str, dict[str, list[str]]]]:
        """(address, fields) of every form on the page."""
        parser = _Forms()
        parser.feed(self.text)
        return [(urljoin(self.address, target), fields) for target, fields in parser.forms]


@dataclass
class Desk:
    world: World
    client: TestClient[Any, Any]
    running: Running

    async def sign_in(self, *roles: Role) -> Person:
        """Sit down as somebody with these roles in the programme, which its directory then knows as `havlandet`."""
        context = self.running.contexts["identity"]
        async with context.database.transaction(None) as tx:
            await register_programme(
                tx,
                self.world.programme_id,
                slug="havlandet",
                name="Blest i Havlandet",
                language="nb",
                status="published",
            )
        name = "-".join(roles) or "nobody"
        person = await sign_in(self.running, name, self.world.programme_id, *roles)
        self.client.session.cookie_jar.update_cookies(person.cookies)
        return person

    async def get(self, address: str, **headers: str) -> Page:
        return await self._page(await self.client.get(address, headers=headers, allow_redirects=False))

    async def send(self, address: str, fields: dict[str, Any], *, follow: bool = False) -> Page:
        """Send a form. A list is an input that is there several times; None leaves it out."""
        pairs = [
            (name, str(one))
            for name, value in fields.items()
            if value is not None
            for one in (value if isinstance(value, list) else [value])
        ]
        response = await self.client.post(address, data=pairs, headers=OURS, allow_redirects=False)
        page = await self._page(response)
        if follow:
            assert page.status == 303, page.text
            return await self.get(page.headers["Location"])
        return page

    async def fill_in(
        self, page: Page, action: str, *, to: str | None = None, follow: bool = False, **answers: Any
    ) -> Page:
        """Fill in the page's form and send it: where it says, or `to` where a button of it says."""
        target, fields = page.form(action)
        return await self.send(to or target, {**fields, **answers}, follow=follow)

    async def _page(self, response: Any) -> Page:
        return Page(response.status, str(response.url.relative()), await response.text(), dict(response.headers))

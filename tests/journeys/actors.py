"""Those who act in the story: staff who use the JSON API, families who use pages without scripts and read mail."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession, CookieJar, TCPConnector
from aiohttp.test_utils import TestClient, TestServer

from services.embedded.mailbox import Mail, Mailbox
from services.process import Running
from tests.house.people import Person, sign_in_again
from tests.journeys.codes import decoded

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Mobile Safari/604.1"}
INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


@dataclass
class Staff:
    """Someone with a role, at a laptop."""

    house: Running
    client: TestClient[Any, Any]
    person: Person
    programme: str

    async def log_in(self) -> None:
        """Log in anew: a session ends after hours, and in the story months pass."""
        self.person = await sign_in_again(self.house, self.person)

    async def ask(self, method: str, path: str, body: Any = None, *, expect: int | None = None) -> Any:
        """Call the console's API below the programme; fails where the answer is not what is expected (any 2xx)."""
        async with self.client.request(
            method,
            f"/api/v1/programmes/{self.programme}/{path}",
            json=body,
            headers={"X-CSRF-Token": self.person.csrf, "Sec-Fetch-Site": "same-origin"},
            cookies=self.person.cookies,
        ) as answer:
            text = await answer.text()
            assert answer.status == expect if expect else answer.status < 300, (
                f"{method} {path}: {answer.status} {text}"
            )
            return await answer.json() if text else None

    async def read(self, path: str) -> str:
        """A console page, in Norwegian."""
        async with self.client.get(f"/nb/console/{self.programme}/{path}", cookies=self.person.cookies) as answer:
            assert answer.status == 200, f"{path}: {answer.status}"
            return unescape(await answer.text())

    async def file(self, path: str) -> bytes:
        """A file of the console."""
        async with self.client.get(f"/nb/console/{self.programme}/{path}", cookies=self.person.cookies) as answer:
            assert answer.status == 200, f"{path}: {answer.status}"
            return await answer.read()

    async def send(self, path: str, fields: dict[str, Any]) -> str:
        """Send a form of the console and follow where it leads."""
        async with self.client.post(
            f"/nb/console/{self.programme}/{path}",
            data={**fields, "csrf": self.person.csrf},
            headers={"Sec-Fetch-Site": "same-origin"},
            cookies=self.person.cookies,
        ) as answer:
            assert answer.status == 200, f"{path}: {answer.status} {await answer.text()}"
            return unescape(await answer.text())


@dataclass
class Family:
    """Visitors at a phone: a browser of their own, and a mailbox."""

    house: Running
    server: TestServer
    mailbox: Mailbox
    name: str
    email: str
    language: str
    trust: ssl.SSLContext | bool = True
    """Whose certificates they believe, where the server has some."""
    session: ClientSession = field(init=False)

    async def __aenter__(self) -> Family:
        self.session = ClientSession(
            base_url=self.server.make_url("/"),
            headers={**PHONE, "Accept-Language": self.language, "Sec-Fetch-Site": "same-origin"},
            connector=TCPConnector(ssl=self.trust),
            cookie_jar=CookieJar(unsafe=True),  # also for addresses that are numbers, as 127.0.0.1 is
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def open(self, path: str, *, status: int = 200) -> str:
        """Open a page and return its text; redirects are followed."""
        async with self.session.get(path) as answer:
            assert answer.status == status, f"{path}: {answer.status}"
            return unescape(await answer.text())

    async def scan(self, link: str) -> tuple[str, str]:
        """Open what a printed code says: the address it leads to, and the click token in it."""
        printed = urlsplit(link)
        async with self.session.get(f"{printed.path}?{printed.query}", allow_redirects=False) as answer:
            assert answer.status == 302
            target = urlsplit(answer.headers["Location"])
            return target.path, parse_qs(target.query)["via"][0]

    async def send(self, path: str, fields: dict[str, Any], *, status: int = 200) -> str:
        """Send a form and return the page it leads to."""
        async with self.session.post(path, data=fields) as answer:
            text = unescape(await answer.text())
            assert answer.status == status, f"{path}: {answer.status} {text}"
            return text

    async def register(self, event: str, slot: str, via: str = "", *, wait: bool = False, **fields: Any) -> str:
        """Fill in the form as it is shown, hidden inputs included, and send it."""
        address = f"/{self.language}/register/{event}?slot={slot}&via={via}"
        given = hidden(await self.open(address))
        given |= {"place": slot, "name": self.name, "email": self.email, "adults": "2", **fields}
        if wait:
            given["wait"] = "on"
        return await self.send(f"/{self.language}/register/{event}", given)

    async def mails(self) -> list[Mail]:
        """What lies in their mailbox, oldest first."""
        return list(reversed(await self.mailbox.mails(to=self.email)))

    async def newest(self) -> Mail:
        return (await self.mails())[-1]

    async def ticket(self) -> str:
        """What the code in their newest mail with a ticket says."""
        for mail in reversed(await self.mails()):
            for part in mail.parts:
                if part.content_type == "image/png":
                    return decoded(part.content)
        raise AssertionError(f"no mail to {self.email} has a ticket")

    async def enter_booking(self) -> str:
        """Follow the link in the newest mail that has one, press the button, and return the page of their booking."""
        for mail in reversed(await self.mails()):
            found = re.search(r"https?://\S+?(/[a-z]{2}/my-booking/[a-z2-7]{26})", mail.text or "")
            if found:
                await self.open(found.group(1))
                return await self.send(found.group(1), {})
        raise AssertionError(f"no mail to {self.email} leads to a booking")

    async def act(self, page: str, path: str, fields: dict[str, Any]) -> str:
        """Send a form of their booking's page, hidden inputs included."""
        return await self.send(path, {**hidden(page), **fields})


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's forms."""
    found = {}
    for tag in INPUT.findall(page):
        attributes = dict(ATTRIBUTE.findall(tag))
        if attributes.get("type") == "hidden":
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    return found

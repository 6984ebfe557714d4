"""The mailbox: takes mails on a socket, keeps them, and shows them without letting anything in them act."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import aiosmtplib
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.clock import MovedClock
from services.embedded import mailbox_pages
from services.embedded.mailbox import Mailbox, read
from services.embedded.mailbox_pages import SANDBOX, MailboxPages, as_json, shown
from services.memory_bus import MemoryBus
from services.process import started
from services.settings import Settings


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    made = Mailbox(tmp_path / "home")
    await made.start()
    yield made
    await made.stop()


def letter(to: str = "ada@example.org", subject: str = "Hei på deg") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Blest <post@blest.example>", to, subject
    message.set_content("Velkommen, Åse.")
    message.add_alternative(
        '<html><head></head><p>Hei <img src="cid:qr"><a href="/nb">her</a></p></html>', subtype="html"
    )
    message.get_payload()[1].add_related(b"a picture", "image", "png", cid="<qr>")  # type: ignore[union-attr, index]
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="kalender æ.ics")
    return message


async def send(mailbox: Mailbox, message: EmailMessage) -> None:
    await aiosmtplib.send(message, socket_path=mailbox.address.removeprefix("unix:"))


async def test_a_mail_is_kept_with_its_texts_and_attachments(mailbox: Mailbox) -> None:
    await send(mailbox, letter())
    (mail,) = await mailbox.mails()
    assert (mail.subject, mail.recipients) == ("Hei på deg", ("ada@example.org",))
    assert mail.text is not None and mail.text.strip() == "Velkommen, Åse."
    assert [(part.name, part.content_type) for part in mail.parts][1] == ("kalender æ.ics", "text/calendar")
    assert as_json(mail)["attachments"][1]["path"] == f"/mailbox/parts/{mail.id}/2"


async def test_the_newest_comes_first_and_one_address_can_be_asked_for(mailbox: Mailbox) -> None:
    for number in range(3):
        await send(mailbox, letter(to=f"reader{number % 2}@example.org", subject=str(number)))
    assert [mail.subject for mail in await mailbox.mails()] == ["2", "1", "0"]
    assert [mail.subject for mail in await mailbox.mails(to="READER0@example.org")] == ["2", "0"]
    assert len(await mailbox.mails(limit=1)) == 1


async def test_mails_outlive_a_restart_and_are_closed_to_others(mailbox: Mailbox, tmp_path: Path) -> None:
    await send(mailbox, letter())
    await mailbox.stop()
    again = Mailbox(tmp_path / "home")
    await again.start()
    assert len(await again.mails()) == 1
    await send(again, letter())
    assert len(await again.mails()) == 2
    assert stat.S_IMODE((tmp_path / "home" / "mailbox").stat().st_mode) == 0o700
    await again.stop()


@pytest.mark.parametrize("name", ["../secrets/token-key", "1", "1-1", "", "1-1.eml"])
async def test_no_name_leads_out_of_the_mailbox(mailbox: Mailbox, name: str) -> None:
    assert await mailbox.mail(name) is None


async def test_a_mail_s_own_pictures_are_found_and_its_links_open_beside(mailbox: Mailbox) -> None:
    await send(mailbox, letter())
    (mail,) = await mailbox.mails()
    text = shown(mail)
    assert f'src="/mailbox/parts/{mail.id}/1"' in text and "cid:" not in text
    assert '<head><base target="_blank">' in text


def test_what_a_mail_brings_cannot_act() -> None:
    policy = SANDBOX["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy and "allow-forms" not in policy


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"Subject: x\r\n\r\n\xff\xfe", b"Content-Type: text/html; charset=nobody-knows\r\n\r\nhi"]
)
def test_a_broken_mail_can_still_be_looked_at(content: bytes) -> None:
    assert read("1795421142899548939-0001", content).id


async def test_its_pages_list_and_show_a_mail_in_a_frame_of_its_own(
    mailbox: Mailbox, settings: Settings, clock: MovedClock
) -> None:
    await send(mailbox, letter())
    pages = MailboxPages(mailbox).routes()
    bus = MemoryBus(clock=clock)
    async with (
        started(settings, (), clock=clock, bus=lambda _: bus, background=False, extra_routes=pages) as house,
        TestClient(TestServer(house.app)) as client,
    ):
        (mail,) = (await (await client.get("/mailbox/api", params={"to": "ada@example.org"})).json())["items"]
        assert "Hei på deg" in await (await client.get("/en/mailbox")).text()
        page = await client.get(f"/en/mailbox/{mail['id']}")
        assert f'src="/mailbox/html/{mail["id"]}"' in await page.text()
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
        framed = await client.get(f"/mailbox/html/{mail['id']}")
        assert framed.headers["Content-Security-Policy"] == SANDBOX["Content-Security-Policy"]
        calendar = await client.get(mail["attachments"][1]["path"])
        assert calendar.headers["Content-Disposition"].startswith("attachment")
        assert await calendar.read() == b"BEGIN:VCALENDAR"
        for nothing in ("/en/mailbox/1-1", "/mailbox/html/1-1", f"/mailbox/parts/{mail['id']}/9"):
            assert (await client.get(nothing)).status == 404


async def test_its_list_leads_on_to_older_mails_and_back(
    mailbox: Mailbox, settings: Settings, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_pages, "LISTED", 2)
    for number in range(5):
        await send(mailbox, letter(to=f"reader{number % 2}@example.org", subject=f"Brev {number}"))
    pages = MailboxPages(mailbox).routes()
    bus = MemoryBus(clock=clock)
    async with (
        started(settings, (), clock=clock, bus=lambda _: bus, background=False, extra_routes=pages) as house,
        TestClient(TestServer(house.app)) as client,
    ):

        async def look(path: str) -> tuple[list[str], dict[str, str]]:
            page = await (await client.get(path)).text()
            ways = re.findall(r'href="([^"]+)" rel="(prev|next)"', page)
            return re.findall(r">Brev (\d)<", page), {name: unescape(href) for href, name in ways}

        seen, ways = await look("/en/mailbox")
        assert (seen, list(ways)) == (["4", "3"], ["next"])
        seen, ways = await look(ways["next"])
        assert (seen, list(ways)) == (["2", "1"], ["prev", "next"])
        last, back = await look(ways["next"])
        assert (last, list(back)) == (["0"], ["prev"])
        assert (await look(back["prev"]))[0] == ["2", "1"]
        assert (await look(ways["prev"]))[0] == ["4", "3"]

        seen, ways = await look("/en/mailbox?to=reader0@example.org")
        assert (seen, list(ways)) == (["4", "2"], ["next"])
        assert (await look(ways["next"]))[0] == ["0"]
        assert "No mails to this address" in await (await client.get("/en/mailbox?to=nobody@example.org")).text()
        assert (await look("/en/mailbox?before=x"))[0] == ["4", "3"], "no mail is called so"


@pytest.mark.parametrize(
    ("trusted", "headers", "status"),
    [
        ((), {}, 200),
        ((), {"Host": "localhost:8080"}, 200),
        ((), {"Host": "[::1]:8080"}, 200),
        # A page elsewhere whose name points here for a moment reads what this browser gets.
        ((), {"Host": "rebinding.example:8080"}, 403),
        ((), {"Host": "[::1"}, 403),
        # A proxy or a tunnel that nobody told us of: whoever stands behind it is not here.
        ((), {"X-Forwarded-For": "127.0.0.1"}, 403),
        # A phone in the same network, through the proxy of ours.
        (("127.0.0.1",), {"X-Forwarded-For": "192.168.1.20"}, 403),
        (("127.0.0.1",), {"X-Forwarded-For": "127.0.0.1, 192.168.1.20"}, 403),
        (("127.0.0.1",), {"X-Forwarded-For": "127.0.0.1"}, 200),
    ],
)
async def test_mails_are_shown_to_whoever_sits_at_this_machine_alone(
    mailbox: Mailbox,
    settings: Settings,
    clock: MovedClock,
    trusted: tuple[str, ...],
    headers: dict[str, str],
    status: int,
) -> None:
    await send(mailbox, letter())
    (mail,) = await mailbox.mails()
    told = settings.model_copy(update={"trusted_proxies": trusted})
    pages = MailboxPages(mailbox).routes()
    bus = MemoryBus(clock=clock)
    async with (
        started(told, (), clock=clock, bus=lambda _: bus, background=False, extra_routes=pages) as house,
        TestClient(TestServer(house.app)) as client,
    ):
        for path in (
            "/en/mailbox",
            f"/en/mailbox/{mail.id}",
            "/mailbox/api",
            *(f"/mailbox/{part}/{mail.id}" for part in ("html", "source", "parts")),
        ):
            path = f"{path}/1" if "parts" in path else path
            answer = await client.get(path, headers=headers)
            assert answer.status == status, path
            assert answer.headers["Cache-Control"] == "no-store"

"""An SMTP server on a unix socket that keeps every mail as a file: nothing leaves the machine, all can be read.

mailbox = Mailbox(Path(".blest"))
await mailbox.start()
mailbox.address              # unix:/tmp/blest-0-4f1c…/smtp.sock, as BLEST_SMTP takes it
await mailbox.mails(to="ada@example.org")
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import default
from itertools import islice
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from services.embedded import secret_files, sockets
from services.embedded.mailbox_index import Index

KEPT = 5000
"""Mails; the oldest beyond are deleted at the next start."""
LARGEST = 25 * 1024 * 1024
"""Bytes of one mail."""


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment, or a picture that the HTML part shows."""

    number: int
    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A stored mail, read."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    """Where the envelope sent it."""
    subject: str
    received_at: datetime
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some mails, the newest first, and which of them others lie beyond."""

    mails: list[Mail]
    newer: str | None = None
    """The first one here, where there are newer ones."""
    older: str | None = None
    """The last one here, where there are older ones."""


class Mailbox:
    """The mails of one folder, and the server that takes them in. Files are read and written on a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._mails = self._folder / "mailbox"
        self._socket = sockets.own_folder(self._folder) / "smtp.sock"
        self._server: asyncio.Server | None = None
        self._taken = 0
        self._index = Index(self._mails)
        self._read: dict[str, Mail] = {}

    @property
    def address(self) -> str:
        return f"unix:{self._socket}"

    async def start(self) -> None:
        """Take mails in on the socket; raises OSError where the folder or the socket cannot be made."""
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would write down every address
        await asyncio.to_thread(self._tidy)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._protocol, path=str(self._socket))
        self._socket.chmod(0o600)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            self._socket.unlink(missing_ok=True)

    async def mails(self, to: str | None = None, limit: int = 100) -> list[Mail]:
        """The newest mails first, at most `limit`; `to` keeps those sent to that address."""
        return await asyncio.to_thread(self._list, to, limit)

    async def sheet(self, to: str | None, limit: int, *, before: str = "", after: str = "") -> Sheet:
        """At most `limit` mails: the newest, or those just older than the mail `before`, or just newer than `after`."""
        return await asyncio.to_thread(self._sheet, to, limit, before, after)

    async def mail(self, identifier: str) -> Mail | None:
        return await asyncio.to_thread(self._find, identifier)

    async def source(self, identifier: str) -> bytes:
        """A mail as it was sent; raises FileNotFoundError where there is none."""
        return await asyncio.to_thread((self._mails / f"{identifier}.eml").read_bytes)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self._taken += 1
        identifier = f"{time.time_ns():019d}-{self._taken:04d}"
        # RFC 5321, 4.4: the last server notes the envelope's sender; Delivered-To its recipients.
        lines = [f"Return-Path: <{envelope.mail_from}>", *(f"Delivered-To: {one}" for one in envelope.rcpt_tos)]
        head = "".join(f"{line}\r\n" for line in lines).encode()
        await asyncio.to_thread(self._write, identifier, head + bytes(envelope.original_content or b""))
        return "250 OK, kept in the mailbox"

    def _protocol(self) -> SMTP:
        return SMTP(self, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="mailbox", ident="Blest mailbox")

    def _write(self, identifier: str, content: bytes) -> None:
        draft = self._mails / f".{identifier}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        draft.rename(self._mails / f"{identifier}.eml")

    def _tidy(self) -> None:
        secret_files.private_folder(self._mails)
        self._socket.unlink(missing_ok=True)
        for old in [*sorted(self._mails.glob("*.eml"), reverse=True)[KEPT:], *self._mails.glob(".*")]:
            old.unlink()

    def _sheet(self, to: str | None, limit: int, before: str, after: str) -> Sheet:
        if after:
            found = self._list(to, limit, after=after)[::-1]
            # Fewer are newer than fit: the newest of all stand there whole, as at the beginning.
            found = found if len(found) == limit else self._list(to, limit)
        else:
            found = self._list(to, limit, before=before)
        if not found:
            return Sheet([])
        newer, older = self._list(to, 1, after=found[0].id), self._list(to, 1, before=found[-1].id)
        return Sheet(found, found[0].id if newer else None, found[-1].id if older else None)

    def _list(self, to: str | None, limit: int, *, before: str = "", after: str = "") -> list[Mail]:
        """The newest first; those newer than `after`, the oldest of them first."""
        names = self._index.ids(to)
        if before:
            names = names[: bisect_left(names, before)]
        if after:
            names = names[bisect_right(names, after) :]
        read = (self._find(name) for name in (names if after else reversed(names)))
        return list(islice((mail for mail in read if mail is not None), limit))

    def _find(self, identifier: str) -> Mail | None:
        if not re.fullmatch(r"[0-9]+-[0-9]+", identifier):
            return None
        if identifier not in self._read:
            try:
                content = (self._mails / f"{identifier}.eml").read_bytes()
            except FileNotFoundError:
                return None
            if len(self._read) >= 500:
                self._read.clear()
            self._read[identifier] = read(identifier, content)
        return self._read[identifier]


def read(identifier: str, content: bytes) -> Mail:
    """A stored mail as people see it: its text, its HTML, and everything else as parts."""
    message = BytesParser(_class=EmailMessage, policy=default).parsebytes(content)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    parts: list[Part] = []
    for one in message.walk():
        if one.is_multipart() or one in bodies.values():
            continue
        payload = one.get_payload(decode=True)
        parts.append(
            Part(
                number=len(parts) + 1,
                name=one.get_filename() or f"part-{len(parts) + 1}",
                content_type=one.get_content_type(),
                content=payload if isinstance(payload, bytes) else b"",
                content_id=str(one.get("Content-ID", "")).strip("<> "),
            )
        )
    return Mail(
        id=identifier,
        sender=str(message.get("From", "")),
        recipients=tuple(str(one) for one in message.get_all("Delivered-To", [])),
        subject=str(message.get("Subject", "")),
        received_at=datetime.fromtimestamp(int(identifier.split("-")[0]) / 1e9, UTC),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_text(bodies["plain"]),
        html=_text(bodies["html"]),
        parts=tuple(parts),
    )


def _text(body: MIMEPart | None) -> str | None:
    if body is None:
        return None
    payload = body.get_payload(decode=True)
    assert isinstance(payload, bytes)
    try:
        return payload.decode(body.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # a character set that nobody knows
        return payload.decode("utf-8", errors="replace")

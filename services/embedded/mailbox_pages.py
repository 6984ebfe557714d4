"""The page that reads the mailbox, and its list for tests. Mounted by `blest run` alone, where the mailbox is.

Mails hold the links by which people choose passwords and open their bookings, so they are shown to whoever sits at
this machine and to nobody else: not to the phones in the same network, nor to a page elsewhere that reaches here by a
name of its own.

A mail's HTML comes from its own address under a policy of its own: no scripts, no forms, nothing from outside, and as a
document without origin, so that nothing in a mail reaches the session of whoever reads it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from aiohttp.web import StreamResponse

from services.embedded.mailbox import Mail, Mailbox
from services.http.addresses import is_here
from services.http.call import Call
from services.http.headers import PAGE_POLICY
from services.http.problems import Forbidden, NotFound
from services.pages.languages import msgid
from services.routes import PUBLIC, Handler, Route

SANDBOX = {
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:; "
        "style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Of a mail's HTML and its pictures. A sandboxed document has no origin, so its own pictures are cross-origin to it."""
FRAMING = {"Content-Security-Policy": f"{PAGE_POLICY}; frame-src 'self'"}
"""Of the page around it, the only one of ours that frames anything."""
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
LISTED = 200
ELSEWHERE = msgid("Mails are shown on the machine that runs Blest, and nowhere else.")


def _here(handler: Handler) -> Handler:
    """`handler` for whoever sits at this machine; `Forbidden` for anybody else."""

    async def guarded(call: Call) -> StreamResponse:
        if not is_here(call.request, call.client, call.context.settings):
            raise Forbidden(ELSEWHERE)
        response = await handler(call)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


class MailboxPages:
    """The routes over one mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def routes(self) -> tuple[Route, ...]:
        pages = {
            "/mailbox": self.enter,
            "/{lang}/mailbox": self.list,
            "/{lang}/mailbox/{mail}": self.show,
            "/mailbox/html/{mail}": self.html,
            "/mailbox/parts/{mail}/{number}": self.part,
            "/mailbox/source/{mail}": self.source,
            "/mailbox/api": self.api,
        }
        return tuple(Route("GET", path, _here(handler), PUBLIC) for path, handler in pages.items())

    async def enter(self, call: Call) -> StreamResponse:
        return call.redirect(call.link("mailbox"))

    async def list(self, call: Call) -> StreamResponse:
        """Mails, the newest first, or those to one address (`?to=`); `?before=` and `?after=` lead on and back."""
        to, before, after = (call.request.query.get(name, "").strip() for name in ("to", "before", "after"))
        sheet = await self._mailbox.sheet(to or None, LISTED, before=before, after=after)

        def beyond(**mail: str) -> str:
            return f"{call.link('mailbox')}?{urlencode({**({'to': to} if to else {}), **mail})}"

        return call.page(
            "chassis/mailbox/list.html",
            mails=sheet.mails,
            to=to,
            newer=beyond(after=sheet.newer) if sheet.newer else "",
            older=beyond(before=sheet.older) if sheet.older else "",
        )

    async def show(self, call: Call) -> StreamResponse:
        return call.page("chassis/mailbox/mail.html", headers=FRAMING, mail=await self._mail(call))

    async def html(self, call: Call) -> StreamResponse:
        mail = await self._mail(call)
        if mail.html is None:
            raise NotFound("mail")
        return web.Response(text=shown(mail), content_type="text/html", headers=SANDBOX)

    async def part(self, call: Call) -> StreamResponse:
        """A picture as such, anything else as a download."""
        mail = await self._mail(call)
        found = [part for part in mail.parts if str(part.number) == call.path("number")]
        if not found:
            raise NotFound("mail")
        part = found[0]
        headers = {**SANDBOX, "X-Content-Type-Options": "nosniff"}
        if part.content_type not in PICTURES:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(part.name, safe='')}"
        return web.Response(body=part.content, content_type=part.content_type, headers=headers)

    async def source(self, call: Call) -> StreamResponse:
        """The mail as it was sent."""
        content = await self._mailbox.source((await self._mail(call)).id)
        return web.Response(body=content, content_type="text/plain", charset="utf-8", headers=SANDBOX)

    async def api(self, call: Call) -> StreamResponse:
        """`?to=` and `?limit=`: the newest mails as JSON, with their texts, links and attachments."""
        limit = call.request.query.get("limit", "50")
        count = int(limit) if limit.isdigit() and len(limit) < 5 else 50
        mails = await self._mailbox.mails(call.request.query.get("to") or None, max(1, min(count, 1000)))
        return call.json({"items": [as_json(mail) for mail in mails]})

    async def _mail(self, call: Call) -> Mail:
        mail = await self._mailbox.mail(call.path("mail"))
        if mail is None:
            raise NotFound("mail")
        return mail


def shown(mail: Mail) -> str:
    """The mail's HTML with its own pictures found, and its links opening a page of their own."""
    text = mail.html or ""
    for part in mail.parts:
        if part.content_id:
            text = text.replace(f"cid:{part.content_id}", f"/mailbox/parts/{mail.id}/{part.number}")
    base = '<base target="_blank">'
    text, found = re.subn(r"(?i)<head[^>]*>", lambda match: match.group(0) + base, text, count=1)
    return text if found else base + text


def as_json(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "from": mail.sender,
        "to": list(mail.recipients),
        "subject": mail.subject,
        "received_at": mail.received_at.isoformat(),
        "headers": [list(header) for header in mail.headers],
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {
                "name": part.name,
                "type": part.content_type,
                "bytes": len(part.content),
                "path": f"/mailbox/parts/{mail.id}/{part.number}",
            }
            for part in mail.parts
        ],
    }

"""The bytes of a mail: text, HTML, the ticket as an inline picture, the calendar entry as a part and as a file.

Headers go through EmailMessage alone, which refuses line breaks. Lines may be long: the standard policy would fold a
List-Unsubscribe address of over 77 characters into encoded words, which breaks RFC 8058.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

import css_inline
import segno

from notifications.channels.email.letter import Letter
from notifications.channels.email.wording import called
from services.pages.languages import translator
from services.pages.templating import environment

POLICY = SMTP.clone(max_line_length=998, refold_source="none")

# Looks up nothing: a style sheet on somebody's server would be a tracking pixel and a hole.
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who to, who from, and what ties this mail to its delivery."""

    delivery_id: UUID
    to_name: str
    to_address: str
    sender: str
    """`Name <address>` as settings give it."""
    reply_to: str
    moment: datetime


def build(letter: Letter, envelope: Envelope, entry: bytes | None = None, *, cancelled: bool = False) -> EmailMessage:
    """The mail. The same delivery always has the same Message-ID, so that a duplicate can be recognised."""
    name, address = parseaddr(envelope.sender)
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = letter.subject
    mail["From"] = Address(display_name=letter.sender or name, addr_spec=address)
    mail["To"] = _recipient(envelope)
    if parseaddr(envelope.reply_to)[1]:
        mail["Reply-To"] = envelope.reply_to
    mail["Date"] = format_datetime(envelope.moment)
    mail["Message-ID"] = f"<{envelope.delivery_id}@{address.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if letter.optional:
        mail["List-Unsubscribe"] = f"<{letter.links.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(mail, letter, entry, "CANCEL" if cancelled else "REQUEST")
    # Only now: filling moves every content header into the first part.
    mail["Content-Language"] = letter.lang
    return mail


def _recipient(envelope: Envelope) -> Address:
    """With the visitor's name where it fits; some servers refuse long ones."""
    username, _, domain = envelope.to_address.rpartition("@")
    return Address(display_name=called(envelope.to_name), username=username, domain=domain)


def _fill(mail: EmailMessage, letter: Letter, entry: bytes | None, method: str) -> None:
    names = {"letter": letter, "lang": letter.lang, "_": translator(letter.lang)}
    mail.set_content(environment().get_template("notifications/mail.txt").render(names))
    html = _inliner.inline(environment().get_template("notifications/mail.html").render(names))
    mail.add_alternative(html, subtype="html")
    if letter.shows_ticket:
        *_, picture = mail.iter_parts()
        assert isinstance(picture, EmailMessage)
        picture.add_related(
            ticket_picture(letter.links.ticket),
            "image",
            "png",
            cid="<ticket>",
            filename="ticket.png",
            disposition="inline",
        )
    if entry is not None:
        text = entry.decode()
        mail.add_alternative(text, subtype="calendar", params={"method": method})
        mail.add_attachment(entry, maintype="text", subtype="calendar", filename="blest.ics", params={"method": method})


def ticket_picture(address: str) -> bytes:
    """The ticket's QR code as PNG, readable from a phone's screen at arm's length."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()

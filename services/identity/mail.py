"""The mails of identity: invitation and reset. A row waits in `outgoing_mails`; a task makes the mail and sends it.

The row holds neither link nor text. Whether anybody has the address of a reset is asked only when it is sent, so
the page that takes the address does the same work and gives the same answer for all.
"""

from __future__ import annotations

from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from uuid import UUID

import aiosmtplib
import structlog

from services import smtp
from services.context import Context
from services.database import Transaction
from services.identity import functions
from services.identity.letters import NOTICES, Letter, invitation, notice, reset
from services.ids import new_id
from services.in_hand import to_its_end
from services.keys import token_hash

log = structlog.get_logger(__name__)

INVITATION = "invitation"
RESET = "password_reset"
RESET_FOR = timedelta(hours=1)
LEASE = timedelta(minutes=5)
LAST_MAIL = 3.0
"""Seconds that a process which is to end leaves a mail server to take the mail in hand."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long to wait after the first failure, the second, …; after the last the mail is given up."""


async def queue(tx: Transaction, kind: str, recipient: str, language: str, reference: UUID | None = None) -> None:
    """Let a mail be sent once the transaction has committed."""
    await functions.value(
        tx.connection, "queue_mail", new_id(tx.moment), kind, recipient, language, reference, tx.moment
    )


async def notify(tx: Transaction, account_id: UUID, what: str) -> None:
    """Tell an account's owner by mail what was changed; `what` is one of `letters.NOTICES`."""
    account = await functions.row(tx.connection, "find_account", account_id)
    if account is not None:
        await queue(tx, what, account["email"], account["language"])


async def send_due(context: Context) -> None:
    """Send what is due: the task `send-mails`.

    1. Take a mail for five minutes, and commit: nobody else has it. One at a time, so that a process which is to end
       keeps none from the others.
    2. Make it from what is true now; an invitation taken back and an address nobody has need none.
    3. Send it, and note that it left, or when to try again; a process that is to end waits for that.
    """
    while True:
        async with context.database.transaction(None) as tx:
            taken = await functions.row(tx.connection, "take_mails", 1, tx.moment, LEASE)
        if taken is None:
            return
        await to_its_end(_send_one(context, taken), LAST_MAIL)


async def _send_one(context: Context, one: functions.Record) -> None:
    async with context.database.transaction(None) as tx:
        letter = await _letter(context, tx, one)
    if letter is not None:
        try:
            async with await smtp.connection(context.settings, context.keys) as client:
                await client.send_message(_message(context, one["recipient"], letter))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await _failed(context, one, error)
            return
    async with context.database.transaction(None) as tx:
        await functions.value(tx.connection, "settle_mail", one["id"], tx.moment)


async def _letter(context: Context, tx: Transaction, one: functions.Record) -> Letter | None:
    url, keys = context.settings.url, context.keys
    if one["kind"] == INVITATION:
        found = await functions.row(tx.connection, "invitation_mail", one["reference"], tx.moment)
        if found is None:
            return None
        token = keys.token(INVITATION, one["reference"], found["rotation"])
        return invitation(
            one["language"],
            f"{url}/{one['language']}/invitation/{token}",
            found["programme_name"],
            found["invited_by"],
            found["expires_at"],
        )
    if one["kind"] in NOTICES:
        return notice(one["language"], one["kind"], f"{url}/{one['language']}/forgot")
    reset_id = new_id(tx.moment)
    token = keys.token(RESET, reset_id)
    account = await functions.row(
        tx.connection, "open_reset", reset_id, one["recipient"], token_hash(token), tx.moment, tx.moment + RESET_FOR
    )
    if account is None:
        return None
    return reset(account["language"], f"{url}/{account['language']}/reset/{token}", account["name"], RESET_FOR)


def _message(context: Context, recipient: str, letter: Letter) -> EmailMessage:
    name, sender = parseaddr(context.settings.sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(context.clock.now())
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = letter.lang  # last: setting the content clears what begins so
    return message


async def _failed(context: Context, one: functions.Record, error: Exception) -> None:
    code = getattr(error, "code", None)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        code = error.recipients[0].code
    permanent = isinstance(code, int) and 500 <= code < 600
    attempts = int(one["attempts"])
    async with context.database.transaction(None) as tx:
        again = None if permanent or attempts > len(PAUSES) else tx.moment + PAUSES[attempts - 1]
        await functions.value(
            tx.connection, "fail_mail", one["id"], str(code or type(error).__name__), again, tx.moment
        )
    log.warning(
        "mail not sent",
        mail=str(one["id"]),
        kind=one["kind"],
        error=str(code or type(error).__name__),
        again=str(again),
    )

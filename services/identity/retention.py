"""How long identity keeps what is personal, and the tasks that erase it when its time has come."""

from __future__ import annotations

from datetime import timedelta

import structlog

from services.context import Context
from services.http.problems import Conflict
from services.identity import commands, functions, mail, sessions
from services.service import Check, Retention, Task

log = structlog.get_logger(__name__)

IDLE_ACCOUNTS = timedelta(days=365)
SESSIONS = timedelta(days=30)
TOKENS = timedelta(days=30)
INVITATIONS = timedelta(days=30)
RESETS = timedelta(days=7)
THROTTLES = timedelta(days=2)
MAILS = timedelta(days=7)
AT_ONCE = 100


async def erase_credentials(context: Context) -> None:
    """Erase sessions, tokens, invitations, resets, counts of failures and mails that are past their time."""
    async with context.database.transaction(None) as tx:
        erased = {
            "sessions": await functions.value(tx.connection, "erase_sessions", tx.moment - SESSIONS, sessions.ABSOLUTE),
            "tokens": await functions.value(tx.connection, "erase_tokens", tx.moment - TOKENS),
            "invitations": await functions.value(tx.connection, "erase_invitations", tx.moment - INVITATIONS),
            "resets": await functions.value(tx.connection, "erase_resets", tx.moment - RESETS),
            "throttles": await functions.value(tx.connection, "erase_throttles", tx.moment - THROTTLES),
            "mails": await functions.value(tx.connection, "erase_mails", tx.moment - MAILS),
        }
    log.info("credentials erased", **erased)


async def erase_idle_accounts(context: Context) -> None:
    """Erase accounts that belong to no programme and were not used for a year. Each in a transaction of its own: one
    that became somebody's last owner meanwhile stays, and keeps nobody else."""
    async with context.database.transaction(None) as tx:
        found = await functions.rows(tx.connection, "idle_accounts", tx.moment - IDLE_ACCOUNTS, AT_ONCE)
    for row in found:
        try:
            async with context.database.transaction(None) as tx:
                await commands.erase_account(tx, None, row["idle_accounts"])
        except Conflict as error:
            log.info("idle account kept", account=str(row["idle_accounts"]), why=error.code)


TASKS = (
    Task("send-mails", timedelta(seconds=5), mail.send_due),
    Task("erase-credentials", timedelta(hours=6), erase_credentials),
    Task("erase-idle-accounts", timedelta(days=1), erase_idle_accounts),
)

RETENTION = (
    Retention(
        "accounts",
        "An organiser's account: while its person works in a programme; without one, a year after the last use; or at "
        "once when they ask.",
        "erase-idle-accounts",
    ),
    Retention(
        "sessions",
        "A log-in: until 30 days after it ended, so that its person can recognise one that was not theirs.",
        "erase-credentials",
    ),
    Retention("api_tokens", "An API token's name: until 30 days after it was revoked or expired.", "erase-credentials"),
    Retention(
        "invitations", "An invitation: until 30 days after it was accepted, withdrawn or expired.", "erase-credentials"
    ),
    Retention(
        "throttles", "Failed log-ins: two days after the last, as a keyed hash without an address.", "erase-credentials"
    ),
    Retention(
        "outgoing_mails",
        "The recipient of a mail about an account: until it has left; at most 7 days where it could not.",
        "erase-credentials",
    ),
)

CHECKS = (
    Check(
        "programmes-have-owners",
        "Every programme that has people has an owner among them.",
        lambda tx: functions.value(tx.connection, "count_ownerless"),
    ),
    Check(
        "mails-leave",
        "No invitation or reset mail waits for more than an hour, or was given up within the last week.",
        lambda tx: functions.value(tx.connection, "count_stuck_mails", tx.moment),
    ),
)

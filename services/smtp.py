"""The way to the mail server that the settings name.

    async with await smtp.connection(settings, keys) as client:
        await client.send_message(message)

`smtp/user` and `smtp/password` among the secrets are used where they are there; many a server beside us asks for none.
"""

from __future__ import annotations

import asyncio
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.keys import Keys, SecretMissing
from services.settings import Settings

ANSWER_WITHIN = 20.0
"""Seconds that the server has for each answer."""


async def connection(settings: Settings, keys: Keys) -> aiosmtplib.SMTP:
    """A client that connects, and logs in where there is a login, when it is entered."""
    server = urlsplit(settings.smtp)
    # Our own name, so that the resolver, which would block, is never asked for it.
    local = urlsplit(settings.url).hostname or "localhost"
    user, password = await asyncio.to_thread(_login, keys)
    if server.scheme == "unix":
        return aiosmtplib.SMTP(
            socket_path=unquote(server.path),
            local_hostname=local,
            timeout=ANSWER_WITHIN,
            start_tls=False,
            username=user,
            password=password,
        )
    return aiosmtplib.SMTP(
        hostname=server.hostname or "localhost",
        port=server.port or (465 if server.scheme == "smtps" else 25),
        use_tls=server.scheme == "smtps",
        local_hostname=local,
        timeout=ANSWER_WITHIN,
        username=user,
        password=password,
    )


def _login(keys: Keys) -> tuple[str | None, str | None]:
    try:
        return keys.secret("smtp/user", shortest=1), keys.secret("smtp/password", shortest=1)
    except SecretMissing:
        return None, None

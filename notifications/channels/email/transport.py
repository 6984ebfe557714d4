"""Hands a mail to the SMTP server, and says honestly what became of it.

Once the mail's text has been sent, a lost answer means that nobody knows: the mail may be on its way. That is
`Unknown`, never a reason to send it again. Everything before is safe to try again; a 5xx answer is final (RFC 5321,
section 4.2.1).
"""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTPUTF8
from types import TracebackType
from typing import Self

import aiosmtplib

from services import smtp
from services.keys import Keys
from services.settings import Settings


class TransportError(Exception):
    """The mail was not taken. `permanent` where trying again is useless; `code` is the SMTP status or a word of
    ours."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class Unknown(Exception):
    """The answer to the mail's text was lost."""


class Transport:
    """One connection to the SMTP server, opened when first needed and kept for the next mail."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys
        self._client: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, mail: EmailMessage, sender: str, recipient: str) -> str:
        """Hand over one mail; returns the server's last status. Raises `TransportError` or `Unknown`."""
        client = await self._connected()
        address = _in_ascii(recipient)
        # Å before the @ can only be told to a server that reads it (RFC 6531, section 3.4).
        utf8 = not address.isascii()
        try:
            if utf8 and client.last_ehlo_response is None:
                await client.ehlo()
            if utf8 and not client.supports_extension("smtputf8"):
                raise TransportError("address-unreadable", permanent=True)
            await client.mail(sender, options=["SMTPUTF8"] if utf8 else None)
            await client.rcpt(address, encoding="utf-8" if utf8 else "ascii")
        except aiosmtplib.SMTPResponseException as error:
            await self.close()
            raise _refused(error) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.close()
            raise TransportError("connection-lost", permanent=False) from error
        try:
            answer = await client.data(mail.as_bytes(policy=SMTPUTF8 if utf8 else None))
        except aiosmtplib.SMTPResponseException as error:
            await self.close()
            raise _refused(error) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.close()
            raise Unknown from error
        return str(answer.code)

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        client = await smtp.connection(self._settings, self._keys)
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise TransportError("login-refused", permanent=False) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TransportError("server-away", permanent=False) from error
        self._client = client
        return client

    async def close(self) -> None:
        """End the connection without waiting for a farewell."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _in_ascii(recipient: str) -> str:
    """The address with its domain as the network writes it (RFC 5890, section 2.3.2.1)."""
    local, _, domain = recipient.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise TransportError("address-unreadable", permanent=True) from None


def _refused(error: aiosmtplib.SMTPResponseException) -> TransportError:
    return TransportError(str(error.code), permanent=500 <= error.code < 600)

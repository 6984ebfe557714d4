"""Passwords: long rather than odd, refused where they are easy to guess, hashed with argon2id on a thread of their
own.

After NIST SP 800-63B and OWASP ASVS 5.0 (6.2): at least 12 characters, up to 128, every character allowed, no
rules about which; what is common or made from what we know of the person is refused.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from services.pages.languages import msgid

SHORTEST = 12
LONGEST = 128
WEAKEST = 3
"""zxcvbn's score from which a password is accepted: at least 10⁸ guesses."""

TOO_SHORT = msgid("Use at least 12 characters. A few words in a row make a good password.")
TOO_LONG = msgid("Use at most 128 characters.")
TOO_COMMON = msgid(
    "This password is among the first that others would try. Take a few words that do not belong together."
)

_hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
"""RFC 9106, second recommended option: 64 MiB, three passes."""
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
"""Two at a time: a wave of logins waits here, and takes neither the memory nor the event loop of everyone else."""


def _blank() -> str:
    """A hash that no password has, as costly to check as any other: the same work is done for an address nobody has."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${salt}${digest}"


BLANK = _blank()


def normal(password: str) -> str:
    """One form for what different keyboards write (NFKC), so that a login from another machine finds it equal."""
    return unicodedata.normalize("NFKC", password).strip()


async def hashed(password: str) -> str:
    """The encoded argon2id hash."""
    return str(await _on_thread(_hasher.hash, normal(password)))


async def fits(encoded: str | None, password: str) -> bool:
    """Whether the password has this hash. None (no account, or no password yet) costs the same and is never true."""
    return await _on_thread(_fits, encoded or BLANK, normal(password)) and encoded is not None


def outdated(encoded: str) -> bool:
    """Whether a hash was made under weaker parameters than today's."""
    return _hasher.check_needs_rehash(encoded)


async def refusal(password: str, known: Iterable[str] = ()) -> str | None:
    """Why a new password is refused (an English msgid), or None. `known` is what others know of the person: name,
    address."""
    text = normal(password)
    if len(text) < SHORTEST:
        return TOO_SHORT
    if len(text) > LONGEST:
        return TOO_LONG
    words = [part for one in known for part in (one, *one.replace("@", " ").replace(".", " ").split()) if len(part) > 2]
    score = await _on_thread(_score, text, [*words, "blest"])
    return TOO_COMMON if score < WEAKEST else None


def _fits(encoded: str, password: str) -> bool:
    try:
        return _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


def _score(password: str, known: list[str]) -> int:
    return int(zxcvbn(password, user_inputs=known, max_length=LONGEST)["score"])


async def _on_thread(work: Callable[..., Any], *given: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *given)

"""Secrets from files, and the public identifiers derived from them.

A directory (`BLEST_SECRETS`) holds one file per secret: `token-key`, `postgres/<role>`, `nats/<service>`. A process is
given only the files it needs; a missing or short one stops the start with its name.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN_LENGTH = 26
ENOUGH = 17
"""Bytes of a digest that its first 26 characters come from, of which each is five bits."""
SPARE = ENOUGH * 8 - TOKEN_LENGTH * 5
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Two characters for each ten bits: a table is read quicker than base64.b32encode spells."""
_SHIFTS = range((TOKEN_LENGTH - 2) * 5, -1, -10)
SHORTEST_KEY = 32
NONCE = 12
"""Bytes of chance before a sealed text (NIST SP 800-38D, section 8.2)."""


class SecretMissing(Exception):
    """A secret's file is absent, unreadable or too short. The message says which and what to do."""


class Keys:
    """Reads secrets by name and derives tokens from `token-key`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, str] = {}

    def secret(self, name: str, *, shortest: int = 16) -> str:
        """The secret called `name`; raises `SecretMissing` where the file is absent or holds under `shortest`
        characters."""
        if name not in self._read:
            path = self._directory / name
            try:
                value = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SecretMissing(
                    f"secret {name!r}: cannot read {path} ({error.strerror}); see docs/how-to"
                ) from error
            if len(value) < shortest:
                raise SecretMissing(
                    f"secret {name!r} in {path} is shorter than {shortest} characters; make a longer one"
                )
            self._read[name] = value
        return self._read[name]

    def token(self, purpose: str, identifier: UUID, rotation: int = 0) -> str:
        """The public identifier of something: base32(HMAC-SHA256(key, purpose | id | rotation)), 26 characters.

        The same input always gives the same token, so a mail sent days later and a replay carry the same link; raising
        the rotation makes every earlier token of that thing worthless. 26 base32 characters are 130 bits.
        """
        key = self.secret("token-key", shortest=SHORTEST_KEY).encode()
        message = f"{purpose}|{identifier}|{rotation}".encode()
        return _readable(hmac.digest(key, message, "sha256"))

    def made(self, token: str, purpose: str, identifier: UUID, rotation: int = 0) -> bool:
        """Whether `token`, as somebody typed it, is this one. Whoever has found its hash asks this too: hashes of
        tokens made under a key that is gone are still stored, and who saw that key could make the tokens."""
        return hmac.compare_digest(self.token(purpose, identifier, rotation).encode(), _typed(token))

    def sign(self, purpose: str, text: str) -> str:
        """`text` with a signature behind a dot: for values that travel through a stranger's hands, as a click token
        does."""
        return f"{text}.{self._signature(purpose, text)}"

    def unsign(self, purpose: str, signed: str) -> str | None:
        """The text of `sign`, or None where the signature does not fit. Compared in constant time."""
        text, _, signature = signed.rpartition(".")
        fits = hmac.compare_digest(self._signature(purpose, text).encode(), signature.encode())
        return text if text and fits else None

    def seal(self, purpose: str, text: str, bound: str) -> bytes:
        """`text` under AES-256-GCM for whoever reads the database without the key; it opens only beside `bound`."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(self._sealing(purpose)).encrypt(nonce, text.encode(), bound.encode())

    def unseal(self, purpose: str, sealed: bytes, bound: str) -> str | None:
        """The text of `seal`; None where it was sealed under another key, or beside something else."""
        try:
            return AESGCM(self._sealing(purpose)).decrypt(sealed[:NONCE], sealed[NONCE:], bound.encode()).decode()
        except InvalidTag:
            return None

    def _sealing(self, purpose: str) -> bytes:
        key = self.secret("token-key", shortest=SHORTEST_KEY).encode()
        return hmac.new(key, f"seal|{purpose}".encode(), hashlib.sha256).digest()

    def _signature(self, purpose: str, text: str) -> str:
        key = self.secret("token-key", shortest=SHORTEST_KEY).encode()
        return _readable(hmac.digest(key, f"sign|{purpose}|{text}".encode(), "sha256"))


def _readable(digest: bytes) -> str:
    """The first 26 base32 characters (RFC 4648, section 6), in lower case."""
    number = int.from_bytes(digest[:ENOUGH]) >> SPARE
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def token_hash(token: str) -> bytes:
    """What is stored of a token: SHA-256 of its lower-case form. A token is 130 bits of chance, so no salt is
    needed."""
    return hashlib.sha256(_typed(token)).digest()


def _typed(token: str) -> bytes:
    return token.strip().lower().encode()

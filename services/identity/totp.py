"""The second factor: time-based one-time codes (RFC 6238) from an app, and recovery codes for when the phone is
lost.

started ──a──> confirmed ──b──> gone
a: a code from the app was typed, so the app has the secret; ten recovery codes are shown, once
b: its owner removed it, with password and code

A code is good for its half minute and one neighbour on either side, and once: its time step and all before it are
spent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.database import Transaction
from services.identity import functions
from services.keys import SHORTEST_KEY, Keys

STEP = 30
DIGITS = 6
NEIGHBOURS = (0, -1, 1)
RECOVERY_CODES = 10
NONCE = 12
ISSUER = "Blest"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs: the secret to type, and the address that the QR code holds."""

    secret: str
    address: str


async def start(tx: Transaction, keys: Keys, account_id: UUID, email: str) -> Enrolment | None:
    """Begin an enrolment with a new secret; None where a second factor stands already."""
    secret = pyotp.random_base32(32)  # 160 bits, as RFC 4226 recommends
    if not await functions.value(
        tx.connection, "start_second_factor", account_id, _seal(keys, account_id, secret), tx.moment
    ):
        return None
    return _enrolment(secret, email)


async def started(tx: Transaction, keys: Keys, account_id: UUID, email: str) -> Enrolment | None:
    """The enrolment that has begun and is not confirmed, so that a mistyped code shows the same QR code again."""
    found = await functions.row(tx.connection, "find_second_factor", account_id)
    if found is None or found["confirmed_at"] is not None:
        return None
    return _enrolment(_unseal(keys, account_id, found["sealed"]), email)


async def confirm(tx: Transaction, keys: Keys, account_id: UUID, code: str) -> list[str] | None:
    """Finish the enrolment with a code from the app: the recovery codes, or None where the code is wrong."""
    found = await functions.row(tx.connection, "find_second_factor", account_id)
    if found is None or found["confirmed_at"] is not None or not await check(tx, keys, account_id, code):
        return None
    return await renew_recovery_codes(tx, keys, account_id)


async def renew_recovery_codes(tx: Transaction, keys: Keys, account_id: UUID) -> list[str]:
    """Ten new recovery codes, shown this once; all earlier ones are worthless."""
    codes = ["-".join(_random_group() for _ in range(4)) for _ in range(RECOVERY_CODES)]
    hashes = [_recovery_hash(keys, account_id, code) for code in codes]
    await functions.value(tx.connection, "confirm_second_factor", account_id, hashes, tx.moment)
    return codes


async def check(tx: Transaction, keys: Keys, account_id: UUID, code: str) -> bool:
    """Whether this is the app's code of now, never used before; if so it is spent."""
    found = await functions.row(tx.connection, "find_second_factor", account_id)
    digits = "".join(code.split())
    if found is None or not (digits.isascii() and digits.isdigit() and len(digits) == DIGITS):
        return False
    step = _matching_step(_unseal(keys, account_id, found["sealed"]), digits, tx.moment)
    return step is not None and bool(await functions.value(tx.connection, "spend_step", account_id, step))


async def check_or_recover(tx: Transaction, keys: Keys, account_id: UUID, code: str) -> str | None:
    """`totp` or `recovery`, by what the code is; None where it is neither, or spent."""
    if await check(tx, keys, account_id, code):
        return "totp"
    spent = await functions.value(
        tx.connection, "spend_recovery_code", account_id, _recovery_hash(keys, account_id, code), tx.moment
    )
    return "recovery" if spent else None


async def remove(tx: Transaction, account_id: UUID) -> bool:
    """Remove the second factor and its recovery codes; False where there was none."""
    return bool(await functions.value(tx.connection, "remove_second_factor", account_id))


def _enrolment(secret: str, email: str) -> Enrolment:
    return Enrolment(
        secret, pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=email, issuer_name=ISSUER)
    )


def _matching_step(secret: str, digits: str, moment: datetime) -> int | None:
    now = int(moment.timestamp()) // STEP
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    fitting = [
        now + offset for offset in NEIGHBOURS if hmac.compare_digest(generator.generate_otp(now + offset), digits)
    ]
    return fitting[0] if fitting else None


def _random_group() -> str:
    return base64.b32encode(secrets.token_bytes(5)).decode()[:4].lower()


def _recovery_hash(keys: Keys, account_id: UUID, code: str) -> bytes:
    """Keyed, so that whoever has the table alone cannot try codes against it."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hmac.new(_key(keys, "recovery"), f"{account_id}|{plain}".encode(), hashlib.sha256).digest()


def _seal(keys: Keys, account_id: UUID, secret: str) -> bytes:
    """AES-256-GCM, bound to its account: a row copied to another account does not open."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(_key(keys, "totp")).encrypt(nonce, secret.encode(), account_id.bytes)


def _unseal(keys: Keys, account_id: UUID, sealed: bytes) -> str:
    return AESGCM(_key(keys, "totp")).decrypt(sealed[:NONCE], sealed[NONCE:], account_id.bytes).decode()


def _key(keys: Keys, purpose: str) -> bytes:
    """A key of its own per purpose, derived from token-key."""
    return hmac.new(
        keys.secret("token-key", shortest=SHORTEST_KEY).encode(), f"identity|{purpose}".encode(), hashlib.sha256
    ).digest()

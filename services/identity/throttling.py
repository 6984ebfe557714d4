"""The brake on guessing: attempts are counted before they are tried, per account and per network address.

A browser that has logged in to an account before carries a note of it and has a door of its own there: whoever
guesses at the account from elsewhere closes the account's door to strangers, and not to its owner.

From a number of failures on, each further one closes the door twice as long, up to a quarter of an hour; a day
without failures is forgotten. What is counted is a keyed hash: the table names neither people nor addresses.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from services.database import Transaction
from services.identity import functions
from services.keys import SHORTEST_KEY, Keys

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=15)
MEMORY = timedelta(hours=24)
DEVICE = "device"
PER_ACCOUNT = 5
"""Failures that an account (or the address typed, whether or not it has one) has free."""
PER_ADDRESS = 20
"""Failures that a network address has free: a whole office may sit behind one."""


@dataclass(frozen=True, slots=True)
class Door:
    """What attempts are counted against: its hash, and how many failures it has free."""

    key: bytes
    free: int


def account_door(keys: Keys, purpose: str, email: str, free: int = PER_ACCOUNT) -> Door:
    """The door of whoever has this mail address, or would have."""
    return Door(_hash(keys, purpose, "account", email.strip().lower()), free)


def address_door(keys: Keys, purpose: str, client: str, free: int = PER_ADDRESS) -> Door:
    """The door of a network address; of IPv6 the /64, which one household has."""
    try:
        parsed = ip_address(client)
    except ValueError:
        return Door(_hash(keys, purpose, "address", client), free)
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64)
    return Door(_hash(keys, purpose, "address", str(parsed)), free)


def device_note(keys: Keys, email: str) -> str:
    """What a browser keeps once it has logged in to the account with this address: for that account alone."""
    return keys.sign(DEVICE, f"{secrets.token_hex(16)}~{_mark(keys, email)}")


def device_door(keys: Keys, purpose: str, email: str, note: str) -> Door | None:
    """The door of a browser that was in this account before; None for a stranger, or a note for another account."""
    text = keys.unsign(DEVICE, note) if note else None
    if text is None or not hmac.compare_digest(text.partition("~")[2], _mark(keys, email)):
        return None
    return Door(_hash(keys, purpose, DEVICE, text), PER_ACCOUNT)


async def attempt(tx: Transaction, doors: Sequence[Door]) -> timedelta:
    """Count an attempt at all doors and return zero; or count nothing and return how long to wait. Commit before
    trying."""
    wait: timedelta = await functions.value(
        tx.connection,
        "begin_attempt",
        [door.key for door in doors],
        [door.free for door in doors],
        tx.moment,
        FIRST,
        LONGEST,
        MEMORY,
    )
    return wait


async def succeeded(tx: Transaction, account: Door, *others: Door) -> None:
    """The attempt was right: the account's failures are forgotten, the others' counts take back this one attempt."""
    await functions.value(tx.connection, "end_attempt", [account.key], [door.key for door in others], tx.moment)


def _mark(keys: Keys, email: str) -> str:
    return _hash(keys, DEVICE, email.strip().lower()).hex()[:32]


def _hash(keys: Keys, *parts: str) -> bytes:
    key = keys.secret("token-key", shortest=SHORTEST_KEY).encode()
    return hmac.new(key, "|".join(("throttle", *parts)).encode(), hashlib.sha256).digest()

"""Identifiers: UUIDv7 (RFC 9562, section 5.7), made from the caller's moment so that a moved clock makes ordered
ids."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID


def new_id(moment: datetime) -> UUID:
    """A UUIDv7: 48 bits of Unix milliseconds, then 74 bits of chance. Ids made later sort later, to the millisecond."""
    milliseconds = int(moment.timestamp() * 1000)
    chance = int.from_bytes(os.urandom(10)) >> 6
    high = (milliseconds & (1 << 48) - 1) << 80
    return UUID(int=high | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)

"""Identifiers: UUIDv7 (RFC 9562, section 5.7), made from the caller's moment so that a moved clock makes ordered
ids."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

_AT_ONCE = 256
"""Ids whose chance is asked of the machine together: each asking costs more than the rest of an id."""
_chances: list[int] = []
os.register_at_fork(after_in_child=_chances.clear)


def _chance() -> int:
    """74 bits. `pop` is one step, so that no two threads get the same."""
    while True:
        try:
            return _chances.pop()
        except IndexError:
            fresh = os.urandom(10 * _AT_ONCE)
            _chances.extend(int.from_bytes(fresh[at : at + 10]) >> 6 for at in range(0, len(fresh), 10))


def new_id(moment: datetime) -> UUID:
    """A UUIDv7: 48 bits of Unix milliseconds, then 74 bits of chance. Ids made later sort later, to the millisecond."""
    milliseconds = int(moment.timestamp() * 1000)
    chance = _chance()
    high = (milliseconds & (1 << 48) - 1) << 80
    return UUID(int=high | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)

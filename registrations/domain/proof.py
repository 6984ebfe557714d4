"""A proof of work: sums that take a machine a moment to solve and us none to check. Pure.

A challenge names what it is for, until when it holds, how hard it is, and a number of its own:

    <subject>.<ends at, seconds since 1970>.<bits>.<mark>.<signature>

It is solved by `PIECES` numbers n, one for each piece p from 0 on, such that

    SHA-256(SHA-256(challenge) | p | n)        p and n as 32 bits, big-endian

begins with that many zero bits. Several small sums instead of a large one take nearly the same time whoever solves
them: a single one takes some people ten times as long as others (Juels and Brainard, "Client puzzles", 1999).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

PIECES = 16
EASIEST, HARDEST = 12, 15
"""Bits of each piece: 65,000 hashes in all at the least and 520,000 at the most, which is under two seconds for a phone
that makes 300,000 a second."""
HOLDS_FOR = timedelta(minutes=30)
"""Longer than most take for the form; whoever takes longer is given another one, and nothing typed is lost."""
_CHALLENGE = re.compile(r"([a-z]+:[0-9a-f-]{36})\.(\d{1,12})\.(\d{1,2})\.([0-9a-f]{32})", re.ASCII)
_NUMBERS = re.compile(rf"\d{{1,10}}(?:,\d{{1,10}}){{{PIECES - 1}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Challenge:
    subject: str
    """What is asked for: `event:<id>` or `programme:<id>`."""
    ends_at: datetime
    bits: int
    mark: str
    """32 hexadecimal digits of chance, by which it is known to be spent."""

    def __str__(self) -> str:
        return f"{self.subject}.{int(self.ends_at.timestamp())}.{self.bits}.{self.mark}"

    @classmethod
    def read(cls, text: str) -> Challenge | None:
        """The challenge in a text whose signature was found to fit; None where it is none."""
        found = _CHALLENGE.fullmatch(text)
        if found is None:
            return None
        subject, ends_at, bits, mark = found.groups()
        return cls(subject, datetime.fromtimestamp(int(ends_at), UTC), int(bits), mark)


def bits(strength: int) -> int:
    """How hard the pieces are in a rush of this strength (1 or more)."""
    return min(EASIEST + strength - 1, HARDEST)


def numbers(text: str) -> tuple[int, ...]:
    """What was sent as a solution, as decimal numbers with commas between; none where it is not of that form."""
    found = tuple(map(int, text.split(","))) if _NUMBERS.fullmatch(text) else ()
    return found if all(one < 2**32 for one in found) else ()


def solves(challenge: str, hardness: int, found: Sequence[int]) -> bool:
    """Whether these numbers solve the pieces of a challenge, as it was handed out with its signature."""
    if len(found) != PIECES:
        return False
    seed = sha256(challenge.encode()).digest()
    return all(_zeros(seed, piece, number, hardness) for piece, number in enumerate(found))


def solve(challenge: str, hardness: int) -> list[int]:
    """What a program does that is asked for a proof; browsers have `static/proof-worker.js`."""
    seed = sha256(challenge.encode()).digest()
    return [next(n for n in range(2**32) if _zeros(seed, piece, n, hardness)) for piece in range(PIECES)]


def _zeros(seed: bytes, piece: int, number: int, hardness: int) -> bool:
    digest = sha256(seed + struct.pack(">II", piece, number)).digest()
    return int.from_bytes(digest[:4]) >> (32 - hardness) == 0

"""Which mails a mailbox's folder holds, and to whom each was sent.

A mail's file gets its name when it is whole and never changes after, so all that a later look can find is names that
have come, of which the first lines are read, and names that have gone; whichever process wrote or deleted them. While
the folder itself has not changed, not even the names are read.
"""

from __future__ import annotations

import os
import time
from bisect import insort
from collections import defaultdict
from pathlib import Path
from threading import Lock

NOTED = b"delivered-to:"
"""What begins the line with a recipient, at the top of each file."""
SETTLED = 2_000_000_000
"""Nanoseconds: in a folder that changed longer ago, whatever comes next shows in its time of change, however coarse the
file system's clock is."""


class Index:
    """The mails of one folder. Read on threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looking = Lock()
        self._seen = 0
        self._all: list[str] = []
        self._recipients: dict[str, frozenset[str]] = {}
        self._of: dict[str, list[str]] = defaultdict(list)

    def ids(self, to: str | None = None) -> list[str]:
        """The oldest first; `to` keeps those sent to that address, in small letters or large. Raises OSError."""
        with self._looking:
            self._look()
            return list(self._all if to is None else self._of.get(to.lower(), ()))

    def _look(self) -> None:
        changed, now = self._folder.stat().st_mtime_ns, time.time_ns()
        if changed == self._seen:
            return
        with os.scandir(self._folder) as entries:
            names = {one.name.removesuffix(".eml") for one in entries if one.name.endswith(".eml")}
        for gone in self._recipients.keys() - names:
            self._all.remove(gone)
            for one in self._recipients.pop(gone):
                self._of[one].remove(gone)
        for new in sorted(names - self._recipients.keys()):
            insort(self._all, new)
            self._recipients[new] = self._sent_to(new)
            for one in self._recipients[new]:
                insort(self._of[one], new)
        self._seen = changed if now - changed > SETTLED else 0

    def _sent_to(self, identifier: str) -> frozenset[str]:
        """Those of the envelope, that stand above the mail itself; none of one that is deleted just now."""
        found = set()
        try:
            with (self._folder / f"{identifier}.eml").open("rb") as file:
                for number, line in enumerate(file):
                    name, _, value = line.partition(b" ")
                    if name.lower() == NOTED:
                        found.add(value.strip().decode(errors="replace").lower())
                    elif number:
                        break
        except FileNotFoundError:
            return frozenset()
        return frozenset(found)

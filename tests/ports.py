"""Ports for servers that are started, ended and started again at the same place.

Below the range from which the system takes the ports of outgoing connections: in that one, whoever connects anywhere in
the half second between an end and the next start may sit on the port, and the server cannot come back.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000
_chance = random.SystemRandom()
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on and that this process has not been given before."""
    highest = int(RANGE.read_text().split()[0]) if RANGE.exists() else 32_768
    while True:
        port = _chance.randrange(LOWEST, max(highest, LOWEST + 1_000))
        if port in _given:
            continue
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port

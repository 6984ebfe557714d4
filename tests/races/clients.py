"""Two hundred clients at once, each with a connection and an address of its own, by the half at either process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, TCPConnector

CLIENTS = 200
Answers = Counter[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """What one client sends to the JSON API."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    staff: bool = False


async def all_at_once(addresses: Sequence[str], requests: Sequence[Request], token: str = "") -> Answers:
    """How many were answered what: the HTTP status with the booking's own, or with the code of the refusal. `token` is
    that of the staff among them."""
    network = uuid4().hex[:4]
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def one(number: int, request: Request) -> tuple[int, str]:
            headers = {"X-Forwarded-For": f"2001:db8:{network}:{number:x}::1"}
            if request.method == "POST":
                headers["Idempotency-Key"] = str(uuid4())
            if request.staff:
                headers["Authorization"] = f"Bearer {token}"
            address = addresses[number % len(addresses)] + request.path
            async with session.request(request.method, address, json=request.body, headers=headers) as response:
                answer = await response.json()
                return response.status, answer.get("status" if response.ok else "code", "")

        return Counter(await asyncio.gather(*(one(*numbered) for numbered in enumerate(requests))))

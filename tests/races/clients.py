"""Two hundred clients at once, each with a connection and an address of its own, by the half at either process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, TCPConnector

from tests.races.staff import Staff

CLIENTS = 200
Answers = Counter[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """What one client sends: to the JSON API, or the `form` of a page."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    staff: bool = False
    form: Mapping[str, Any] | None = None


async def all_at_once(addresses: Sequence[str], requests: Sequence[Request], staff: Staff | None = None) -> Answers:
    """How many were answered what: the HTTP status with the booking's own, or with the code of the refusal; of a page,
    the status alone."""
    network = uuid4().hex[:4]
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def one(number: int, request: Request) -> tuple[int, str]:
            headers, form = sent_with(request, staff)
            headers["X-Forwarded-For"] = f"2001:db8:{network}:{number:x}::1"
            address = addresses[number % len(addresses)] + request.path
            async with session.request(
                request.method, address, json=request.body, data=form, headers=headers, allow_redirects=False
            ) as response:
                if request.form is not None:
                    return response.status, ""
                answer = await response.json()
                return response.status, answer.get("status" if response.ok else "code", "")

        return Counter(await asyncio.gather(*(one(*numbered) for numbered in enumerate(requests))))


def sent_with(request: Request, staff: Staff | None) -> tuple[dict[str, str], Mapping[str, Any] | None]:
    """The headers, and the form with what keeps others from sending it: as a program would, or a browser."""
    if request.form is not None:
        ours = {"Sec-Fetch-Site": "same-origin"}
        if not request.staff:
            return ours, request.form
        assert staff is not None
        return {**ours, "Cookie": staff.cookie}, {**request.form, "csrf": staff.csrf}
    headers = {"Idempotency-Key": str(uuid4())} if request.method == "POST" else {}
    if request.staff:
        assert staff is not None
        headers["Authorization"] = f"Bearer {staff.token}"
    return headers, None

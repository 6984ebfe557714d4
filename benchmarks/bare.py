"""The baselines over HTTP: what aiohttp itself takes for a request, with nothing of ours around it."""

from __future__ import annotations

import os
from pathlib import Path

import uvloop
from aiohttp import web


async def redirect(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/nb/events/fair", "Cache-Control": "no-store"})


async def book(request: web.Request) -> web.Response:
    """Decodes the JSON and answers a receipt as long as ours."""
    wanted = await request.json()
    return web.json_response(
        {
            "event_id": "01900000-0000-7000-8000-000000000002",
            "slot_id": wanted["slot_id"],
            "wait": wanted["wait"],
            "received_at": "2026-04-13T07:00:00Z",
        },
        status=202,
    )


def main() -> None:
    named = os.environ.get("BARE_PAGE", "")
    body = Path(named).read_bytes() if named else b"page"

    async def page(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    app = web.Application()
    app.router.add_get("/l/{slug}", redirect)
    app.router.add_post("/api/v1/events/{event}/bookings", book)
    app.router.add_get("/page", page)
    web.run_app(
        app,
        host="127.0.0.1",
        port=int(os.environ["BARE_PORT"]),
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )


if __name__ == "__main__":
    main()

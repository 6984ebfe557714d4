"""Redirects: a tracked link is followed, and its click is on JetStream's disk before the visitor is sent on."""

from __future__ import annotations

from benchmarks import seeds
from benchmarks.children import bare, serving
from benchmarks.ground import Ground
from benchmarks.load import drive
from benchmarks.rounds import Rounds, by_turns

BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Language: nl,en;q=0.5\r\nSec-Fetch-Dest: document\r\n"
)


def asking(path: str) -> bytes:
    """A browser's GET."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{BROWSER}\r\n".encode()


async def measure(ground: Ground) -> Rounds:
    async with ground.place("redirects") as place:
        slug = await seeds.link(place)
        request = asking(f"/l/{slug}?qr")
        async with serving(place.settings, place.folder, "campaigns") as ours, bare(place.folder) as theirs:

            async def redirects() -> float:
                return (await drive(ours, lambda: request, expect=302)).rate

            async def answers() -> float:
                return (await drive(theirs, lambda: request, expect=302)).rate

            return await by_turns(redirects, answers)

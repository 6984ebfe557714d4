"""Files that never change under their address: `/static/<hash>/<package>/<path>`.

A service's files share one hash, so that a style sheet finds its fonts beside it; each npm file has its own. What is
served under its hash may be kept for ever. Under another one (a page from before a deployment) the same file is served,
to be asked for again. Only files that were there at the start can be asked for: no path leads outside.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from aiohttp import web

from services.http import compression
from services.http.call import Call
from services.http.negotiation import encoding
from services.http.problems import NotFound
from services.pages.assets import ASSETS
from services.pages.packages import packages
from services.routes import PUBLIC, Route

NPM = "npm"
TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What we serve; the machine's own list of types differs from machine to machine."""


class StaticUnknown(LookupError):
    """A template asks for a file that no package has. The message says which."""


@dataclass(slots=True)
class File:
    """One file in memory, and what was made of it for clients that take a coding."""

    hash: str
    content: bytes
    content_type: str
    coded: dict[str, bytes] = field(default_factory=dict)

    async def body(self, coding: str) -> bytes:
        """The content in a coding, compressed once and as small as it gets."""
        if not coding:
            return self.content
        if coding not in self.coded:
            self.coded[coding] = await asyncio.to_thread(compression.compressed, self.content, coding, best=True)
        return self.coded[coding]


def prepare() -> None:
    """Read all static files, before the event loop; raises `FrontEndMissing` where node_modules lacks one."""
    for name in packages():
        _files(name)
    for name in ASSETS:
        _npm(name)


def address(package: str, path: str) -> str:
    """The address of a file; raises `StaticUnknown`."""
    file = find(package, path)
    if file is None:
        raise StaticUnknown(f"no static file {package}/{path}")
    return f"/static/{file.hash}/{package}/{path}"


def find(package: str, path: str) -> File | None:
    """A file that may be asked for."""
    if package == NPM:
        return _npm(path) if path in ASSETS else None
    return _files(package).get(path) if package in packages() else None


@cache
def _files(package: str) -> Mapping[str, File]:
    folder = packages()[package] / "static"
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in TYPES)
    read = {path.relative_to(folder).as_posix(): (path.read_bytes(), TYPES[path.suffix]) for path in paths}
    together = _hash(*(part for name, (content, _) in read.items() for part in (name.encode(), content)))
    return {name: File(together, content, kind) for name, (content, kind) in read.items()}


@cache
def _npm(name: str) -> File:
    # A hash of its own: the style sheet names the addresses of its fonts.
    content = ASSETS[name].content()
    return File(_hash(content), content, ASSETS[name].content_type)


def _hash(*parts: bytes) -> str:
    made = hashlib.blake2b(digest_size=8)
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


async def serve(call: Call) -> web.StreamResponse:
    """`/static/{hash}/{package}/{path}`"""
    file = find(call.path("package"), call.path("path"))
    if file is None:
        raise NotFound("file")
    packable = compression.compressible(file.content_type)
    coding = encoding(call.request.headers.get("Accept-Encoding", "")) if packable else ""
    response = web.Response(body=await file.body(coding), content_type=file.content_type)
    if file.content_type.startswith("text/"):
        response.charset = "utf-8"
    if coding:
        response.headers.update({"Content-Encoding": coding, "Vary": "Accept-Encoding"})
    response.headers["ETag"] = f'W/"{file.hash}"'
    fresh = call.path("hash") == file.hash
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return response


ROUTES = (Route("GET", "/static/{hash}/{package}/{path:.+}", serve, PUBLIC),)

"""Smaller answers: brotli where the client takes it, else gzip.

A page for a signed-in person holds a secret (the token against forged forms) beside text that others can have a say in;
the length of the two compressed together can give the secret away (BREACH, 2013). Such answers go by gzip with a random
number of bytes in its header, which hides the length.
"""

from __future__ import annotations

import asyncio
import gzip
import secrets
import struct
import zlib

import brotli
from aiohttp import web

from services.http.negotiation import encoding

SMALLEST = 860
"""Bytes below which the answer fits one packet anyway."""
IN_THE_LOOP = 128 * 1024
"""Bytes up to which compressing takes a few milliseconds; more is done in a thread."""
SLOW = 50_000
TYPES = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/javascript",
    "application/xml",
    "application/wasm",
)
SUFFIXES = ("+json", "+xml")
LONGEST_PADDING = 128


def compressible(content_type: str) -> bool:
    return content_type.startswith(TYPES) or content_type.endswith(SUFFIXES)


def padded_gzip(body: bytes, level: int = 5) -> bytes:
    """gzip (RFC 1952) with a file name of random length in its header, which readers skip."""
    name = b"x" * secrets.randbelow(LONGEST_PADDING) + b"\0"
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = b"\x1f\x8b\x08\x08" + b"\0" * 4 + b"\0\xff" + name
    return head + packer.compress(body) + packer.flush() + struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)


def compressed(body: bytes, coding: str, *, secret: bool = False, best: bool = False) -> bytes:
    """`body` in a coding. `best` takes its time: for what is compressed once and sent often."""
    if coding == "br":
        # The highest quality takes ten seconds for a megabyte, and a tenth off the one below it.
        return bytes(brotli.compress(body, quality=4 if not best else 11 if len(body) < SLOW else 9))
    return padded_gzip(body) if secret else gzip.compress(body, 9 if best else 5, mtime=0)


async def compress(request: web.BaseRequest, response: web.StreamResponse, *, secret: bool) -> None:
    """Compress a whole answer that is worth it; streamed, small and already compressed ones stay."""
    if not isinstance(response, web.Response) or response.prepared or not isinstance(response.body, (bytes, bytearray)):
        return
    if not compressible(response.content_type) or "Content-Encoding" in response.headers:
        return
    vary = response.headers.get("Vary")
    response.headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    body = bytes(response.body)
    coding = encoding(request.headers.get("Accept-Encoding", ""), ("gzip",) if secret else ("br", "gzip"))
    if not coding or len(body) < SMALLEST:
        return
    if len(body) <= IN_THE_LOOP:
        response.body = compressed(body, coding, secret=secret)
    else:
        response.body = await asyncio.to_thread(compressed, body, coding, secret=secret)
    response.headers["Content-Encoding"] = coding

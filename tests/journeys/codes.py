"""Reads QR codes as a phone does: from the picture alone, with a reader that knows nothing of how it was drawn."""

from __future__ import annotations

import zlib

import zxingcpp

GREY = 0


def decoded(png: bytes) -> str:
    """The text of the one QR code in a picture. Raises AssertionError where there is none, or more."""
    width, height, grey = _grey(png)
    found = zxingcpp.read_barcodes(memoryview(grey).cast("B", (height, width)))
    assert [str(one.format) for one in found] != [], "no code can be read"
    (code,) = found
    return str(code.text)


def _grey(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and a byte per pixel of a PNG in two tones (ISO/IEC 15948: one bit, grey)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, packed = 8, b""
    width = height = 0
    while place < len(png):
        length, kind = int.from_bytes(png[place : place + 4]), png[place + 4 : place + 8]
        content = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height = int.from_bytes(content[:4]), int.from_bytes(content[4:8])
            assert (content[8], content[9]) == (1, GREY), "another kind of picture: read it too"
        elif kind == b"IDAT":
            packed += content
        place += length + 12
    lines = zlib.decompress(packed)
    row = (width + 7) // 8
    above, pixels = bytes(row), bytearray()
    for start in range(0, (row + 1) * height, row + 1):
        above = _line(lines[start], lines[start + 1 : start + 1 + row], above)
        pixels += bytes(255 if above[at // 8] >> (7 - at % 8) & 1 else 0 for at in range(width))
    return width, height, bytes(pixels)


def _line(filtered: int, line: bytes, above: bytes) -> bytes:
    """A line as it was before it was filtered: each byte may be told as what it adds to the one above it."""
    assert filtered in {0, 2}, "another filter: read it too"
    return bytes((one + up) % 256 for one, up in zip(line, above, strict=True)) if filtered == 2 else line

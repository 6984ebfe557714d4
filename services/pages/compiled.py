"""Keeps compiled templates beside Python's own compiled modules, so that a start does not compile a hundred of them.

As with Python's: a file is used only where it was made from the very same text, and where the folder cannot be written,
as in a read-only image, nothing is kept.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

FOLDER = Path(__file__).parent / "__pycache__" / f"templates-{sys.implementation.cache_tag}"


class Kept(BytecodeCache):
    """One file per template, named by its key; jinja2 compares the text's checksum."""

    def __init__(self, folder: Path = FOLDER, keep: bool = not sys.dont_write_bytecode) -> None:
        self._folder = folder
        self._keep = keep

    def load_bytecode(self, bucket: Bucket) -> None:
        path = self._folder / bucket.key
        if path.is_file():
            with path.open("rb") as file:
                bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not self._keep:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            half = self._folder / f"{bucket.key}.{os.getpid()}"
            half.write_bytes(bucket.bytecode_to_string())
            half.replace(self._folder / bucket.key)

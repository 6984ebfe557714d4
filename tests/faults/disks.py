"""Disks that are full: a small tmpfs in place of a folder, filled to its last byte and emptied again.

Mounting needs a mount namespace of our own, which `soak` gives itself with `unshare -Urm` where the kernel permits it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

FILLER = "filler"
ROOM = 24 * 1024 * 1024
"""Bytes that are free at first."""


class MountsRefused(Exception):
    """The machine lets nobody mount anything here."""


def own_namespace() -> bool:
    """Whether we may mount: we are in a namespace that was made for it."""
    return os.environ.get("BLEST_MOUNTS") == "ours"


def may_have_one() -> bool:
    """Whether the kernel lets us make such a namespace."""
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "-Urm", "true"], check=False).returncode == 0


class SmallDisk:
    """A tmpfs that takes a folder's place, with what was in it. Whoever works in the folder is stopped meanwhile."""

    def __init__(self, folder: Path, room: int = ROOM) -> None:
        self._folder = folder
        self._room = room

    async def mount(self) -> None:
        """Put it in the folder's place. Raises `MountsRefused`."""
        await asyncio.to_thread(self._mount)

    def _mount(self) -> None:
        if not own_namespace():
            raise MountsRefused("no namespace of our own")
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = self._folder.with_name(f"{self._folder.name}.kept")
        size = _used(self._folder) + self._room
        shutil.copytree(self._folder, kept, symlinks=True)
        mode = self._folder.stat().st_mode & 0o777
        command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode={mode:o}", "tmpfs", str(self._folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MountsRefused(done.stderr.strip())
        shutil.copytree(kept, self._folder, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(kept)

    async def fill(self) -> int:
        """Leave no byte; how many were free."""
        return await asyncio.to_thread(self._fill)

    def _fill(self) -> int:
        written = 0
        descriptor = os.open(self._folder / FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (1024 * 1024, 4096, 1):
                try:
                    while True:
                        written += os.write(descriptor, bytes(size))
                except OSError:
                    continue
        finally:
            os.close(descriptor)
        return written

    async def grow(self) -> None:
        """Make it large, for what comes after."""
        command = ["mount", "-o", "remount,size=4g", str(self._folder)]
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)

    async def empty(self) -> None:
        """Make room."""
        await asyncio.to_thread((self._folder / FILLER).unlink, True)


def _used(folder: Path) -> int:
    """Bytes, in whole pages, as a tmpfs counts them."""
    return sum(-(-path.lstat().st_size // 4096) * 4096 + 4096 for path in folder.rglob("*"))

"""A short folder for the sockets of one checkout, which no other user of the machine owns or may enter."""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
import tempfile
from pathlib import Path

LONGEST = 100
"""Bytes of a socket's path that every system allows (Linux 107, macOS 103)."""


def own_folder(folder: Path, owner: int | None = None) -> Path:
    """The socket folder of the checkout's `folder`, 0700, made where missing and given to `owner` (None: us).

    Its name follows from the folder and the owner, so that the next start finds it. Where somebody else sits on that
    name, a new one is taken.
    """
    uid = os.geteuid() if owner is None else owner
    name = f"blest-{uid}-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
    base = Path(tempfile.gettempdir()).resolve()
    if len(str(base / name / ".s.PGSQL.5432").encode()) > LONGEST:
        base = Path("/tmp")  # noqa: S108 - the folder in it is made 0700 and its owner is looked at
    wanted = base / name
    try:
        wanted.mkdir(mode=0o700)
    except FileExistsError:
        found = wanted.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == uid:
            wanted.chmod(0o700)
            return wanted
        wanted = Path(tempfile.mkdtemp(prefix="blest-", dir=base))
    if owner is not None:
        give(wanted, owner)
    return wanted


def give(path: Path, owner: int) -> None:
    """Make `owner` and its group the owners of `path` and all below it; only root may."""
    group = pwd.getpwuid(owner).pw_gid
    for one in (path, *(path.rglob("*") if path.is_dir() and not path.is_symlink() else ())):
        os.chown(one, owner, group, follow_symlinks=False)

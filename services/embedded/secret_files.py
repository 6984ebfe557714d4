"""Secrets of an installation: files that are written once, by chance, and that nobody else may read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

BYTES = 32


ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is taken for another."""


def typable() -> str:
    """A secret that people type: four groups of five, 99 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def ensure(folder: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(BYTES)) -> str:
    """The secret `folder/name`, made where it is missing: 256 bits of chance. A crash half-way harms nothing."""
    path = folder / name
    private_folder(folder)
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        private_folder(folder / parent)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make() + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_text(encoding="utf-8").strip()


def private_folder(folder: Path) -> Path:
    """`folder`, made where missing, that nobody else can list or write."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o067:
        folder.chmod(0o700)
    return folder

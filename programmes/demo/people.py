"""The demo's accounts: one per role at least, with one password made by chance and kept among the secrets."""

from __future__ import annotations

import asyncio
import secrets
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

from services.context import Context
from services.identity import commands as identity
from services.routes import Role

PASSWORD = "demo-password"  # noqa: S105 — the name of the secret's file
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for another."""


async def accounts(context: Context, programmes: Mapping[str, UUID]) -> None:
    """Make the accounts of `people.toml` with their roles; `programmes` are the ids by slug."""
    word = await asyncio.to_thread(password, context.settings.secrets)
    for person in await asyncio.to_thread(people):
        async with context.database.transaction(None) as tx:
            account = await identity.create_account(
                tx,
                email=person["email"],
                name=person["name"],
                language="nb",
                password=word,
                operator=person.get("operator", False),
            )
        for slug, roles in person["roles"].items():
            async with context.database.transaction(programmes[slug]) as tx:
                await identity.grant(tx, None, programmes[slug], account, *(Role(role) for role in roles))


def people() -> list[dict[str, Any]]:
    """The accounts to be made."""
    read = tomllib.loads((files("programmes.demo") / "people.toml").read_text(encoding="utf-8"))
    return list(read["account"])


def password(folder: Path) -> str:
    """The demo's password, made where it is missing: four groups of five letters, open to nobody else."""
    path = folder / PASSWORD
    if not path.exists():
        word = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
        path.touch(mode=0o600)
        path.write_text(f"{word}\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()

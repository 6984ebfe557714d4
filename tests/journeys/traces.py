"""Where a person can be found in the whole house: in every table, and in every file of the bus and its journals.

The mails that were sent are in other people's mailboxes and are not looked at.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg

from tests.journeys.actors import Family

LETTERS = "mailbox"
"""The folder of the mailbox, which plays the families' own."""


async def in_tables(admin: asyncpg.Connection, *words: str) -> set[str]:
    """The tables in which a row holds one of the words."""
    tables = await admin.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    assert len(tables) > 60
    found = set()
    for row in tables:
        for word in words:
            query = f"SELECT count(*) FROM {row['name']} AS one WHERE one::text ILIKE $1"
            if await admin.fetchval(query, f"%{word}%"):
                found.add(row["name"])
    return found


def in_files(folder: Path, *words: str) -> set[str]:
    """The files below the house's folder, the mailbox aside, that hold one of the words."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != LETTERS
        if any(word.lower().encode() in path.read_bytes().lower() for word in words)
    }


def names(family: Family) -> tuple[str, str]:
    return family.name, family.email

"""`blest secrets`: the secrets of an installation on servers, made by chance, one file each.

What is there stays: to rotate one, remove its file and run this again (docs/how-to/rotate-secrets.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from services.cli.deployment import password_variable
from services.cli.home import ensure_secrets
from services.cli.reach import all_services
from services.embedded import secret_files
from services.service import Service

FOR_SERVERS = ("postgres/admin", "grafana/admin")
"""What servers of the compose file need, and no process of ours but `blest migrate`."""
PASSWORDS = "nats/passwords.conf"
"""All passwords of NATS's users, as its configuration takes them: written anew each time."""


@click.command("secrets", short_help="Make the secrets of an installation on servers.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Make what is missing of all secrets in FOLDER, each a file that this user alone can read.

    Those that are there stay as they are. nats/passwords.conf is written anew from the others.
    """
    for name in make(folder, all_services()):
        click.echo(f"made {name}")


def make(folder: Path, services: Sequence[Service]) -> list[str]:
    """Make the secrets; returns the names of those that were missing. Raises OSError."""
    before = _names(folder)
    users = ensure_secrets(folder, services)
    for name in FOR_SERVERS:
        secret_files.ensure(folder, name)
    _tell_nats(folder / PASSWORDS, users)
    return sorted(_names(folder) - before)


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _tell_nats(path: Path, users: Mapping[str, str]) -> None:
    # A JSON string is a string in NATS's configuration too; it is moved into place, so that no server reads half of it.
    lines = [f"{password_variable(name)}: {json.dumps(password)}" for name, password in users.items()]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("# Made by `blest secrets` from the files beside it.\n" + "\n".join(lines) + "\n")
    draft.replace(path)

"""Roles, schemas and migrations: brings a PostgreSQL server from nothing to what the installed services need.

Each service has a schema of its name and three roles: `_owner` runs its migrations, `_app` serves requests inside one
programme, `_system` does declared jobs across programmes. No role is a superuser or may pass by row-level security.
Every step may be run again; dbmate keeps one history per schema and a lock while it migrates.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from services.database import OLDEST, DatabaseUnfit
from services.keys import Keys
from services.service import Service

MESSAGING = Path(str(files("services"))) / "migrations" / "messaging"
KINDS = ("owner", "app", "system")
GROUP = "blest_services"
LIMITS = "lock_timeout=10s&statement_timeout=15min"
"""A migration that cannot have its lock gives up, rather than let every request queue behind it."""


class MigrationFailed(Exception):
    """A migration failed. What failed was rolled back; the message is dbmate's or PostgreSQL's."""


def folders(service: Service) -> list[Path]:
    """Where a service's migrations lie: the chassis's messaging tables first, then its own."""
    own = Path(str(files("services"))) / "migrations" / "identity" if service.name == "identity" else None
    own = own or Path(str(files(service.name))) / "migrations"
    return [folder for folder in (MESSAGING, own) if folder.is_dir()]


def newest(service: Service) -> str:
    """The version of the last migration that the code brings along."""
    names = [path.name.split("_")[0] for folder in folders(service) for path in folder.glob("*.sql")]
    return max(names, default="")


def secret_names(services: Sequence[Service]) -> list[str]:
    """The secrets that migrating needs: one password per role."""
    return [f"postgres/{service.name}_{kind}" for service in services for kind in KINDS]


async def migrate(
    admin: dict[str, Any],
    database: str,
    services: Sequence[Service],
    keys: Keys,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Create what is missing and migrate each service. `admin` are asyncpg's arguments of a superuser or of a role
    that may create roles and databases. Raises `DatabaseUnfit`, `MigrationFailed`, `SecretMissing`, or OSError where
    the server is away."""
    await _create_database(admin, database)
    connection = await asyncpg.connect(**{**admin, "database": database})
    try:
        async with connection.transaction():
            # Roles are the server's, not the database's: two migrations at once would trip over each other.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('blest roles'))")
            for service in services:
                await _prepare(connection, database, service, keys)
        for service in services:
            report(service.name)
            await _dbmate(admin, database, service, keys)
            await connection.execute(
                f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {service.name}.schema_migrations"
                f" FROM {service.name}_app, {service.name}_system"
            )
    finally:
        await connection.close()


async def _create_database(admin: dict[str, Any], database: str) -> None:
    connection = await asyncpg.connect(**{**admin, "database": "postgres"})
    try:
        if (version := connection.get_server_version().major) < OLDEST:
            raise DatabaseUnfit(f"PostgreSQL {OLDEST} or newer is needed; this is {version}")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await connection.execute(
                f'CREATE DATABASE "{database}" TEMPLATE template0 ENCODING UTF8'
                " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
                " LC_COLLATE 'C' LC_CTYPE 'C'"
            )
    except asyncpg.DuplicateDatabaseError:
        pass  # another process created it between our look and our try
    finally:
        await connection.close()


async def _prepare(connection: Any, database: str, service: Service, keys: Keys) -> None:
    """The roles and schemas of one service; passwords follow the secrets, so rotating one is: write the file,
    migrate."""
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", GROUP):
        await connection.execute(f"CREATE ROLE {GROUP} NOLOGIN")
    for kind in KINDS:
        role = f"{service.name}_{kind}"
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await connection.execute(f"CREATE ROLE {role}")
        # A utility statement takes no parameters; PostgreSQL itself quotes the password.
        password = await connection.fetchval("SELECT quote_literal($1::text)", keys.secret(f"postgres/{role}"))
        await connection.execute(
            f"ALTER ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {password}"
        )
    owner, requests, system = (f"{service.name}_{kind}" for kind in KINDS)
    await connection.execute(f"GRANT {GROUP} TO {requests}, {system}")
    await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {owner}, {requests}, {system}')
    await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for schema in (service.name, *service.schemas):
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        await connection.execute(f"ALTER SCHEMA {schema} OWNER TO {owner}")
        await connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {requests}, {system}")
        for objects, rights in (
            ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
            ("SEQUENCES", "USAGE"),
            ("FUNCTIONS", "EXECUTE"),
        ):
            await connection.execute(
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}"
                f" GRANT {rights} ON {objects} TO {requests}, {system}"
            )
    # A new function may be called by everyone unless its owner's defaults say otherwise.
    await connection.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")


def _program(name: str) -> str:
    """A program that came with a package of ours: beside the interpreter, else on the path."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise MigrationFailed(f"{name} is not installed; run `make run` or install requirements.txt into {sys.prefix}")
    return found


async def _dbmate(admin: dict[str, Any], database: str, service: Service, keys: Keys) -> None:
    owner = f"{service.name}_owner"
    host = str(admin["host"])
    place = (
        f"/{database}?socket={quote(host)}&"
        if host.startswith("/")
        else f"{host}:{admin.get('port', 5432)}/{database}?"
    )
    # The connection goes through the environment: a command line can be read by every user of the machine.
    login = f"{owner}:{quote(keys.secret(f'postgres/{owner}'), safe='')}"
    url = f"postgres://{login}@{place}sslmode=disable&search_path={service.name}&{LIMITS}"
    arguments = [part for folder in folders(service) for part in ("--migrations-dir", str(folder))]
    process = await asyncio.create_subprocess_exec(
        _program("dbmate"),
        "--no-dump-schema",
        "--migration-lock",
        *arguments,
        "migrate",
        env={**os.environ, "DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise MigrationFailed(f"{service.name}: {output.decode(errors='replace').strip()}")

"""What goes wrong, as one line that says what to do. Nobody who runs a command should have to read a traceback."""

from __future__ import annotations

import errno
from pathlib import Path
from socket import gaierror

import asyncpg

from services import logs
from services.cli.home import HomeMissing, HomeTaken
from services.clock import ClockWrong
from services.database import DatabaseUnfit
from services.embedded.child import FULL as SPACE
from services.embedded.child import ServerFailed, telling
from services.http.problems import Problem
from services.keys import SecretMissing
from services.messages import BusError, BusUnfit
from services.migrate import MigrationFailed
from services.pages.languages import translator
from services.registry import ServiceUnknown
from services.settings import SettingsInvalid

TOLD = (
    BusUnfit,
    ClockWrong,
    DatabaseUnfit,
    HomeMissing,
    HomeTaken,
    SecretMissing,
    ServerFailed,
    ServiceUnknown,
    SettingsInvalid,
)
"""Errors whose message is already that line."""
FULL = {errno.ENOSPC, errno.EDQUOT}
NO_ROOM = "The disk is full. Make room and start again; what was saved is safe."
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def in_one_line(error: BaseException) -> str | None:
    """The line for `error`; None where it is none of those that are expected."""
    if isinstance(error, BaseExceptionGroup):
        return in_one_line(error.exceptions[0])
    if isinstance(error, ServerFailed) and any(sign in str(error) for sign in SPACE):
        return NO_ROOM
    if isinstance(error, TOLD):
        return str(error)
    if isinstance(error, MigrationFailed):
        service, _, said = str(error).partition(": ")
        if any(sign in said for sign in SPACE):
            return NO_ROOM
        return f"{service}: {telling(said)} What failed was rolled back."
    if isinstance(error, Problem):
        title, detail = error.said(translator("en"))
        wrong = [f"{one.field}: {translator('en')(one.sentence)}" for one in error.fields]
        return " ".join(wrong) or detail or title
    if isinstance(error, BusError):
        return f"{error}. Is NATS running, and is BLEST_NATS right?"
    if isinstance(error, asyncpg.DiskFullError):
        return NO_ROOM
    if isinstance(error, (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
        return f"PostgreSQL refuses the login: {error}. Run `blest migrate`, which sets passwords from the secrets."
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"{str(error).capitalize()}. Run `blest migrate` first."
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError | asyncpg.UndefinedFunctionError):
        return f"The database is older than this code ({error}). Run `blest migrate`."
    if isinstance(error, asyncpg.PostgresError):
        return f"PostgreSQL: {error}"
    if isinstance(error, OSError):
        return _system(error)
    return None


def _system(error: OSError) -> str:
    name = str(error.filename) if error.filename else ""
    if error.errno in FULL:
        return f"The disk is full{f' ({name})' if name else ''}. Make room and start again; what was saved is safe."
    if error.errno in CLOSED and name:
        return (
            f"{name} cannot be written ({error.strerror}). Give this user the right to, or start from another folder."
        )
    if isinstance(error, TimeoutError):
        return "A server does not answer. Is it running, and are BLEST_DATABASE and BLEST_NATS right?"
    if isinstance(error, ConnectionError | FileNotFoundError | gaierror) and not name:
        return f"A server cannot be reached ({error}). Is it running, and are BLEST_DATABASE and BLEST_NATS right?"
    return f"{name + ': ' if name else ''}{error.strerror or error}"


def port_taken(host: str, port: int, error: OSError) -> str | None:
    """The line for a port that cannot be listened on; None where `error` is another one."""
    if error.errno == errno.EADDRINUSE:
        other = 8090 if port != 8090 else 8091
        return (
            f"Port {port} is taken by another program. End that one, or take another port: BLEST_PORT={other} make run"
        )
    if error.errno in CLOSED:
        return f"Port {port} is not open to this user. Take one above 1023: BLEST_PORT=8080 make run"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"This machine has no address {host}. Set BLEST_HOST to one of its own, such as 127.0.0.1"
    return None


def keep(error: BaseException, log: Path) -> str:
    """Write the whole of an unexpected error into `log`; returns the line that tells of it."""
    said = logs.described(error).splitlines()[0]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(logs.formatted(error) + "\n\n")
    except OSError:
        return f"Something unexpected went wrong: {said}"
    return f"Something unexpected went wrong: {said}. The whole of it is in {log}; please report it."

"""Which errors say that Postgres is away, or was for a moment: nobody's fault, so nobody's attempt is counted."""

from __future__ import annotations

import asyncpg

_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke while asyncpg was reading its end
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
)
_PASSING = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


def may_be_away(error: BaseException) -> bool:
    """Whether the server may be down, starting or full, or the connection broke. A suspicion: asyncpg uses the same
    errors for a few mistakes of the caller, and OSError has many causes, so ask the server before acting on it."""
    return isinstance(error, _AWAY)


def is_passing(error: BaseException) -> bool:
    """Whether the same again may well succeed at once: two transactions stood in each other's way."""
    return isinstance(error, _PASSING)

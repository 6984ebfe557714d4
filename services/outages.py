"""Which errors say that Postgres is away, or was for a moment: nobody's fault, so nobody's attempt is counted.

The only module that lists them: the relay, the locks, the consumers and the answers to requests all ask here.
"""

from __future__ import annotations

import asyncpg

_FULL = (asyncpg.DiskFullError, asyncpg.OutOfMemoryError)
_AWAY = (
    *_FULL,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke while asyncpg was reading its end
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
TROUBLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All that can come of talking to Postgres, for those who go on whatever it is."""
_PASSING = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


def may_be_away(error: BaseException) -> bool:
    """Whether the server may be down, starting or full, or the connection broke. A suspicion: asyncpg uses the same
    errors for a few mistakes of the caller, and OSError has many causes, so ask the server before acting on it."""
    return isinstance(error, _AWAY)


def is_full(error: BaseException) -> bool:
    """Whether the server has no room: it answers, and can do nobody's work until somebody makes some."""
    return isinstance(error, _FULL)


def is_away(error: BaseException) -> bool:
    """Whether the error alone says so, for those who cannot ask: without a file of ours that is missing, and without
    the mistakes of a caller that asyncpg gives the names of outages."""
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError) or error.filename is None
    if isinstance(error, asyncpg.InterfaceError):
        return any(word in str(error) for word in ("closed", "closing"))
    return may_be_away(error)


def is_passing(error: BaseException) -> bool:
    """Whether the same again may well succeed at once: two transactions stood in each other's way."""
    return isinstance(error, _PASSING)

"""What is typed to find somebody, as the statements take it."""

from __future__ import annotations

from registrations.domain.check_in import typed
from services.words import sort_key

SHORTEST_ADDRESS = 3
"""Letters of an address before it is looked for: fewer would find half of all."""
LAST = "\U0010ffff"
"""Comes after every letter: the addresses that begin with x lie between x and x followed by it. As a range, since the
fences let no LIKE reach an index."""


def searched(search: str) -> dict[str, str | None]:
    """A pattern for names, a stretch of addresses, a ticket's code; nothing typed finds every name."""
    email = search.lower() if len(search) >= SHORTEST_ADDRESS else None
    return {
        "search": f"%{literally(sort_key(search))}%" if search else "%",
        "email": email,
        "email_end": email + LAST if email else None,
        "code": typed(search) if search else None,
    }


def literally(text: str) -> str:
    """`text` so that LIKE takes it as it is; what holds no letter finds nothing."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") or "\\\\"

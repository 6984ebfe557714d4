from __future__ import annotations

from tests.identity.conftest import browser, browsers, context, neighbour, new_account, programme, quick_hashes

__all__ = ["browser", "browsers", "context", "neighbour", "new_account", "programme", "quick_hashes"]

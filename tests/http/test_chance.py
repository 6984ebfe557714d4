"""What is drawn by chance and what is derived from a key, spelled as promised."""

from __future__ import annotations

import base64
import hmac
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from services.ids import new_id
from services.keys import Keys

MOMENT = datetime(2026, 4, 13, 7, tzinfo=UTC)


def test_ids_of_one_moment_differ_and_say_when() -> None:
    ids = {new_id(MOMENT) for _ in range(5_000)}
    assert len(ids) == 5_000
    assert {one.version for one in ids} == {7}
    assert {one.int >> 80 for one in ids} == {int(MOMENT.timestamp() * 1000)}


def test_a_process_that_was_forked_draws_others() -> None:
    new_id(MOMENT)
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writes, new_id(MOMENT).bytes)
        os._exit(0)
    os.waitpid(child, 0)
    assert UUID(bytes=os.read(reads, 16)) != new_id(MOMENT)
    os.close(reads)
    os.close(writes)


def test_a_token_is_base32_of_its_digest(token_key: Path) -> None:
    key = (token_key / "token-key").read_bytes()
    for number in range(200):
        identifier = UUID(int=number)
        digest = hmac.digest(key, f"ticket|{identifier}|0".encode(), "sha256")
        spelled = base64.b32encode(digest[:20]).decode()[:26].lower()
        assert Keys(token_key).token("ticket", identifier) == spelled

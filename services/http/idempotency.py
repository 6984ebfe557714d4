"""The same unsafe API call twice has one effect and one answer, by the caller's `Idempotency-Key`.

    ┌────────┐ (a) claim            ┌─────────┐ (b) answer stored ┌──────────┐
    │ unknown│────────────────────▶│ running │──────────────────▶│ answered │ (c) replayed until it is a day old
    └────────┘◀────────────────────└─────────┘                   └──────────┘
                 (d) released: the call failed on our side, so it may be tried again

An answer may hold what a programme keeps behind its fence, and this table has none: an answer is sealed, and opens
only for a process of ours that is asked again under the same key. A key is its caller's own. Under a known key another
method, path or body is refused, and so is the same one while it is still running. A claim whose process died is taken
over after its route's time limit, unless a transaction of the call had written something (e): then the effect is there
and only its answer is lost, which the caller is told instead. What a batcher writes for many callers at once is not the
call's own transaction: such a command knows its attempts itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from services.context import Context
from services.database import Transaction
from services.http.addresses import network
from services.http.call import Call
from services.http.problems import BadRequest, Conflict, Problem
from services.pages.languages import msgid
from services.service import Retention, Task

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
GRACE = timedelta(seconds=10)
"""What a process may take beyond its route's time limit before its claim counts as abandoned."""
NOT_KEPT = frozenset({401, 403, 408, 425, 429})
"""Refusals that say nothing of the call itself: trying again is right."""
PURPOSE = "idempotency answer"
REPLAYED = ("Content-Type", "Location")
"""The headers that belong to an answer; all others are made anew."""
_FORM = re.compile(r"[\x21-\x7e]{1,255}")

CLAIM = """
-- (a) The first call inserts the row; one that comes at the same moment waits here for its commit and then finds it.
-- An old answer, or a claim abandoned before anything was committed, is taken over as if it were new.
INSERT INTO idempotency_keys AS k (caller, key, request_hash, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (caller, key) DO UPDATE
   SET request_hash = excluded.request_hash, created_at = excluded.created_at, carried_out = false,
       status = NULL, answer = NULL
 WHERE k.created_at <= $5 OR (k.status IS NULL AND NOT k.carried_out AND k.created_at <= $6)
RETURNING true
"""
FIND = """
-- What is known of a key that was not ours to claim.
SELECT request_hash, status, answer, carried_out, created_at
  FROM idempotency_keys WHERE caller = $1 AND key = $2
"""
ANSWER = """
-- (b) Only the claim that ran may store the answer: one that was taken over meanwhile has another moment.
UPDATE idempotency_keys SET status = $4, answer = $5
 WHERE caller = $1 AND key = $2 AND created_at = $3
"""
RELEASE = """
-- (d) Nothing came of the call; the next one under this key is the first again.
DELETE FROM idempotency_keys WHERE caller = $1 AND key = $2 AND created_at = $3
"""
CARRY_OUT = """
-- (e) In the transaction of the effect itself, so that the two are known or unknown together. One that has written
-- nothing has no number yet and, unless facts will be written at its end ($4), no effect: no row is found then.
UPDATE idempotency_keys SET carried_out = true
 WHERE caller = $1 AND key = $2 AND created_at = $3 AND ($4 OR pg_current_xact_id_if_assigned() IS NOT NULL)
RETURNING true
"""
FORGET = """
-- Answers are kept a day.
DELETE FROM idempotency_keys WHERE created_at <= $1
"""


@dataclass(slots=True)
class Claim:
    """A call that runs under a key."""

    context: Context
    caller: str
    key: str
    moment: datetime
    effect: bool = False

    async def carried_out(self, tx: Transaction) -> None:
        """Note as a transaction's last statement that the call has an effect, if it has written anything."""
        if await tx.connection.fetchval(CARRY_OUT, self.caller, self.key, self.moment, bool(tx.facts)):
            self.effect = True

    async def answered(self, response: web.StreamResponse) -> None:
        """Store the answer; release the key where another try may end otherwise, or where there is no whole answer."""
        if (
            not isinstance(response, web.Response)
            or response.prepared
            or response.status in NOT_KEPT
            or response.status >= 500
        ):
            await self.failed()
            return
        headers = {name: response.headers[name] for name in REPLAYED if name in response.headers}
        text = json.dumps({"headers": headers, "body": response.text or ""})
        sealed = self.context.keys.seal(PURPOSE, text, _bound(self.caller, self.key))
        async with self.context.database.transaction(None) as tx:
            await tx.connection.execute(ANSWER, self.caller, self.key, self.moment, response.status, sealed)

    async def failed(self) -> None:
        """The call ended without an answer worth keeping. Where its effect is there the key stays taken."""
        if not self.effect:
            async with self.context.database.transaction(None) as tx:
                await tx.connection.execute(RELEASE, self.caller, self.key, self.moment)


async def claim(call: Call) -> Claim | web.Response | None:
    """A claim to run under, the stored answer, or None where the caller sent no key. Raises `BadRequest` for a key that
    is none, `Conflict` for one that is running or was used for something else."""
    key = call.request.headers.get(HEADER)
    if key is None:
        return None
    if not _FORM.fullmatch(key):
        raise BadRequest("idempotency-key", msgid("An Idempotency-Key has 1 to 255 visible ASCII characters."))
    caller, asked, ours, found = _caller(call), await _request_hash(call), None, None
    try:
        async with call.context.database.transaction(None) as tx:
            moment = tx.moment
            abandoned = moment - timedelta(seconds=call.route.timeout) - GRACE
            if await tx.connection.fetchval(CLAIM, caller, key, asked, moment, moment - KEPT, abandoned):
                ours = Claim(call.context, caller, key, moment)
            else:
                found = await tx.connection.fetchrow(FIND, caller, key)
    except BaseException:
        if ours is not None:
            await ours.failed()  # the time was up between the claim's commit and its first use
        raise
    if ours is not None:
        return ours
    if found is None:
        raise _running()  # released between our two looks
    if not hmac.compare_digest(found["request_hash"], asked):
        sentence = msgid("This Idempotency-Key was used for another request. Make a new one for each request.")
        raise Conflict("idempotency-key-used", sentence)
    if found["status"] is None:
        if found["carried_out"] and found["created_at"] <= abandoned:
            raise _lost()
        raise _running()
    text = call.context.keys.unseal(PURPOSE, found["answer"], _bound(caller, key))
    if text is None:
        raise _lost()  # sealed under a token-key of before
    answer = json.loads(text)
    headers = {**answer["headers"], "Idempotency-Replayed": "true"}
    return web.Response(status=found["status"], body=answer["body"].encode(), headers=headers)


def _bound(caller: str, key: str) -> str:
    """What an answer is sealed to: copied to another row, it does not open."""
    return f"{caller}\n{key}"


def _lost() -> Problem:
    sentence = msgid("The first request was carried out, but its answer was lost. Look at what it was to change.")
    return Conflict("idempotency-answer-lost", sentence)


def _running() -> Problem:
    problem = Conflict("idempotency-running", msgid("The first request with this Idempotency-Key is still running."))
    problem.headers["Retry-After"] = "1"
    return problem


def _caller(call: Call) -> str:
    who = call.principal
    if who.kind != "guest":
        return f"{who.kind}:{who.token_id or who.account_id}"
    return "guest:" + call.context.keys.sign("idempotency", network(call.client)).rpartition(".")[2]


async def _request_hash(call: Call) -> bytes:
    request = call.request
    head = f"{request.method} {request.rel_url.raw_path_qs}\n{request.content_type}\n".encode()
    # The parts of a multipart body are read by the handler, once; the path must tell such calls apart.
    body = b"" if request.content_type.startswith("multipart/") else await request.read()
    return hashlib.sha256(head + body).digest()


async def forget(context: Context) -> None:
    """Delete what is older than a day."""
    async with context.database.system() as tx:
        await tx.connection.execute(FORGET, tx.moment - KEPT)


TASK = Task("forget-idempotency-keys", timedelta(hours=1), forget)
"""Runs in every service, by the chassis."""

RETENTION = Retention(
    "idempotency", "The answer to a program's call, sealed, so that it can be given again: a day.", TASK.name
)

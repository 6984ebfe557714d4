"""GET /l/<slug>: from the printed code to the landing page.

1. the link comes from memory;
2. the click is judged and put into the batch that is being gathered;
3. the batch is acknowledged by JetStream or, while that is away, fsynced to the local journal;
4. 302 to the landing page with a signed click token (`via`); no cookie.

A visitor is never refused for our sake: where a click can be kept nowhere, the redirect goes out without a token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog
from aiohttp import web
from prometheus_client import Counter

from campaigns import domain
from campaigns.facts import MOST_CLICKS, Click, ClicksRecorded
from campaigns.journal import Journal, JournalFull
from campaigns.links import LINKS, Link
from campaigns.verdicts import RULESET, judge
from services.batcher import Batcher, Overloaded, origins
from services.context import Context
from services.http.call import Call
from services.http.negotiation import language as language_of
from services.ids import new_id
from services.messages import BusError, PublishRefused
from services.relay import straight
from services.service import Resource
from services.streams import declare

log = structlog.get_logger(__name__)

CLICKS = Counter("blest_clicks_total", "Visits through tracked links", ["verdict", "kept"])
STRAYS = Counter("blest_stray_clicks_total", "Visits to short addresses that no placement has")

Clicks = Batcher[Click, str]

PATIENCE = 1.0
"""Seconds that visitors wait for JetStream before their clicks go to the journal: an answer that was lost with its
connection would otherwise hold up everybody for as long as the bus itself waits."""


class Recorder:
    """Keeps clicks durably: on the bus, else in the journal."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.journal = Journal(context.settings.state / "clicks")
        self.batcher: Clicks = Batcher(self._keep, largest=MOST_CLICKS, waiting=5_000)

    async def keep(self, programme_id: UUID, click: Click) -> str:
        """`bus`, `journal` or `nowhere`, once the click is safe there."""
        try:
            return await self.batcher.submit(programme_id, click)
        except (JournalFull, Overloaded) as error:
            log.error("a click could not be kept", error=str(error))
            return "nowhere"

    async def _keep(self, programme_id: UUID, clicks: Sequence[Click]) -> list[str | Exception]:
        moment = clicks[0].at
        fact = ClicksRecorded(
            programme_id=programme_id, version=1, at=moment, batch_id=new_id(moment), clicks=tuple(clicks)
        )
        # One message, however many they are: JetStream waits once for its disk.
        message = straight(fact, fact.batch_id, origins())
        if self._context.bus.connected and not self.journal.waiting:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._context.bus.publish([message])
                return ["bus"] * len(clicks)
            except (BusError, TimeoutError) as error:
                # Away, unknown or refused for want of a stream: the journal sends it again under the same id.
                log.warning("clicks go to the journal", error=repr(error))
        await self.journal.append([message])
        return ["journal"] * len(clicks)

    async def send_journal(self) -> int:
        """Publish what the journals keep; returns how many messages. Stays quiet while the bus is away."""
        if not self._context.bus.connected:
            return 0
        sent = 0
        for path, messages in await self.journal.take():
            try:
                for start in range(0, len(messages), 500):
                    await self._context.bus.publish(messages[start : start + 500])
            except PublishRefused:
                # The stream may have been lost together with the server's disk; the next run finds it.
                await declare(self._context)
                return sent
            except BusError:
                return sent
            await self.journal.remove(path)
            sent += len(messages)
        return sent


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Recorder]:
    recorder = Recorder(context)
    yield recorder
    await asyncio.shield(recorder.batcher.close())


RECORDER: Resource[Recorder] = Resource("recorder", _open)


async def send_journal(context: Context) -> None:
    """Task: bring journalled clicks to the bus."""
    await context.resource(RECORDER).send_journal()


async def follow(call: Call) -> web.StreamResponse:
    """Redirect a visitor of a tracked link; a slug that nobody has gets a page that helps."""
    context = call.context
    links = context.resource(LINKS)
    link = await links.find(call.path("slug"))
    if link is None:
        STRAYS.inc()
        near = domain.nearest(call.path("slug"), links.slugs)
        return call.page("campaigns/stray.html", status=404, near=near)
    judgement = judge(call.request.method, call.request.headers)
    language = link.language or language_of(call.request.headers.get("Accept-Language", ""), "nb")
    via = None
    if judgement is not None:
        moment = context.clock.now()
        click = Click(
            click_id=new_id(moment),
            at=moment,
            placement_id=link.placement_id,
            source="qr" if "qr" in call.request.query else "link",
            verdict=judgement.verdict,
            rule=judgement.rule,
            ruleset=RULESET,
            device=judgement.device,
            language=language,
        )
        kept = await context.resource(RECORDER).keep(link.programme_id, click)
        CLICKS.labels(judgement.verdict, kept).inc()
        if kept != "nowhere":
            via = context.keys.sign("via", str(click.click_id))
    return web.Response(status=302, headers={"Location": _landing(link, language, via), "Cache-Control": "no-store"})


def _landing(link: Link, language: str, via: str | None) -> str:
    # A token is letters, digits, dots and hyphens: nothing that an address would have to spell otherwise.
    return f"/{language}{link.target}" + (f"?via={via}" if via else "")

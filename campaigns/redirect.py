"""GET /l/<slug>: from the printed code to the landing page.

1. the link comes from memory;
2. the visit is judged and put into the batch that is being gathered;
3. its clicks are acknowledged by JetStream together or, while that is away, fsynced to the local journal;
4. 302 to the landing page with a signed click token (`via`); no cookie.

What can be done for a whole batch is done there: the same few lines a hundred times take half of what they take between
two requests.

A visitor is never refused for our sake: where a click can be kept nowhere, the redirect goes out without a token.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import prometheus_client as prometheus
import structlog
from aiohttp import web
from yarl import URL

from campaigns import domain
from campaigns.facts import MOST_CLICKS, Click, ClicksRecorded
from campaigns.journal import Journal, JournalFull
from campaigns.links import LINKS, Link
from campaigns.verdicts import RULESET, Judgement, judge
from services.batcher import Batcher, Overloaded, origins
from services.context import Context
from services.http.call import Call
from services.http.negotiation import language as language_of
from services.ids import new_id
from services.messages import BusError, Message, PublishRefused
from services.relay import straight
from services.service import Resource
from services.streams import declare

log = structlog.get_logger(__name__)

CLICKS = prometheus.Counter("blest_clicks_total", "Visits through tracked links", ["verdict", "kept"])
STRAYS = prometheus.Counter("blest_stray_clicks_total", "Visits to short addresses that no placement has")


class Visit(NamedTuple):
    """Somebody follows a link, and the click is not kept yet."""

    link: Link
    at: datetime
    source: str
    judgement: Judgement
    language: str
    click_id: UUID | None = None
    """Drawn when the click is kept, where it is not given."""


class Kept(NamedTuple):
    where: str
    """`bus`, `journal` or `nowhere`."""
    via: str | None
    """The signed token of the click; None where it is kept nowhere."""


NOWHERE = Kept("nowhere", None)

PATIENCE = 1.0
"""Seconds that visitors wait for JetStream before their clicks go to the journal: an answer that was lost with its
connection would otherwise hold up everybody for as long as the bus itself waits."""


class Recorder:
    """Keeps clicks durably: on the bus, else in the journal."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.journal = Journal(context.settings.state / "clicks")
        self.batcher: Batcher[Visit, Kept] = Batcher(self._keep, largest=MOST_CLICKS, waiting=5_000)

    async def keep(self, visit: Visit) -> Kept:
        """Once the click is safe."""
        try:
            return await self.batcher.submit(visit.link.programme_id, visit)
        except (JournalFull, Overloaded) as error:
            log.error("a click could not be kept", error=str(error))
            CLICKS.labels(visit.judgement.verdict, NOWHERE.where).inc()
            return NOWHERE

    async def _keep(self, programme_id: UUID, visits: Sequence[Visit]) -> list[Kept | Exception]:
        clicks = [_click(visit) for visit in visits]
        moment = clicks[0].at
        fact = ClicksRecorded(
            programme_id=programme_id, version=1, at=moment, batch_id=new_id(moment), clicks=tuple(clicks)
        )
        # One message, however many they are: JetStream waits once for its disk.
        where = await self._store(straight(fact, fact.batch_id, origins()))
        for verdict, many in Counter(click.verdict for click in clicks).items():
            CLICKS.labels(verdict, where).inc(many)
        sign = self._context.keys.sign
        return [Kept(where, sign("via", str(click.click_id))) for click in clicks]

    async def _store(self, message: Message) -> str:
        if self._context.bus.connected and not self.journal.waiting:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._context.bus.publish([message])
                return "bus"
            except (BusError, TimeoutError) as error:
                # Away, unknown or refused for want of a stream: the journal sends it again under the same id.
                log.warning("clicks go to the journal", error=repr(error))
        await self.journal.append([message])
        return "journal"

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


async def straight_on(context: Context, request: web.Request) -> web.Response | None:
    """Redirect whoever follows a link that is known here; None for any other."""
    link = context.resource(LINKS).known(request.match_info["slug"])
    return None if link is None else await _led(context, request, link)


async def follow(call: Call) -> web.StreamResponse:
    """Redirect a visitor of a tracked link; a slug that nobody has gets a page that helps."""
    links = call.context.resource(LINKS)
    link = await links.find(call.path("slug"))
    if link is None:
        STRAYS.inc()
        near = domain.nearest(call.path("slug"), links.slugs)
        return call.page("campaigns/stray.html", status=404, near=near)
    return await _led(call.context, call.request, link)


async def _led(context: Context, request: web.Request, link: Link) -> web.Response:
    headers = request.headers
    language = link.language or language_of(headers.get("Accept-Language", ""), "nb")
    judgement = judge(request.method, headers)
    via = None
    if judgement is not None:
        visit = Visit(link, context.clock.now(), _source(request.rel_url), judgement, language)
        via = (await context.resource(RECORDER).keep(visit)).via
    # A token is letters, digits, dots and hyphens: nothing that an address would have to spell otherwise.
    landing = f"/{language}{link.target}?via={via}" if via else f"/{language}{link.target}"
    return web.Response(status=302, headers={"Location": landing, "Cache-Control": "no-store"})


def _source(url: URL) -> str:
    query = url.raw_query_string
    return "qr" if query == "qr" or (query and "qr" in url.query) else "link"


def _click(visit: Visit) -> Click:
    return Click(
        click_id=visit.click_id or new_id(visit.at),
        at=visit.at,
        placement_id=visit.link.placement_id,
        source=visit.source,
        verdict=visit.judgement.verdict,
        rule=visit.judgement.rule,
        ruleset=RULESET,
        device=visit.judgement.device,
        language=visit.language,
    )

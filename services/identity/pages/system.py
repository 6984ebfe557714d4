"""The system page: how the installation fares, for those who run it. Everything on it comes from the declarations.

What runs in this process is shown at once. A service that runs elsewhere shows its own part at
/{lang}/system/<service>, to which the proxy leads; without scripts that is a link.
"""

from __future__ import annotations

import structlog
from aiohttp import web

from services import condition, dead_letters
from services.context import Context
from services.dead_letters import Replay
from services.health import HEALTH
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import audit, commands, tokens
from services.identity.pages.api_tokens import reach_of
from services.identity.pages.people import told
from services.identity.roles import role_names
from services.pages.flash import leave
from services.registry import installed

log = structlog.get_logger(__name__)

ENTRIES = 20
TOKENS = 100


async def show(call: Call) -> web.StreamResponse:
    """The whole installation at a glance, as far as it runs in this process."""
    health = call.request.app[HEALTH]
    here = {context.service.name for context in health.contexts}
    async with call.transaction() as tx:
        names = {one.id: one.name for one in await commands.programmes(tx)}
        entries = await audit.latest(tx, ENTRIES)
        live = await tokens.in_use(tx, TOKENS)
    await health.backlog.measure()
    found, parts = [await condition.of(context) for context in health.contexts], await health.parts()
    return call.page(
        "identity/system.html",
        found=found,
        parts=parts,
        ill=sum(one.needs_somebody for one in found)
        + sum(state != "ok" for part in parts.values() for state in part.values()),
        elsewhere=[service for service in installed() if service.name not in here],
        programmes=names,
        entries=[
            # Without its page: what happened in a programme is shown there, to those who take part in it.
            (*told(one, call.translate), None, programme)
            for one, programme in entries
        ],
        tokens=[(one, role_names(one.roles, call.translate), reach_of(one, call.translate)) for one in live],
    )


async def show_service(call: Call) -> web.StreamResponse:
    """One service, by itself or as a part of the whole."""
    context = _context(call)
    async with call.transaction() as tx:
        names = {one.id: one.name for one in await commands.programmes(tx)}
    health = call.request.app[HEALTH]
    await health.backlog.measure()
    return call.page(
        "identity/system_service.html",
        one=await condition.of(context),
        parts=await health.parts(),
        programmes=names,
    )


async def replay(call: Call) -> web.StreamResponse:
    """Hand a dead letter to the consumer that gave up on it, once more."""
    context, number = _context(call), call.path("letter")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise NotFound("dead letter")
    came: Replay | None = None
    try:
        came = await dead_letters.replay(context, int(number))
    except dead_letters.NoSuchLetter as error:
        raise NotFound("dead letter") from error
    except Exception as error:  # whatever a reaction raises: the letter goes on waiting
        log.warning("a dead letter failed again", service=context.service.name, letter=number, error=repr(error))
    result = came.value if came else "failed"
    async with call.transaction() as tx:
        await audit.record(
            tx, call, "dead_letter.replayed", f"dead_letter:{context.service.name}:{number}", came=result
        )
    response = call.redirect(call.link("system"))
    sentence, tone = _said(call, came)
    leave(response, sentence, call.context.settings.secure, tone)
    return response


def _said(call: Call, came: Replay | None) -> tuple[str, str]:
    """What came of a replay, and in which tone to say it."""
    translate = call.translate
    match came:
        case Replay.HANDLED:
            return translate("The fact is taken in."), "success"
        case Replay.STALE:
            return translate("Something newer is known already: nothing was left to do."), "info"
        case Replay.ALREADY:
            return translate("It was taken in before: nothing was left to do."), "info"
        case Replay.UNREADABLE:
            return translate("It still cannot be read, and goes on waiting."), "warning"
        case None:
            return translate("It failed again, and goes on waiting. The log says why."), "warning"


def _context(call: Call) -> Context:
    """The service of the path, where it runs in this process. Raises `NotFound`."""
    wanted = call.path("service")
    for context in call.request.app[HEALTH].contexts:
        if context.service.name == wanted:
            return context
    raise NotFound("service")

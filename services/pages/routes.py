"""The pages of the chassis: the console's doors, and the two texts that every site owes its visitors."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from aiohttp.web import StreamResponse

from services.http.call import Call
from services.identity.commands import programmes_of
from services.pages.languages import FALLBACKS
from services.pages.navigation import panels
from services.pages.templating import environment
from services.registry import installed
from services.routes import ANY_ROLE, PUBLIC, SIGNED_IN, Route


async def choose_programme(call: Call) -> StreamResponse:
    """The programmes that the account works in; straight into the only one, unless it also runs the installation."""
    account_id = call.principal.account_id
    programmes = []
    if account_id is not None:
        async with call.transaction() as tx:
            programmes = await programmes_of(tx, account_id)
    if len(programmes) == 1 and not call.principal.operator:
        return call.redirect(call.link(f"console/{programmes[0].slug}"))
    return call.page("chassis/programmes.html", programmes=programmes, now=call.context.clock.now())


async def home(call: Call) -> StreamResponse:
    """The organiser's home: a panel of each service that the reader's roles open."""
    return call.page("chassis/home.html", panels=panels(call), now=call.context.clock.now())


async def privacy(call: Call) -> StreamResponse:
    """What is kept about people, how long and why: the rules are those that the services declare and run by."""
    from services.chassis import CHASSIS

    services = [service for service in (*installed(), CHASSIS) if service.retention]
    return _text(call, "privacy", services=services)


async def accessibility(call: Call) -> StreamResponse:
    """What we promise to those who see, hear or move differently, what we fall short of, and whom to tell."""
    return _text(call, "accessibility")


def _text(call: Call, name: str, **values: Any) -> StreamResponse:
    """A long text in the reader's language, else in the nearest that has it."""
    written = environment().list_templates()
    text_lang = next(
        one for one in (call.lang, *FALLBACKS.get(call.lang, ()), "en") if f"chassis/texts/{name}.{one}.html" in written
    )
    return call.page(
        "chassis/text.html",
        text=f"chassis/texts/{name}.{text_lang}.html",
        text_lang=text_lang,
        contact=parseaddr(call.context.settings.sender)[1],
        **values,
    )


ROUTES = (
    Route("GET", "/{lang}/console", choose_programme, SIGNED_IN),
    Route("GET", "/{lang}/console/{programme}", home, ANY_ROLE),
    Route("GET", "/{lang}/privacy", privacy, PUBLIC),
    Route("GET", "/{lang}/accessibility", accessibility, PUBLIC),
)

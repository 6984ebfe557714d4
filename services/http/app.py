"""The HTTP side of a process: every route of every service in it, and the chassis's own, as one aiohttp application.

app = build_app(contexts)
runner = web.AppRunner(app, access_log=None)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from services import metrics
from services.context import Context
from services.documents import Documents
from services.health import HEALTH, Health
from services.http import addresses, static, wellknown
from services.http.dispatch import Doors, FindProgramme, Handling, Identify
from services.http.limits import Limits
from services.http.middleware import SECURE, make, on_prepare
from services.http.progress import PROGRESS, Progress
from services.http.routing import mount
from services.http.straight import ways
from services.identity import access
from services.pages.templating import prepare
from services.registry import installed
from services.routes import Route
from services.service import Service

LARGEST_BODY = 256 * 1024


def build_app(
    contexts: Sequence[Context],
    chassis_routes: Sequence[Route] = (),
    *,
    identify: Identify = access.identify,
    find_programme: FindProgramme = access.find_programme,
) -> web.Application:
    """The application over these services. The first context is the chassis's, for what belongs to no service.

    Everything that pages need is read here, before the event loop has requests to answer.

    Raises `RoutesClash` where two routes are the same, ValueError for a trusted proxy that is no address.
    """
    prepare()
    home = contexts[0]
    health = Health(contexts)
    doors = Doors(identify, find_programme, Limits(home.clock), addresses.networks(home.settings.trusted_proxies))
    documents = Documents(declarations(contexts), url=home.settings.url)
    own = (*health.routes(), *documents.routes(), *wellknown.ROUTES, *static.ROUTES, *chassis_routes)
    handlings = [
        *(Handling(home, route, doors) for route in own),
        *(Handling(context, route, doors) for context in contexts for route in context.service.routes),
    ]
    app = web.Application(middlewares=[make(home, ways(handlings))], client_max_size=LARGEST_BODY)
    app[SECURE] = home.settings.secure
    app[HEALTH] = health
    app[PROGRESS] = progress = Progress()
    metrics.RUNNING.set_function(lambda: progress.count)
    mount(app, handlings)
    app.on_response_prepare.append(on_prepare)

    async def measuring(_: web.Application) -> AsyncIterator[None]:
        async with health.lag.measured():
            yield

    async def stopping(_: web.Application) -> None:
        health.stopping = True

    app.cleanup_ctx.append(measuring)
    app.on_shutdown.append(stopping)
    return app


def declarations(contexts: Sequence[Context]) -> list[Service]:
    """What there is to know about: the services of this process, then the others that are installed."""
    here = [context.service for context in contexts]
    names = {service.name for service in here}
    return sorted(
        [*here, *(one for one in installed() if one.name not in names)], key=lambda one: (one.order, one.name)
    )

"""deploy/: what the declarations say, as configuration for Caddy and NATS. `make deploy` writes it, a test holds it.

python -m services.cli.deployment deploy
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.cli.proxying import alike, areas
from services.embedded.nats import ADMIN
from services.embedded.permissions import Line, publishes, subscribes
from services.http.app import LARGEST_BODY
from services.registry import installed
from services.routes import Route
from services.service import Service
from services.settings import Settings

MADE = "# Made by `make deploy` from the declarations: change those, not this."
REPLICAS = 2
"""Processes of each service in docker-compose.yml."""
USUAL = 30.0
"""Seconds in which most routes answer."""
HEADROOM = 64 * 1024
"""Bytes that the proxy lets through above a limit, so that the service itself tells what was too large."""
PATIENCE = 10.0
"""Seconds that the proxy waits longer than a service does."""


def files() -> dict[str, str]:
    """File name below deploy/ → its text."""
    services = installed()
    return {
        name: "\n".join([MADE, *lines, ""])
        for name, lines in {
            "caddy/routes.caddy": _routes(services),
            "nats/accounts.conf": _accounts(["identity", *(service.name for service in services)]),
        }.items()
    }


def process_name(service: str, number: int) -> str:
    """What the compose file calls the process, and so its name in the network."""
    return f"{service}-{number}"


def upstreams_variable(service: str) -> str:
    """The variable that tells Caddy of other processes than those of the compose file."""
    return f"BLEST_{service.upper()}"


# Caddy ----------------------------------------------------------------------------------------------------------------


def _routes(services: Sequence[Service]) -> Iterator[str]:
    table, first = areas(services), services[0].name
    width = max(len(area.expression) for area in table) + 1
    yield ""
    yield "# Which service answers an address; the first line that fits counts."
    yield "map {path} {service} {"
    for area in table:
        yield f"\t~{area.expression:<{width}} {area.service}"
    yield f"\tdefault{' ' * (width - 6)} {first}"
    yield "}"
    yield ""
    yield from _bodies([route for service in services for route in service.routes])
    for service in services:
        yield from _service(service)


def _bodies(routes: Sequence[Route]) -> Iterator[str]:
    """How large a request may be: as large as its route says, and a little, so that the route itself can refuse it."""
    larger = [route for route in routes if route.largest_body > LARGEST_BODY]
    most = max(route.largest_body for route in larger)
    yield "# Files that are handed in; everything else is a form or a small document."
    yield f"@large path_regexp {alike(larger)}"
    yield f"@small not path_regexp {alike(larger)}"
    yield f"request_body @large {{\n\tmax_size {most + HEADROOM}\n}}"
    yield f"request_body @small {{\n\tmax_size {LARGEST_BODY + HEADROOM}\n}}"
    yield ""


def _service(service: Service) -> Iterator[str]:
    """The service's processes, and how long they may take to begin an answer."""
    port = Settings.model_fields["port"].default
    names = " ".join(f"{process_name(service.name, number + 1)}:{port}" for number in range(REPLICAS))
    upstreams = f"{{${upstreams_variable(service.name)}:{names}}}"
    slow = [route for route in service.routes if route.timeout > USUAL]
    if slow:
        matcher = f"@slow_{service.name}"
        longest = max(route.timeout for route in slow)
        yield f"{matcher} path_regexp {alike(slow)}"
        yield f"handle {matcher} {{\n\timport processes {longest + PATIENCE:.0f}s {upstreams}\n}}"
    yield f"@{service.name} vars {{service}} {service.name}"
    yield f"handle @{service.name} {{\n\timport processes {USUAL + PATIENCE:.0f}s {upstreams}\n}}"
    yield ""


# NATS -----------------------------------------------------------------------------------------------------------------


def _accounts(services: Sequence[str]) -> Iterator[str]:
    yield "# The users' passwords, from the secrets (`blest secrets` writes that file); this one lies in /etc/nats."
    yield 'include "../../run/secrets/nats/passwords.conf"'
    yield "accounts {"
    yield "  BLEST {"
    yield "    jetstream: enabled"
    yield "    users: ["
    yield "      # for repairs by hand (`nats --user admin`): may do everything in this account"
    yield f"      {{ user: {ADMIN}, password: ${password_variable(ADMIN)} }}"
    for service in services:
        yield f"      {{ user: {service}, password: ${password_variable(service)}, permissions: {{"
        yield "        publish: { allow: ["
        yield from _lines(publishes(service))
        yield "        ] }"
        yield "        allow_responses: true  # answers whoever asks it, once"
        yield "        subscribe: { allow: ["
        yield from _lines(subscribes(service))
        yield "        ] }"
        yield "      } }"
    yield "    ]"
    yield "  }"
    yield "}"


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    for subject, reason in lines:
        quoted = f'"{subject}"'
        yield f"          {quoted:<44} # {reason}"


def password_variable(user: str) -> str:
    """The name of a user's password in NATS's configuration."""
    return f"{user}_password"


def write(folder: Path) -> None:
    """Write every file."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

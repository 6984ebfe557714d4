"""`blest run`: everything of one checkout in one process, from nothing to the page, step by step.

1. take the folder; look whether the port is free, before anything is started
2. secrets; PostgreSQL, NATS and the mailbox
3. migrations; at the first start the demo's year and its people
4. all services; the last lines say where to go
5. until a signal, or until something ends that should not
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack

import click

from services import logs, process
from services.chassis import CHASSIS
from services.cli import demo as demos
from services.cli.demo import DemoYear
from services.cli.ending import Ending, run
from services.cli.failures import port_taken
from services.cli.home import DATABASE, SETUP_CODE, Home, Servers
from services.cli.reach import all_services
from services.cli.steps import Steps
from services.embedded.caddy import EmbeddedCaddy
from services.embedded.child import ServerFailed, set_aside
from services.embedded.mailbox_pages import MailboxPages
from services.identity import functions
from services.keys import Keys
from services.migrate import migrate
from services.registry import installed
from services.settings import Settings, SettingsInvalid


@click.command("run", short_help="Run everything of this checkout.")
@click.option("--demo/--no-demo", default=True, help="Play a year of demo data at the first start.", show_default=True)
@click.option("--https", is_flag=True, help="Put Caddy in front, for phones with cameras (BLEST_HTTPS_PORT, 8443).")
def command(demo: bool, https: bool) -> None:
    """Run everything of this checkout, its own servers too.

    BLEST_PORT chooses the port (8080). Everything that is kept lies in .blest/ of this folder.
    """
    raise SystemExit(run(lambda ending: House(Home.here(), Steps(), demo, https).live(ending)))


class House:
    """The checkout's whole life, from the first step to the last."""

    def __init__(self, home: Home, steps: Steps, demo: bool, https: bool) -> None:
        self._home = home
        self._steps = steps
        self._wants_demo = demo
        self._wants_https = https
        self._environment = dict(os.environ)
        self._year = DemoYear(home)
        self._log = home.folder / "logs" / "blest.log"

    async def live(self, ending: Ending) -> int:
        """Run until asked to end; returns the exit code. Raises what `failures.in_one_line` knows."""
        settings = Settings.from_environment(self._environment)
        services = all_services()
        with self._home.taken(f"http://127.0.0.1:{settings.port}"):
            listen_here(settings.host, settings.port)
            self._log.parent.mkdir(exist_ok=True)
            set_aside(self._log)
            with self._log.open("a", encoding="utf-8") as file:
                logs.configure("json", to=file)
                if self._wants_demo and self._year.cut_short:
                    self._year.forget_messages()
                users = self._home.ensure_secrets(services)
                servers = self._home.make(users)
                if self._wants_https:
                    servers.front = self._in_front(settings)
                ending.at_once = servers.end_at_once
                try:
                    with self._steps.step("PostgreSQL 18, NATS with JetStream, mailbox"):
                        await servers.start()
                    return await self._with(servers, ending)
                except Exception as error:
                    # What a client saw go wrong is often a server's trouble.
                    if trouble := servers.trouble():
                        raise ServerFailed(trouble) from error
                    raise
                finally:
                    await servers.stop()

    def _in_front(self, settings: Settings) -> EmbeddedCaddy:
        """Caddy, and what the services must know of it: their address, and whom they may believe."""
        port = self._environment.get("BLEST_HTTPS_PORT", "8443")
        if not port.isdigit():
            raise SettingsInvalid(f"BLEST_HTTPS_PORT: {port!r} is no port")
        front = EmbeddedCaddy(self._home.folder, int(port), f"127.0.0.1:{settings.port}")
        self._environment |= {"BLEST_URL": front.url, "BLEST_TRUSTED_PROXIES": "127.0.0.1"}
        return front

    async def _with(self, servers: Servers, ending: Ending) -> int:
        settings = self._home.settings(servers, self._environment)
        if self._wants_demo and self._year.cut_short:
            await self._year.forget_data(servers.postgres)
        with self._steps.step("Migrations"):
            await migrate(servers.postgres.admin_login(), DATABASE, all_services(), Keys(settings.secrets))
        if self._wants_demo and not self._year.played:
            with self._steps.bar("A year of the demo programmes") as report:
                await self._year.play(servers.postgres, settings, installed(), report)
        async with AsyncExitStack() as stack:
            with self._steps.step(f"The services {', '.join(one.name for one in installed())}"):
                opened = process.started(settings, installed(), extra_routes=MailboxPages(servers.mailbox).routes())
                house = await stack.enter_async_context(opened)
            return await self._serve(servers, house, ending)

    async def _serve(self, servers: Servers, house: process.Running, ending: Ending) -> int:
        """Listen until asked to end; 1 and a line where something ended by itself."""
        settings = house.settings
        logins = await self._logins(house)
        crash = asyncio.create_task(servers.ended())
        crash.add_done_callback(lambda _: ending.asked.set())
        ending.orderly = True
        try:
            await process.serve(house, ending.asked, lambda: self._welcome(settings, logins))
        except OSError as error:
            raise ServerFailed(port_taken(settings.host, settings.port, error) or str(error)) from error
        finally:
            crash.cancel()
        if crash.done() and not crash.cancelled():
            raise ServerFailed(crash.result())
        if house.failed.is_set():
            raise ServerFailed(
                f"A part of Blest ended by itself; {self._log} tells which. What was saved is safe: start again."
            )
        self._steps.say("\nEnding …")
        return 0

    async def _logins(self, house: process.Running) -> list[str]:
        """The lines that say how to log in."""
        url, context = house.settings.url, house.contexts[CHASSIS.name]
        async with context.database.transaction(None) as tx:
            nobody = not await functions.value(tx.connection, "count_accounts")
        if nobody:
            return [
                f"  Set up    {url}/en/setup   with the code [bold]{context.keys.secret(SETUP_CODE)}[/bold]",
                "            makes the first account, which runs the installation",
            ]
        word = demos.password(self._home.secrets)
        if word is None:
            return [f"  Log in    {url}/en/login"]
        people = [f"            {one.email:<24} {one.roles}" for one in await demos.logins(context)]
        return [f"  Log in    {url}/en/login   with the password [bold]{word}[/bold]", *people]

    def _welcome(self, settings: Settings, logins: list[str]) -> None:
        say = self._steps.say
        say(f"\n[bold]Blest is at {settings.url}[/bold]\n")
        for line in logins:
            say(line)
        say(f"  Mails     {mails_at(settings)}   on this machine alone")
        if self._wants_https:
            authority = self._home.folder / "caddy/store/pki/authorities/local/root.crt"
            say(f"  Phones    open the address above and accept its certificate, or install {authority}")
        say(f"  Data      {self._home.folder} (remove it to start anew; logs are in there too)")
        say("\n  Ctrl-C ends everything.")


def mails_at(settings: Settings) -> str:
    """Where this machine reads the mails: straight at our port, also where a proxy stands in front."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 — every address
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/mailbox"


def listen_here(host: str, port: int) -> None:
    """Try the port before anything is started; raises `ServerFailed` with the line for people where it is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError as error:
            raise ServerFailed(port_taken(host, port, error) or f"{host}:{port}: {error.strerror}") from error

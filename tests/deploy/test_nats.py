"""The NATS of deploy/ as it stands there: who may enter, and who may say what."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import nats
import pytest
from nats.js.errors import NotFoundError

from services.bus import NatsBus
from services.chassis import CHASSIS
from services.cli import secret_command
from services.embedded.child import Child
from services.embedded.nats import binary
from services.keys import Keys
from services.messages import BusError, Message
from services.registry import installed
from services.streams import consumers_of, stream_of
from tests.house.test_shape import ROOT

SERVICES = (CHASSIS, *installed())


@dataclass
class Server:
    """A nats-server with the files of deploy/, laid out as in its container."""

    folder: Path
    child: Child
    url: str = ""

    @property
    def keys(self) -> Keys:
        return Keys(self.folder / "run" / "secrets")

    def bus(self, service: str) -> NatsBus:
        return NatsBus(self.url, service, self.keys.secret(f"nats/{service}"), service, answer_within=1.0)

    async def start(self) -> None:
        configuration = self.folder / "etc" / "nats"
        if not configuration.exists():
            shutil.copytree(ROOT / "deploy" / "nats", configuration)
        secret_command.make(self.folder / "run" / "secrets", SERVICES)
        ports = self.folder / "ports"
        ports.mkdir(exist_ok=True)
        self.child.launch(
            [
                *(str(binary()), "-c", str(configuration / "nats.conf"), "-a", "127.0.0.1", "-p", "-1"),
                *("--ports_file_dir", str(ports)),
            ],
            on_parents_death="TERM",
            folder=self.folder,
            environment={**os.environ, "NATS_NAME": "nats-1", "NATS_DATA": str(self.folder / "data")},
        )
        told = ports / f"nats-server_{self.child.pid}.ports"
        await self.child.ready(lambda: told.exists() and told.read_text().endswith("}"), 20)
        self.url = json.loads(told.read_text())["nats"][0]


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    made = Server(folder, Child("NATS", folder / "nats.log"))
    await made.start()
    yield made
    await made.child.end((signal.SIGTERM, 6.0))


async def test_every_service_enters_and_declares_its_stream_and_its_consumers(server: Server) -> None:
    buses = {service.name: server.bus(service.name) for service in SERVICES}
    for service in installed():
        await buses[service.name].connect()
        await buses[service.name].declare(stream_of(service.name), [])
    for service in installed():
        for reaction in service.reactions:
            await buses[service.name].declare(None, consumers_of(service.name, reaction))
        message = Message(subject=f"{service.name}.thing.happened.v1.x", data=b"{}", message_id=service.name)
        await buses[service.name].publish([message])
    for bus in buses.values():
        await bus.close()


async def test_no_service_publishes_below_the_subjects_of_another(server: Server) -> None:
    names = [service.name for service in installed()]
    for name in names:
        bus = server.bus(name)
        await bus.connect()
        await bus.declare(stream_of(name), [])
        await bus.close()
    speaker = server.bus("events")
    await speaker.connect()
    for name in names:
        message = Message(subject=f"{name}.thing.happened.v1.x", data=b"{}", message_id="forged")
        if name == "events":
            await speaker.publish([message])
        else:
            with pytest.raises(BusError):
                await asyncio.wait_for(speaker.publish([message]), 10)
    await speaker.close()
    admin = await nats.connect(server.url, user="admin", password=server.keys.secret("nats/admin"))
    held = {name: (await admin.jetstream().stream_info(name.upper())).state.messages for name in names}
    assert held == {name: int(name == "events") for name in names}
    with pytest.raises(NotFoundError):
        await admin.jetstream().stream_info("NOBODYS")
    await admin.close()


async def test_a_rotated_password_counts_after_a_reload_and_the_old_one_no_more(server: Server) -> None:
    old = server.keys.secret("nats/events")
    (server.folder / "run/secrets/nats/events").unlink()
    assert secret_command.make(server.folder / "run" / "secrets", SERVICES) == ["nats/events"]
    os.kill(server.child.pid, signal.SIGHUP)
    async with asyncio.timeout(10):
        while "Reloaded server configuration" not in server.child.log.read_text():
            await asyncio.sleep(0.02)
    assert server.keys.secret("nats/events") != old
    bus = server.bus("events")
    await bus.connect()
    assert bus.connected
    await bus.close()
    late = NatsBus(server.url, "events", old, "late")
    with pytest.raises(BusError, match="refuses events"):
        await late.connect()
    other = server.bus("campaigns")
    await other.connect()
    assert other.connected, "the passwords of the others stayed"
    await other.close()

"""Three nats-servers from the wheel that keep each stream three times, in place of the one; any of them may be killed.

cluster = Cluster(folder, users)
await cluster.start()
await cluster.kill_one(chance)        # killed outright, and started again once it was missed
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections.abc import Mapping
from pathlib import Path

from services.embedded.nats import EmbeddedNats
from tests.ports import free_port

NODES = 3


class Node(EmbeddedNats):
    """One of them."""

    def __init__(self, number: int, folder: Path, users: Mapping[str, str], routes: list[int]) -> None:
        super().__init__(folder / f"node-{number}", users)
        self._number, self._routes = number, routes

    def configuration(self, port: int) -> str:
        """As that of the one server, with a name of its own and the ways to the others."""
        settings = json.loads(super().configuration(port))
        settings["server_name"] = f"blest-{self._number}"
        settings["cluster"] = {
            "name": "blest",
            "listen": f"127.0.0.1:{self._routes[self._number]}",
            "routes": [f"nats://127.0.0.1:{one}" for one in self._routes],
            "no_advertise": True,  # clients come through the gate
        }
        return json.dumps(settings, indent=2) + "\n"


class Cluster:
    """Stands where `World` has its one server."""

    def __init__(self, folder: Path, users: Mapping[str, str]) -> None:
        routes = [free_port() for _ in range(NODES)]
        self.nodes = [Node(number, folder, users, routes) for number in range(NODES)]

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    @property
    def url(self) -> str:
        """A node that runs."""
        return next(node.url for node in self.nodes if node.alive)

    @property
    def alive(self) -> bool:
        return all(node.alive for node in self.nodes)

    async def start(self) -> None:
        for node in self.nodes:
            node._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.gather(*(node.start() for node in self.nodes if not node.alive))

    async def stop(self) -> None:
        await asyncio.gather(*(node.stop() for node in self.nodes))

    async def kill_one(self, chance: random.Random, gone: float) -> int:
        """Kill a node, start it again `gone` seconds later; its number."""
        number = chance.randrange(NODES)
        node = self.nodes[number]
        os.kill(node.pid, signal.SIGKILL)
        while node.alive:
            await asyncio.sleep(0.02)
        await asyncio.sleep(gone)
        await node.start()
        return number

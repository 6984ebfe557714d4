"""Caddy with the Caddyfile of deploy/, before any processes."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sysconfig
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.cli.deployment import upstreams_variable
from services.embedded.child import Child
from tests.deploy.processes import Process, wait_until
from tests.house.test_shape import ROOT
from tests.ports import free_port

DEPLOY = ROOT / "deploy"


class Front:
    """Caddy with the Caddyfile of deploy/, before any processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "caddy"
        self._port = free_port()
        self._child = Child("Caddy", folder / "logs" / "caddy.log")

    @property
    def url(self) -> str:
        return f"https://localhost:{self._port}"

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(
            cafile=str(self._folder / "caddy" / "pki" / "authorities" / "local" / "root.crt")
        )

    def start(self, upstreams: Mapping[str, Sequence[Process]]) -> None:
        """Start it before `upstreams` (service → its processes) and wait until it answers."""
        self._folder.mkdir()
        names = {
            upstreams_variable(service): " ".join(f"127.0.0.1:{one.port}" for one in processes)
            for service, processes in upstreams.items()
        }
        self._child.launch(
            [
                str(Path(sysconfig.get_path("scripts")) / "caddy"),
                *("run", "--adapter", "caddyfile", "--config", str(DEPLOY / "caddy" / "Caddyfile")),
            ],
            on_parents_death="TERM",
            folder=self._folder,
            environment={
                **os.environ,
                **names,
                "XDG_DATA_HOME": str(self._folder),
                "XDG_CONFIG_HOME": str(self._folder),
                "CADDY_ADMIN": "off",
                "CADDY_SITE": self.url,
                "CADDY_HTTP_PORT": str(free_port()),
                "CADDY_HTTPS_PORT": str(self._port),
                "CADDY_PAGES": str(DEPLOY / "caddy"),
            },
        )
        wait_until(self._answers, 20, "Caddy answers")

    def stop(self) -> None:
        asyncio.run(self._child.end((signal.SIGTERM, 5.0)))

    def _answers(self) -> bool:
        assert self._child.alive, self._child.last_words()
        try:
            with urllib.request.urlopen(f"{self.url}/robots.txt", timeout=5, context=self.trust) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

"""A process of `blest serve`, started and ended as a container is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.embedded.child import command_that_dies_with_us
from tests.ports import free_port

BLEST = "from services.cli.main import blest; blest(prog_name='blest')"
STARTER = ThreadPoolExecutor(1, "starter")
"""A child dies with the thread that started it, and a test's own threads end with the test."""
LINGER = 3.0
"""Seconds, as in docker-compose.yml: Caddy asks every second, and believes the second answer."""


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)


class Process:
    """One `blest serve`."""

    def __init__(self, name: str, services: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.port = free_port()
        self.log = folder / "logs" / f"{name}.log"
        self._services = services
        self.environment = {
            **environment,
            "BLEST_PORT": str(self.port),
            "BLEST_LINGER": str(LINGER),
            "BLEST_STATE": str(folder / "state" / name),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(exist_ok=True, parents=True)
        with self.log.open("ab") as log:
            self._process = STARTER.submit(
                subprocess.Popen[bytes],
                command_that_dies_with_us([sys.executable, "-c", BLEST, "serve", *self._services], "TERM"),
                env=self.environment,
                cwd=self.environment["PYTHONPATH"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            ).result()

    def ready(self) -> bool:
        assert self._process is not None and self._process.poll() is None, self.log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(json.load(answer)["ready"])
        except (OSError, ValueError):
            return False

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """The exit code; an orderly end takes at most 15 s."""
        assert self._process is not None
        return self._process.wait(15)

    def stop(self) -> int:
        self.send(signal.SIGTERM)
        return self.wait()

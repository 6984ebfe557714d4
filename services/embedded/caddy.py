"""Caddy in front, with certificates of its own authority: for phones, whose cameras open to https pages alone.

It listens on every address of the machine, so a phone in the same network reaches it at `EmbeddedCaddy.url`; the phone
is asked once to trust the certificate, or is given the authority's own (`authority`).
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import sys
import sysconfig
from pathlib import Path

from services.embedded import secret_files
from services.embedded.child import Child, ServerFailed, command_of, end_leftovers, leftovers

ENDING = ((signal.SIGTERM, 3.0),)
CONFIGURATION = """\
# Written at every start.
{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	default_sni {name}
	storage file_system "{folder}/store"
	grace_period 2s
}}
{sites} {{
	tls internal
	reverse_proxy {upstream}
}}
"""


class EmbeddedCaddy:
    """One Caddy for one folder, on `port` of every address, before `upstream` (`127.0.0.1:8080`)."""

    def __init__(self, folder: Path, port: int, upstream: str) -> None:
        self._folder = folder.resolve() / "caddy"
        self._port = port
        self._upstream = upstream
        self._name = own_address()
        self._conf = self._folder / "Caddyfile"
        self._pid = self._folder / "caddy.pid"
        self._child = Child("Caddy", folder.resolve() / "logs" / "caddy.log")

    @property
    def url(self) -> str:
        return f"https://{self._name}:{self._port}"

    @property
    def authority(self) -> Path:
        """The authority's certificate, for devices that shall trust it."""
        return self._folder / "store" / "pki" / "authorities" / "local" / "root.crt"

    async def start(self) -> None:
        """Start Caddy and wait until it listens. Raises `ServerFailed`, OSError."""
        secret_files.private_folder(self._folder)
        await end_leftovers(self._leftovers, "Caddy", *ENDING)
        if _answers(self._port):
            other = "take another: BLEST_HTTPS_PORT=9443 make run-https"
            raise ServerFailed(f"Port {self._port} is taken by another program; {other}")
        sites = ", ".join(
            f"https://{name}:{self._port}" for name in dict.fromkeys((self._name, "localhost", "127.0.0.1"))
        )
        self._conf.write_text(
            CONFIGURATION.format(name=self._name, folder=self._folder, sites=sites, upstream=self._upstream)
        )
        self._child.launch(
            [str(_binary()), "run", "--adapter", "caddyfile", "--config", str(self._conf), "--pidfile", str(self._pid)],
            on_parents_death="TERM",
            folder=self._folder,
            environment={**os.environ, "XDG_DATA_HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)},
        )
        await self._child.ready(lambda: self.authority.exists() and _is_trusted(self._port, self.authority), 20)

    async def stop(self) -> None:
        await self._child.end(*ENDING)

    def trouble(self) -> str | None:
        """One line where the server has ended by itself or tells of a full disk."""
        return self._child.trouble()

    async def ended(self) -> str:
        """Wait until it ends by itself and return one line that tells of it."""
        return await self._child.ended()

    def end_at_once(self) -> None:
        self._child.end_at_once(signal.SIGKILL)

    def _leftovers(self) -> list[int]:
        own = str(self._conf)
        if Path("/proc/self").exists():
            return leftovers(lambda process: own in (process / "cmdline").read_bytes().decode().split("\0"))
        if not self._pid.exists():
            return []
        pid = int(self._pid.read_text())
        return [pid] if own in command_of(pid) else []


def own_address() -> str:
    """The address by which others in the same network reach this machine; 127.0.0.1 where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # sends nothing: it only asks which of our addresses would be used
            return str(one.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _answers(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(0.2)
        return one.connect_ex(("127.0.0.1", port)) == 0


def _is_trusted(port: int, authority: Path) -> bool:
    """Whether the certificates are there: they are made after the port is open."""
    try:
        context = ssl.create_default_context(cafile=str(authority))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=0.5) as one,
            context.wrap_socket(one, server_hostname="localhost"),
        ):
            return True
    except (ssl.SSLError, OSError):
        return False


def _binary() -> Path:
    for folder in (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent):
        if (folder / "caddy").exists():
            return folder / "caddy"
    raise ServerFailed("Caddy is not installed: start with `make run-https`")

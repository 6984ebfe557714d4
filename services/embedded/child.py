"""A server that we start, watch and end as a child process, and the leftovers of one whose parent was killed.

A child gets a session of its own, so the terminal's Ctrl-C reaches only us and we end it in order. Should we be killed
outright, the kernel asks it to end (Linux, by `setpriv --pdeathsig`); where that is not to be had, the next start finds
the leftover by its working folder or command line and ends it before it touches the data. A process that is not
certainly ours is never signalled.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

PAUSE = 0.02
"""Seconds between two looks at a child that starts or ends."""
FULL = ("o space left on device", "could not extend file")
"""What programs say of a full disk."""
LOG_KEPT = 4 * 1024 * 1024
"""Bytes; a larger log is set aside as `.1` at the next start."""


class ServerFailed(Exception):
    """An embedded server does not start, or ended by itself. The message is one line that says what to do."""


class Child:
    """One child process with its log. `name` is what people call it."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._begins = 0
        """Where in the log the words of this child begin."""

    @property
    def pid(self) -> int:
        """The process id; raises LookupError while none was started."""
        if self._process is None:
            raise LookupError(f"{self.name} is not running")
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(
        self, command: Sequence[str], *, on_parents_death: str, folder: Path, environment: Mapping[str, str]
    ) -> None:
        """Start `command` in `folder`; `on_parents_death` is the signal's name ("INT", "TERM").

        The kernel ties that signal to the thread that starts the child, so call this on a thread that stays.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        set_aside(self.log)
        with self.log.open("ab") as log:
            self._begins = log.tell()
            self._process = subprocess.Popen(
                command_that_dies_with_us(command, on_parents_death),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )

    def trouble(self) -> str | None:
        """One line where the child has ended, or tells of a full disk; None where all seems well."""
        if self._process is None:
            return None
        words = self.last_words()
        if any(sign in words for sign in FULL):
            return f"The disk is full: {self.name} could not write. Make room and start again; what was saved is safe."
        return None if self._process.poll() is None else self._epitaph(self._process.returncode)

    async def ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `is_ready`; raises `ServerFailed` where the child ends before, or does not get there in time."""
        until = time.monotonic() + seconds
        while not is_ready():
            if not self.alive:
                raise ServerFailed(f"{self.name} did not start: {self.last_words()} (its log: {self.log})")
            if time.monotonic() > until:
                raise ServerFailed(
                    f"{self.name} is not ready after {seconds:.0f} s: {self.last_words()} (its log: {self.log})"
                )
            await asyncio.sleep(PAUSE)

    async def end(self, *ladder: tuple[signal.Signals, float]) -> None:
        """Send each signal and wait its seconds, until the child has ended; SIGKILL at last."""
        process = self._process
        if process is None:
            return
        for number, seconds in (*ladder, (signal.SIGKILL, 10.0)):
            if process.poll() is not None:
                break
            process.send_signal(number)
            until = time.monotonic() + seconds
            while process.poll() is None and time.monotonic() < until:
                await asyncio.sleep(PAUSE)
        self._process = None

    def end_at_once(self, number: signal.Signals) -> None:
        """Send one signal and do not wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def ended(self) -> str:
        """Wait until the child ends by itself and return one line about it."""
        process = self._process
        if process is None:
            return f"{self.name} is not running"
        while process.poll() is None:
            await asyncio.sleep(0.25)
        return self.trouble() or self._epitaph(process.returncode)

    def _epitaph(self, code: int) -> str:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}: {self.last_words()}"
        return f"{self.name} {how} (its log: {self.log}). What was saved is safe: start again."

    def last_words(self) -> str:
        """The last line of the log that tells of an error, else the last line."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self._begins, self.log.stat().st_size - 8192))
                return telling(log.read().decode(errors="replace"))
        except OSError as error:
            return f"its log cannot be read ({error.strerror})"


def telling(said: str) -> str:
    """The line of a program's output that says why it failed: a full disk first of all, then its last error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()][-40:]
    for signs in (FULL, ("FATAL", "PANIC", "[FTL]", "[ERR]", "rror:", "denied")):
        if found := [line for line in lines if any(sign in line for sign in signs)]:
            return found[-1]
    return lines[-1] if lines else "it said nothing"


def set_aside(log: Path) -> None:
    """Move a log that has grown large to `.1`, whose place it takes."""
    if log.exists() and log.stat().st_size > LOG_KEPT:
        log.replace(log.with_name(f"{log.name}.1"))


@cache
def _setpriv_knows_pdeathsig() -> bool:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return False
    asked = subprocess.run([setpriv, "--pdeathsig", "TERM", "true"], capture_output=True, check=False)
    return asked.returncode == 0


def command_that_dies_with_us(command: Sequence[str], number: str) -> list[str]:
    """`command` under `setpriv --pdeathsig`, after whatever changes its user; unchanged where the machine has none."""
    if not _setpriv_knows_pdeathsig():
        return list(command)
    # The kernel forgets the request when a process changes its user, so it comes last, just before the server itself.
    at = command.index("--") + 1 if "--" in command else 0
    return [*command[:at], "setpriv", "--pdeathsig", number, *command[at:]]


def command_of(pid: int) -> str:
    """The command line of a process, on a system without /proc; empty where it is gone."""
    ps = shutil.which("ps") or "/bin/ps"
    asked = subprocess.run([ps, "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def leftovers(is_ours: Callable[[Path], bool]) -> list[int]:
    """Ids of the processes whose `/proc` folder satisfies `is_ours`; none on a system without /proc."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) != os.getpid() and is_ours(process):
                found.append(int(process.name))
        except OSError:
            continue  # gone meanwhile, or another user's
    return found


async def end_leftovers(find: Callable[[], list[int]], what: str, *ladder: tuple[signal.Signals, float]) -> None:
    """End what `find` still finds, signal by signal; raises `ServerFailed` where it will not end."""
    for number, seconds in (*ladder, (signal.SIGKILL, 10.0)):
        for pid in find():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        until = time.monotonic() + seconds
        while find() and time.monotonic() < until:
            await asyncio.sleep(PAUSE)
    if left := find():
        raise ServerFailed(f"an earlier {what} (process {left[0]}) does not end; end it by hand and start again")

"""Progress that people read: one line per step, with what it took; a bar where a step has parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

LONG = 0.05
"""Seconds from which a step's time is worth telling."""


class Steps:
    """Writes to a console; in a file or a pipe the same lines come without colours and without movement."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def say(self, line: str = "") -> None:
        self.console.print(line, soft_wrap=True)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show `title` while the block runs, and tick it off after. An error leaves the line to whoever tells of it."""
        began = time.monotonic()
        with self.console.status(title, spinner="dots"):
            yield
        self._done(title, began)

    @contextmanager
    def bar(self, title: str) -> Iterator[Callable[[int, int], None]]:
        """Like `step`, giving a function that is told (done, in all)."""
        began = time.monotonic()
        if not self.console.is_terminal:
            yield self._tenths(title)
            self._done(title, began)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(title, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)
        self._done(title, began)

    def _tenths(self, title: str) -> Callable[[int, int], None]:
        told = 0

        def report(done: int, total: int) -> None:
            nonlocal told
            if (tenth := done * 10 // total) > told and tenth < 10:
                told = tenth
                self.console.print(f"  {title}: {tenth * 10} %")

        return report

    def _done(self, title: str, began: float) -> None:
        took = time.monotonic() - began
        self.console.print(f"[green]✓[/green] {title}" + (f" [dim]{took:.1f} s[/dim]" if took >= LONG else ""))

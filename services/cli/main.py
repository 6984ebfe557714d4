"""The command `blest`. Each group has a module of its own; every failure is one line that says what to do."""

from __future__ import annotations

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from services import logs
from services.cli import (
    account,
    dead_letters,
    demo_command,
    doctor,
    facts,
    migrations,
    projections,
    run,
    secret_command,
    serve,
)
from services.cli.failures import in_one_line, keep


class Told(click.Group):
    """A group whose commands never end in a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort, SystemExit):
            raise
        except KeyboardInterrupt:
            raise click.Abort from None
        except BaseException as error:
            line = in_one_line(error) or keep(error, Path.cwd() / ".blest" / "logs" / "errors.log")
            raise click.ClickException(line) from error


@click.group(cls=Told, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("blest"), prog_name="blest")
def blest() -> None:
    """Blest ties a campaign to the people it brings.

    `blest run` is all you need on your own machine. Every other command works on the installation that
    BLEST_DATABASE and BLEST_NATS name or, where they are not set, on the one in .blest/ of this folder,
    whether it is running or not.
    """
    logs.configure("plain", level=logging.WARNING)


for module in (run, serve, migrations, secret_command, demo_command, facts, projections, dead_letters, account, doctor):
    blest.add_command(module.command)

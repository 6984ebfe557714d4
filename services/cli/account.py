"""`blest account`: people who may log in, for the first of them and for when nobody can."""

from __future__ import annotations

import asyncio
import sys

import click

from services.cli import reach
from services.cli.steps import Steps
from services.identity import access, commands
from services.pages.languages import LANGUAGES
from services.routes import Role


class RoleIn(click.ParamType[tuple[str, Role]]):
    """`PROGRAMME:ROLE`, such as blest-i-havlandet:organiser."""

    name = "programme:role"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> tuple[str, Role]:
        slug, _, name = str(value).rpartition(":")
        if not slug or name not in set(Role):
            self.fail(f"{value!r}: write PROGRAMME:ROLE, with one of the roles {', '.join(Role)}", param, context)
        return slug, Role(name)


@click.group("account", short_help="Make accounts for people who shall log in.")
def command() -> None:
    """Make accounts for people who shall log in."""


@command.command("create", short_help="Make an account.")
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as others see it.")
@click.option("--operator", is_flag=True, help="May set up programmes and sees the system page.")
@click.option("--role", "roles", type=RoleIn(), multiple=True, help="PROGRAMME:ROLE; may be given several times.")
@click.option("--language", type=click.Choice(LANGUAGES), default="nb", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def create(
    email: str, name: str, operator: bool, roles: tuple[tuple[str, Role], ...], language: str, password_stdin: bool
) -> None:
    """Make an account for EMAIL.

    The password is asked for. Without a terminal and without --password-stdin there is none, and the person
    chooses one with "Forgot your password?" on the login page.
    """
    password: str | None = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    asyncio.run(_create(email, name, operator, roles, language, password))


async def _create(
    email: str, name: str, operator: bool, roles: tuple[tuple[str, Role], ...], language: str, password: str | None
) -> None:
    async with reach.chassis() as context:
        wanted = []
        for slug, role in roles:
            programme = await access.find_programme(context, slug)
            if programme is None:
                raise click.ClickException(f"There is no programme {slug!r}")
            wanted.append((programme.id, role))
        async with context.database.transaction(None) as tx:
            account = await commands.create_account(
                tx, email=email, name=name, language=language, password=password, operator=operator
            )
            for programme_id, role in wanted:
                await commands.grant(tx, None, programme_id, account, role)
        Steps().say(f"{email} may log in at {context.settings.url}/{language}/login")

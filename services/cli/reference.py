"""docs/reference/: what the declarations say, as pages. `make docs` writes them; a test holds that they are current.

python -m services.cli.reference docs/reference
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
from prometheus_client import REGISTRY

from services import asyncapi, openapi, process
from services.chassis import CHASSIS
from services.cli.main import blest
from services.documents import Field, Reading
from services.facts import Fact
from services.registry import installed
from services.schemas import first_words
from services.service import Service
from services.streams import consumer_name

WIDTH = 100
MADE = "<!-- Made by `make docs` from the declarations: change those, not this. -->"
URL = "http://127.0.0.1:8080"
assert process  # what it imports declares the figures of a running process


def pages() -> dict[str, str]:
    """File name → text of every page."""
    services = (CHASSIS, *installed())
    return {
        name: "\n".join([MADE, *lines, ""])
        for name, lines in {
            "README.md": _contents(),
            "api.md": _api(services),
            "facts.md": _facts(services),
            "cli.md": _commands(),
            "metrics.md": _figures(),
        }.items()
    }


def _contents() -> Iterator[str]:
    yield "# Reference\n"
    yield from _table(
        ("", ""),
        [
            ("[HTTP API](api.md)", "every call, who may make it, what it takes; whole at `/api/openapi.json`"),
            ("[Facts](facts.md)", "what services tell each other; whole at `/api/asyncapi.json`"),
            ("[The command `blest`](cli.md)", "its help, page by page"),
            ("[Figures](metrics.md)", "what `/metrics` counts"),
        ],
    )


# HTTP -----------------------------------------------------------------------------------------------------------------


def _api(services: Iterable[Service]) -> Iterator[str]:
    document = openapi.document(list(services), url=URL)
    page = Reading(document, asyncapi.document(list(services))).page()
    yield f"# HTTP API\n\n{page['about']}\n"
    yield "A running installation serves the whole as OpenAPI 3.1 at `/api/openapi.json`, and as a page at `/api/docs`."
    yield "`?` marks what may be left out.\n"
    for tag, operations in page["services"]:
        if operations:
            yield f"## {tag['name']}\n\n{tag.get('description', '')}\n"
            yield from _table(("Call", "Who", "What", "Takes"), map(_operation, operations))
            yield ""
    yield "## What goes wrong\n"
    rows = [(status, f"`{code}`", meaning) for status, code, meaning in page["problems"]]
    yield from _table(("Status", "Answer", "Means"), rows)


def _operation(one: dict[str, Any]) -> tuple[str, str, str, str]:
    """A row of the table of calls; what the path and every unsafe call has is not named again."""
    known = ("Idempotency-Key", *one["path"].replace("{", "").replace("}", "").split("/"))
    takes = [*(field for field in one["parameters"] if field.name not in known), *one["body"]]
    who = ", ".join(one["roles"]) or ("with a log-in or token" if one["scope"] else "anyone")
    return f"`{one['method']} {one['path']}`", who, one["summary"], ", ".join(map(_taken, takes))


def _taken(field: Field) -> str:
    return f"`{field.name}{'' if field.required else '?'}`"


# Facts ----------------------------------------------------------------------------------------------------------------


def _facts(services: Iterable[Service]) -> Iterator[str]:
    readers: dict[type[Fact], list[str]] = {}
    for service in services:
        for reaction in service.reactions:
            for kind in reaction.facts:
                readers.setdefault(kind, []).append(consumer_name(service.name, reaction))
    yield f"# Facts\n\n{cleandoc(asyncapi.DESCRIPTION)}\n"
    shared = ", ".join(f"`{name}`" for name in Fact.model_fields)
    yield f"Every fact has {shared}; the table names what each has besides.\n"
    for service in services:
        if service.facts:
            yield f"## {service.name}\n"
            yield from _table(
                ("Subject", "Fact", "What", "Holds", "Read by"),
                [
                    (
                        f"`{kind.subject}.v{kind.revision}.<{kind.key}>`",
                        kind.__name__,
                        first_words(kind),
                        ", ".join(f"`{name}`" for name in kind.model_fields if name not in Fact.model_fields),
                        ", ".join(readers.get(kind, ["–"])),
                    )
                    for kind in service.facts
                ],
            )
            yield ""


# The command ----------------------------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield "# The command `blest`\n"
    yield from _command(blest, None, "blest")


def _command(command: click.Command, above: click.Context | None, name: str) -> Iterator[str]:
    told = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, above, name, **told)
    yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for one in command.list_commands(context):
            below = command.get_command(context, one)
            assert below is not None
            yield from _command(below, context, one)


# Figures --------------------------------------------------------------------------------------------------------------


def _figures() -> Iterator[str]:
    yield "# Figures\n"
    yield "What `/metrics` of every process tells scrapers on its own machine or network, in Prometheus's text format."
    yield "Labels are names from the code; none holds personal data.\n"
    yield from _table(("Figure", "Kind", "What", "By"), sorted(_declared()))


def _declared() -> Iterator[tuple[str, str, str, str]]:
    """The figures of the one registry that are ours; Prometheus's own collectors have no `blest_` in their names."""
    for collector in list(REGISTRY._collector_to_names):
        labels = ", ".join(f"`{label}`" for label in getattr(collector, "_labelnames", ()))
        for family in getattr(collector, "describe", list)():
            if family.name.startswith("blest_"):
                name = f"{family.name}_total" if family.type == "counter" else family.name
                yield f"`{name}`", family.type, family.documentation.rstrip("."), labels


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(str(cell).split()).replace('|', chr(92) + '|') for cell in row)} |"


def write(folder: Path) -> None:
    """Write every page, and remove what is none any more."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in folder.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

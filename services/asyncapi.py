"""The AsyncAPI 3.0 document: every fact, who publishes it and who reacts, read from the installed declarations."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import cleandoc

from services.facts import Fact
from services.openapi import release
from services.schemas import Json, Schemas, first_words
from services.service import Service
from services.streams import consumer_name

DESCRIPTION = """
Facts are what services tell each other. A fact carries its aggregate's public state after the change and its version;
who has seen a newer one leaves an older one aside. No fact carries personal data.

Every fact is on a JetStream stream of its service's name in upper case. Its subject ends in the id of its aggregate.
"""
HEADERS: Json = {
    "type": "object",
    "required": ["Message-Id", "Blest-Programme", "Blest-Aggregate", "Blest-Version", "Blest-Occurred-At"],
    "properties": {
        "Message-Id": {
            "type": "string",
            "format": "uuid",
            "description": "The same for every delivery",
        },
        "Blest-Programme": {"type": "string", "format": "uuid"},
        "Blest-Aggregate": {
            "type": "string",
            "description": "The unit within which facts keep their order: `booking:<id>`",
        },
        "Blest-Version": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "The aggregate's, after the change",
        },
        "Blest-Occurred-At": {"type": "string", "format": "date-time"},
        "Blest-Republished": {"type": "string", "enum": ["1"], "description": "Sent again by a repair"},
        "Blest-Restated": {"type": "string", "enum": ["1"], "description": "What is, as a repair says it; not news"},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def document(services: Sequence[Service]) -> Json:
    """The whole document over these services."""
    facts = _facts(services)
    schemas = Schemas(answers=facts)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Blest: facts", "version": release(), "description": cleandoc(DESCRIPTION)},
        "defaultContentType": "application/json",
        "servers": {
            "nats": {
                "host": "{host}:4222",
                "protocol": "nats",
                "description": "NATS with JetStream; each service publishes below its own name only.",
                "variables": {"host": {"default": "localhost", "description": "Where the installation keeps it"}},
            }
        },
        "channels": {_channel(fact): _channel_object(fact) for fact in facts},
        "operations": _operations(services),
        "components": {
            "messages": {
                fact.__name__: {
                    "name": _channel(fact),
                    "title": fact.__name__,
                    "summary": first_words(fact),
                    "contentType": "application/json",
                    "headers": {"$ref": "#/components/schemas/Headers"},
                    "payload": schemas.of(fact, "serialization"),
                }
                for fact in facts
            },
            "schemas": {"Headers": HEADERS, **schemas.all},
        },
    }


def _facts(services: Sequence[Service]) -> list[type[Fact]]:
    """All facts published, by subject; one that is reacted to and published by nobody installed is there too."""
    published = [fact for service in services for fact in service.facts]
    heard = [fact for service in services for reaction in service.reactions for fact in reaction.facts]
    return sorted(dict.fromkeys([*published, *heard]), key=_channel)


def _channel(fact: type[Fact]) -> str:
    return f"{fact.subject}.v{fact.revision}"


def _channel_object(fact: type[Fact]) -> Json:
    return {
        "address": f"{_channel(fact)}.{{{fact.key}}}",
        "title": _channel(fact),
        "messages": {fact.__name__: {"$ref": f"#/components/messages/{fact.__name__}"}},
        "parameters": {
            fact.key: {"description": f"The id of the {fact.subject.split('.')[1].replace('_', ' ')}, a UUID"}
        },
        "servers": [{"$ref": "#/servers/nats"}],
    }


def _operations(services: Sequence[Service]) -> Json:
    found: Json = {}
    for service in services:
        for fact in service.facts:
            found[f"{service.name}.publish.{fact.__name__}"] = _operation("send", fact, f"{service.name} publishes it")
        for reaction in service.reactions:
            consumer = consumer_name(service.name, reaction)
            for fact in reaction.facts:
                found[f"{consumer}.{fact.__name__}"] = _operation(
                    "receive", fact, f"{service.name} reacts as {consumer}"
                )
    return found


def _operation(action: str, fact: type[Fact], summary: str) -> Json:
    channel = f"#/channels/{_channel(fact)}"
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{fact.__name__}"}],
    }

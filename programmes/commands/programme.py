"""The programme itself: made, described, published, closed."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from programmes import records
from programmes.commands import say, touch
from programmes.domain import Programme, lacks
from programmes.facts import ProgrammeStatus
from programmes.inputs import About, NewProgramme, ProgrammeSettings
from services.database import Transaction
from services.http.problems import Conflict, Invalid
from services.identity import commands as identity
from services.identity.principal import Principal
from services.pages.explaining import FILL_IN
from services.pages.languages import msgid
from services.routes import Role

FIELD = {"nb": "Tilflytting", "nn": "Tilflytting", "en": "Settlement", "nl": "Vestiging"}
"""The field of work that the catalogue is about."""


async def create(tx: Transaction, by: Principal | None, wanted: NewProgramme, owner: UUID | None) -> Programme:
    """Make a programme with the transaction's id, as a draft, known to identity's directory and owned by `owner`.

    Raises `Invalid` on `slug` where another programme has it, and on `names` where the first language is missing.
    """
    _in_own_language(wanted.names, wanted.language)
    try:
        async with tx.connection.transaction():
            await records.queries.insert_programme(
                tx.connection,
                programme_id=tx.programme,
                slug=wanted.slug,
                names=dict(wanted.names),
                fields={lang: FIELD[lang] for lang in wanted.languages if lang in FIELD},
                language=wanted.language,
                languages=list(wanted.languages),
                required_languages=list(wanted.required_languages),
                time_zone=wanted.time_zone,
                contact=wanted.contact,
                moment=tx.moment,
            )
            found = await say(tx, by, "programme")
    except asyncpg.UniqueViolationError as error:
        raise Invalid({"slug": TAKEN}) from error
    except Conflict as error:
        if error.code != "slug-taken":
            raise
        raise Invalid({"slug": TAKEN}) from error
    if owner is not None:
        await identity.grant(tx, by, tx.programme, owner, Role.OWNER)
    return found


TAKEN = msgid("Another programme has this address. Choose another.")


async def change_about(tx: Transaction, by: Principal | None, wanted: About) -> Programme:
    """Write the texts that say who recruits and why."""
    now = await records.programme(tx)
    _in_own_language(wanted.names, now.language)
    await touch(tx, "about", wanted.version)
    texts = wanted.model_dump(exclude={"version"})
    await records.queries.write_about(tx.connection, programme_id=tx.programme, **texts)
    return await _said_whole(tx, by, "about")


async def change_settings(tx: Transaction, by: Principal | None, wanted: ProgrammeSettings) -> Programme:
    """Set languages, time zone, the office's address and the goal."""
    await touch(tx, "settings", wanted.version)
    now = await records.programme(tx)
    if not now.names.get(wanted.language):
        raise Invalid({"language": msgid("Write the programme's name in this language first.")})
    values = wanted.model_dump(exclude={"version"})
    values["languages"], values["required_languages"] = list(wanted.languages), list(wanted.required_languages)
    await records.queries.write_settings(tx.connection, programme_id=tx.programme, **values)
    return await _said_whole(tx, by, "settings")


async def publish(tx: Transaction, by: Principal | None, seen: int) -> Programme:
    """Put a draft into the public catalogue. Raises `Conflict` where something is lacking or it is no draft."""
    await touch(tx, "status", seen)
    if lacks(await records.programme(tx)):
        raise Conflict("incomplete", msgid("Something is still missing. See the list of what to do before publishing."))
    await _settle(await records.queries.publish(tx.connection, programme_id=tx.programme, moment=tx.moment))
    return await say(tx, by, "status")


async def close(tx: Transaction, by: Principal | None, seen: int) -> Programme:
    """End a published programme: its page stays to be read, nothing new happens. Raises `Conflict` for others."""
    await touch(tx, "status", seen)
    await _settle(await records.queries.close(tx.connection, programme_id=tx.programme, moment=tx.moment))
    return await say(tx, by, "status")


async def _settle(status: str) -> None:
    if status != "UPDATE 1":
        raise Conflict("wrong-state", msgid("The programme is not in a state where this can be done."))


async def _said_whole(tx: Transaction, by: Principal | None, section: str) -> Programme:
    """As `say`; raises `Conflict` where a published programme would lack what publishing asks for."""
    now = await say(tx, by, section)
    if now.status is ProgrammeStatus.PUBLISHED and lacks(now):
        first = lacks(now)[0]
        raise Conflict("incomplete", first.sentence, **first.values)
    return now


def _in_own_language(names: dict[str, str], language: str) -> None:
    if not names.get(language):
        raise Invalid({f"names.{language}": FILL_IN})

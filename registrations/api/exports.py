"""The attendees as a file, for programs: codes instead of words, moments in UTC."""

from __future__ import annotations

from typing import Annotated, Any

from aiohttp.web import StreamResponse
from pydantic import AfterValidator, BaseModel, Field

from registrations.api.console import event_id_of
from registrations.domain.questions import MOST_QUESTIONS
from registrations.exports import sending
from registrations.exports.answers import PREFIX, columns_of
from registrations.exports.columns import COLUMNS, USUAL, chosen
from registrations.exports.files import Format
from registrations.exports.journal import Taking
from registrations.facts import BookingStatus
from registrations.pages.exports import wording_of
from registrations.statements import queries
from services.http.call import Call
from services.http.problems import Invalid
from services.ids import new_id
from services.pages.languages import Refused, msgid

COLUMNS_ARE = msgid("There are these columns: {names}.")


def _known(names: list[str]) -> list[str]:
    """Those of every event; which questions this one asks is looked up."""
    unknown = [name for name in names if name not in COLUMNS and not name.startswith(PREFIX)]
    if unknown:
        raise Refused(COLUMNS_ARE, names=", ".join(COLUMNS))
    return names


class Export(BaseModel):
    """What to take out; `state` and `columns` several times for several; a question's column is
    `answer:<question>`. It is logged as an export by hand is."""

    state: list[BookingStatus] = Field(default=[], max_length=len(BookingStatus))
    q: Annotated[str, Field(max_length=100)] = ""
    columns: Annotated[list[str], AfterValidator(_known)] = Field(
        default=[], max_length=len(COLUMNS) + 4 * MOST_QUESTIONS
    )
    format: Format = Format.CSV


async def export(call: Call) -> StreamResponse:
    said: Export = call.body
    async with call.transaction() as tx:
        event_id = await event_id_of(call, tx)
        event: Any = await queries.event_page(tx.connection, id=event_id)
        wording = await wording_of(call, tx, event, plain=True)
        columns = await columns_of(tx, event_id, call.lang)
    if not set(said.columns) <= columns.keys():
        raise Invalid({"columns": call.translate(COLUMNS_ARE, names=", ".join(columns))})
    taking = Taking.of(
        new_id(call.context.clock.now()),
        event_id,
        said.format,
        chosen(tuple(said.columns) or USUAL, columns),
        tuple(said.state) or tuple(BookingStatus),
        said.q.strip(),
    )
    return await sending.send(call, taking, wording, event["slug"])

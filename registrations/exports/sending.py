"""An export on its way: rows come from a cursor of the database, a few hundred at a time, and go out as they come.

CSV goes straight to whoever asked. XLSX is an archive that must be whole before it is sent: it is written to a folder
of its own off the event loop, sent, and the folder removed, whatever happens. Either way the memory it takes does not
grow with the rows. What breaks on the way breaks the connection too, so that half a file is never taken for a whole
one; and the log is closed before the answer is, so that who has a whole file is in it.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from uuid import UUID

from aiohttp import web

from registrations.exports import journal
from registrations.exports.columns import Cell, Wording
from registrations.exports.files import MOST_XLSX_ROWS, CsvText, Format, Workbook
from registrations.exports.journal import Taking
from registrations.statements import queries
from services.context import Context
from services.http.call import Call
from services.http.problems import Conflict
from services.pages.languages import msgid
from services.service import Resource

AT_A_TIME = 500
"""Rows between two turns of the event loop."""
COUNTED_EVERY = 4
"""Batches between two counts in the log."""
AT_ONCE = 2
"""Exports that run at one time in a process: each holds a connection of the pool that everybody shares."""
CHUNK = 256 * 1024


@asynccontextmanager
async def _open(_: Context) -> AsyncIterator[asyncio.Semaphore]:
    yield asyncio.Semaphore(AT_ONCE)


EXPORTS: Resource[asyncio.Semaphore] = Resource("exports", _open)


async def send(call: Call, taking: Taking, wording: Wording, name: str) -> web.StreamResponse:
    """Write it down, and answer with the file, called `name`. Raises `Conflict` for more rows than XLSX holds."""
    async with call.transaction() as tx:
        id, expected = await journal.begin(tx, call, taking)
        if taking.format is Format.XLSX and expected > MOST_XLSX_ROWS:
            raise Conflict("too-many-rows", msgid("An XLSX file holds no more rows. Choose CSV."))
    response = web.StreamResponse(headers={"Content-Type": taking.format.content_type, "Cache-Control": "no-store"})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{taking.format.ending}"'
    going = _Going(call, taking, wording, id)
    try:
        async with call.context.resource(EXPORTS):
            await (going.workbook(response) if taking.format is Format.XLSX else going.text(response))
        await journal.end(call, id, going.rows, whole=True)
        await response.write_eof()
    except BaseException as error:
        await journal.end(call, id, going.rows, whole=False)
        if isinstance(error, ConnectionError):
            return response  # whoever asked has left
        if response.prepared and call.request.transport is not None:
            call.request.transport.abort()
        raise
    return response


class _Going:
    """One export while it runs; `rows` have left so far."""

    def __init__(self, call: Call, taking: Taking, wording: Wording, id: UUID) -> None:
        self._call, self._taking, self._wording, self._id = call, taking, wording, id
        self.rows = 0
        self.header = [one.name if wording.plain else call.translate(one.label) for one in taking.columns]
        answers = (call.translate("Yes"), call.translate("No"))
        self.answers = ("true", "false") if wording.plain else answers

    async def text(self, response: web.StreamResponse) -> None:
        text = CsvText(self._taking.format, *self.answers)
        await response.prepare(self._call.request)
        await response.write(text.add([self.header]))
        async with aclosing(self._batches()) as batches:
            async for rows in batches:
                await response.write(text.add(rows))

    async def workbook(self, response: web.StreamResponse) -> None:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="blest-export-"))
        try:
            path = folder / "export.xlsx"
            sheet = "attendees" if self._wording.plain else self._call.translate("Attendees")[:31]
            book = await asyncio.to_thread(Workbook, path, sheet, self.header, *self.answers)
            async with aclosing(self._batches()) as batches:
                async for rows in batches:
                    await asyncio.to_thread(book.add, rows)
            await asyncio.to_thread(book.close)
            await response.prepare(self._call.request)
            file = await asyncio.to_thread(path.open, "rb")
            try:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    await response.write(chunk)
            finally:
                await asyncio.to_thread(file.close)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _batches(self) -> AsyncGenerator[list[Sequence[Cell]], None]:
        columns, wording = self._taking.columns, self._wording
        async with (
            self._call.transaction() as tx,
            queries.exported_cursor(tx.connection, **self._taking.filter) as found,
        ):
            cursor = await found
            batches = 0
            while rows := await cursor.fetch(AT_A_TIME):
                yield [[column.value(row, wording) for column in columns] for row in rows]
                self.rows += len(rows)
                batches += 1
                if batches % COUNTED_EVERY == 0:
                    await journal.count(self._call, self._id, self.rows)

"""One HTTP request as a handler sees it.

    async def show(call: Call) -> StreamResponse:
        async with call.transaction() as tx:
            event = await queries.find_event(tx.connection, slug=call.path("slug"))
        if event is None:
            raise NotFound("event")
        return call.page("events/event.html", event=event)

A handler reads what it needs from the call, runs one command or query, and answers with `call.page`, `call.json`,
`call.redirect` or a response of its own. It never reads the environment or the time from anywhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from aiohttp import web
from multidict import MultiDictProxy
from pydantic import BaseModel
from pydantic_core import to_json

from services.context import Context
from services.database import Transaction
from services.http.problems import BadRequest
from services.http.reading import refuse_nul
from services.identity.principal import GUEST, Principal
from services.pages.flash import leave, settle
from services.pages.forms import Form
from services.pages.languages import Translate, msgid, translator
from services.pages.templating import render
from services.routes import Role, Route

if TYPE_CHECKING:
    from services.http.idempotency import Claim

M = TypeVar("M", bound=BaseModel)

READABLE: web.AppKey[frozenset[str]] = web.AppKey("readable", frozenset)
"""The declared paths of an application that a GET reads."""


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme that a path names, from the identity directory."""

    id: UUID
    slug: str
    name: str
    language: str
    """The language its organisers write in first."""


@dataclass(slots=True)
class Call:
    request: web.Request
    context: Context
    route: Route
    principal: Principal = GUEST
    programme_found: Programme | None = None
    lang: str = "en"
    body_read: BaseModel | None = None
    query_read: BaseModel | None = None
    client: str = ""
    """The visitor's address, from the connection or a trusted proxy. For limits only; never stored."""
    request_id: str = ""
    """What this request is called in the log and in the answer."""
    claim: Claim | None = None
    """The idempotency key under which it runs."""

    # What was asked -------------------------------------------------------------------------------------------------

    def path(self, name: str) -> str:
        """A part of the path, by its name in the route."""
        return self.request.match_info[name]

    @property
    def programme(self) -> Programme:
        """The programme named in the path; LookupError on a route whose path names none."""
        if self.programme_found is None:
            raise LookupError("this route names no programme")
        return self.programme_found

    @property
    def body(self) -> Any:
        """The validated JSON body: an instance of the route's `body` model."""
        return self.body_read

    @property
    def query(self) -> Any:
        """The validated query string: an instance of the route's `query` model."""
        return self.query_read

    async def posted(self) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
        """The fields of a form as they came, files among them; raises `BadRequest` where they cannot be read."""
        try:
            return await self.request.post()
        except (ValueError, LookupError) as error:  # a wrong encoding, an unknown one, a broken multipart
            raise BadRequest("form-broken", msgid("The form could not be read. Send it as UTF-8.")) from error

    async def form(self, model: type[M]) -> Form[M]:
        """Read an HTML form into a `Form`, valid or with an error per field; its CSRF token was checked before."""
        data = await self.posted()
        values = {name: [value for value in data.getall(name) if isinstance(value, str)] for name in data}
        refuse_nul(values)
        return Form.read(model, values, self.translate)

    async def files(self, name: str) -> list[web.FileField]:
        """The files sent in the input called `name`; an input left empty sends none."""
        return [value for value in (await self.posted()).getall(name, []) if isinstance(value, web.FileField)]

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("HX-Request") == "true"

    def has_role(self, *allowed: Role) -> bool:
        """Whether the caller has one of these roles (or owner) in the path's programme."""
        programme_id = self.programme_found.id if self.programme_found else None
        return bool(self.principal.roles_in(programme_id) & {Role.OWNER, *allowed})

    # What is at hand ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def transaction(self, programme_id: UUID | None = None) -> AsyncIterator[Transaction]:
        """A transaction fenced to `programme_id`, else to the path's programme, else to none (directories only)."""
        if programme_id is None and self.programme_found is not None:
            programme_id = self.programme_found.id
        async with self.context.database.transaction(programme_id) as tx:
            yield tx
            if self.claim is not None:
                await self.claim.carried_out(tx)

    @property
    def translate(self) -> Translate:
        """`call.translate("Places left: {count}", count=3)` in the caller's language; msgids are the English texts."""
        return translator(self.lang)

    # How to answer --------------------------------------------------------------------------------------------------

    def page(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> web.Response:
        """Render `<package>/templates/<template>`: templates are named `<service>/<file>.html` within their package."""
        return self.html(render(template, call=self, **values), status=status, headers=headers)

    def html(self, text: str | bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        """A page that was rendered already, as text or in UTF-8."""
        body = text.encode() if isinstance(text, str) else text
        kind = {"Content-Type": "text/html; charset=utf-8"}
        response = web.Response(body=body, status=status, headers={**kind, **(headers or {})})
        settle(self.request, response, secure=self.context.settings.secure)
        return response

    def form_page(self, template: str, form: Form[Any], **values: Any) -> web.Response:
        """Show a form again with what was typed and what is wrong: 422 where it holds errors, else 200."""
        return self.page(template, status=422 if form.errors else 200, form=form, **values)

    def json(
        self,
        value: BaseModel | Mapping[str, Any] | list[Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
    ) -> web.Response:
        """JSON of models, ids and moments. A GET below /api/ is answered with a tag of its content or with `etag`, such
        as an aggregate's version, and 304 where the client has it already."""
        kind = {"Content-Type": "application/json; charset=utf-8"}
        response = web.Response(body=to_json(value), status=status, headers={**kind, **(headers or {})})
        if etag is not None:
            response.headers["ETag"] = f'W/"{etag}"'
        return response

    def redirect(self, path: str, *, flash: str | None = None) -> web.Response:
        """303 to a path of ours; `flash` is a translated sentence shown once on the next page."""
        response = web.Response(status=303, headers={"Location": path})
        if flash is not None:
            leave(response, flash, secure=self.context.settings.secure)
        return response

    def link(self, path: str) -> str:
        """`/nb/<path>` in the caller's language."""
        return f"/{self.lang}/{path.lstrip('/')}"

    def console(self, path: str = "") -> str:
        """A console address of the path's programme."""
        return f"/{self.lang}/console/{self.programme.slug}/{path.lstrip('/')}".rstrip("/")


CALL: web.RequestKey[Call] = cast("web.RequestKey[Call]", web.RequestKey("call", Call))

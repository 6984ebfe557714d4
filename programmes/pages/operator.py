"""For those who run the installation: all programmes, and a new one."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from programmes import inputs
from programmes.commands import programme as commands
from programmes.pages.console import OFFERED
from services.http.call import Call
from services.http.problems import Invalid
from services.identity import access
from services.identity import commands as identity
from services.ids import new_id
from services.pages.forms import Form
from services.pages.languages import ENDONYMS


async def programmes(call: Call) -> StreamResponse:
    """Every programme of the installation, drafts too."""
    async with call.transaction() as tx:
        listed = await identity.programmes(tx)
    return call.page("programmes/programmes.html", listed=listed)


async def new(call: Call) -> StreamResponse:
    start = {"language": "nb", "languages": ["nb", "en"], "required_languages": ["nb"], "time_zone": "Europe/Oslo"}
    return _new(call, Form.empty(start))


async def create(call: Call) -> StreamResponse:
    """Make a programme; whoever makes it owns it, and invites the others."""
    form = await call.form(inputs.NewProgramme)
    wanted = form.value
    if wanted is None:
        return _new(call, form)
    new_programme = new_id(call.context.clock.now())
    try:
        async with call.transaction(new_programme) as tx:
            await commands.create(tx, call.principal, wanted, call.principal.account_id)
    except Invalid as refused:
        for one in refused.fields:
            form.fail(one.field, call.translate(one.sentence))
        return _new(call, form)
    await access.announce(call.context)
    said = call.translate("The programme is set up as a draft. Fill in its sections, then publish it.")
    return call.redirect(call.link(f"console/{wanted.slug}/programme"), flash=said)


def _new(call: Call, form: Form[inputs.NewProgramme]) -> StreamResponse:
    return call.form_page("programmes/new.html", form, offered=[(one, ENDONYMS[one]) for one in OFFERED])

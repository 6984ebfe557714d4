"""The organisers' page about everything of a programme, and a form for each of its sections."""

from __future__ import annotations

from datetime import date

from aiohttp.web import StreamResponse

from programmes import inputs, records
from programmes.commands import lists
from programmes.commands import programme as commands
from programmes.domain import Kind, Programme, Term, WorkingGroup, lacks
from programmes.pages import act, attempt, seen
from programmes.paths import identifier, kind_of
from programmes.vocabulary import VOCABULARY
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import commands as identity
from services.identity.roles import role_names
from services.pages.forms import Form
from services.pages.languages import ENDONYMS, LANGUAGES, msgid, text_in
from services.routes import Role

OFFERED = (*LANGUAGES, "se")
"""The languages in which a programme may write; pages stand in those of LANGUAGES."""


async def overview(call: Call) -> StreamResponse:
    """Everything about the programme, a section each."""
    async with call.transaction() as tx:
        programme = await records.programme(tx)
        groups = await records.groups(tx)
        people = await identity.members(tx, programme.id)
    today = call.context.clock.now().date()
    return call.page(
        "programmes/overview.html",
        programme=programme,
        groups=groups,
        lacking=lacks(programme),
        kinds=Kind,
        people=[(one.name, role_names(one.roles, call.translate)) for one in people],
        late={one.id: _late(one, today) for group in groups for one in (group, *group.processes)},
        may_edit=call.has_role(Role.ORGANISER),
        may_tick=call.has_role(Role.ORGANISER, Role.MARKETING),
        is_owner=call.has_role(),
    )


async def about(call: Call) -> StreamResponse:
    return await _about(call, None)


async def save_about(call: Call) -> StreamResponse:
    form = await call.form(inputs.About)
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: commands.change_about(tx, call.principal, wanted)):
        return call.redirect(_back(call, "about"), flash=call.translate("Saved."))
    return await _about(call, form)


async def _about(call: Call, form: Form[inputs.About] | None) -> StreamResponse:
    programme = await _programme(call)
    texts = {name: dict(getattr(programme, name)) for name in inputs.About.model_fields if name != "version"}
    return call.form_page("programmes/about.html", form or Form.empty(texts), programme=programme)


async def settings(call: Call) -> StreamResponse:
    return await _settings(call, None)


async def save_settings(call: Call) -> StreamResponse:
    form = await call.form(inputs.ProgrammeSettings)
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: commands.change_settings(tx, call.principal, wanted)):
        return call.redirect(_back(call, "settings"), flash=call.translate("Saved."))
    return await _settings(call, form)


async def _settings(call: Call, form: Form[inputs.ProgrammeSettings] | None) -> StreamResponse:
    programme = await _programme(call)
    names = [name for name in inputs.ProgrammeSettings.model_fields if name != "version"]
    filled = form or Form.empty({name: getattr(programme, name) for name in names})
    return call.form_page("programmes/settings.html", filled, programme=programme, offered=_languages())


async def publish(call: Call) -> StreamResponse:
    form = await call.form(inputs.Change)
    return await act(
        call,
        lambda tx: commands.publish(tx, call.principal, seen(form)),
        call.console("programme"),
        msgid("The programme is in the public catalogue now."),
    )


async def ask_close(call: Call) -> StreamResponse:
    return call.page("programmes/close.html", programme=await _programme(call))


async def close(call: Call) -> StreamResponse:
    form = await call.form(inputs.Change)
    return await act(
        call,
        lambda tx: commands.close(tx, call.principal, seen(form)),
        call.console("programme"),
        msgid("The programme is closed. Its page stays to be read."),
    )


# Municipalities -------------------------------------------------------------------------------------------------------


async def municipalities(call: Call) -> StreamResponse:
    return await _municipalities(call, None)


async def add_municipality(call: Call) -> StreamResponse:
    form = await call.form(inputs.Municipality)
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: lists.add_municipality(tx, call.principal, wanted)):
        return call.redirect(call.console("programme/municipalities"), flash=call.translate("Added."))
    return await _municipalities(call, form)


async def _municipalities(call: Call, form: Form[inputs.Municipality] | None) -> StreamResponse:
    programme = await _programme(call)
    return call.form_page("programmes/municipalities.html", form or Form.empty(), programme=programme)


async def municipality(call: Call) -> StreamResponse:
    return await _municipality(call, None)


async def save_municipality(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.MunicipalityChange), identifier(call, "municipality_id")
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: lists.change_municipality(tx, call.principal, which, wanted)):
        return call.redirect(call.console("programme/municipalities"), flash=call.translate("Saved."))
    return await _municipality(call, form)


async def _municipality(call: Call, form: Form[inputs.MunicipalityChange] | None) -> StreamResponse:
    programme = await _programme(call)
    shown = programme.municipality(identifier(call, "municipality_id"))
    if shown is None:
        raise NotFound("municipality")
    values = {name: getattr(shown, name) for name in inputs.Municipality.model_fields}
    return call.form_page("programmes/municipality.html", form or Form.empty(values), programme=programme, shown=shown)


async def move_municipality(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.Move), identifier(call, "municipality_id")
    back, wanted = call.console("programme/municipalities"), form.value
    if wanted is None:
        return call.redirect(back)
    return await act(
        call,
        lambda tx: lists.move_municipality(tx, call.principal, which, wanted.direction, wanted.version),
        back,
        msgid("Moved."),
    )


async def remove_municipality(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.Change), identifier(call, "municipality_id")
    return await act(
        call,
        lambda tx: lists.remove_municipality(tx, call.principal, which, seen(form)),
        call.console("programme/municipalities"),
        msgid("Removed."),
    )


# Terms ----------------------------------------------------------------------------------------------------------------


async def terms(call: Call) -> StreamResponse:
    return await _terms(call, None)


async def add_term(call: Call) -> StreamResponse:
    form, kind = await call.form(inputs.NewTerm), kind_of(call)
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: lists.add_term(tx, call.principal, kind, wanted)):
        return call.redirect(_list(call, kind), flash=call.translate("Added."))
    return await _terms(call, form)


async def _terms(call: Call, form: Form[inputs.NewTerm] | None) -> StreamResponse:
    programme, kind = await _programme(call), kind_of(call)
    taken = {term.code for term in programme.listed(kind)}
    return call.form_page(
        "programmes/terms.html",
        form or Form.empty(),
        programme=programme,
        kind=kind,
        offered=[one for one in VOCABULARY[kind].values() if one.code not in taken],
        plain=(plain := _plain(programme, kind, None)),
        parts_options=_named(call, plain),
    )


async def term(call: Call) -> StreamResponse:
    return await _term(call, None)


async def save_term(call: Call) -> StreamResponse:
    form, kind, which = await call.form(inputs.TermChange), kind_of(call), identifier(call, "term_id")
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: lists.change_term(tx, call.principal, kind, which, wanted)):
        return call.redirect(_list(call, kind), flash=call.translate("Saved."))
    return await _term(call, form)


async def _term(call: Call, form: Form[inputs.TermChange] | None) -> StreamResponse:
    programme, kind = await _programme(call), kind_of(call)
    shown = programme.term(identifier(call, "term_id"))
    if shown is None or shown.kind is not kind:
        raise NotFound(kind.value)
    filled = form or Form.empty({"names": dict(shown.names), "parts": list(shown.parts)})
    return call.form_page(
        "programmes/term.html",
        filled,
        programme=programme,
        kind=kind,
        shown=shown,
        plain=(plain := _plain(programme, kind, shown)),
        parts_options=_named(call, plain),
    )


async def move_term(call: Call) -> StreamResponse:
    form, kind, which = await call.form(inputs.Move), kind_of(call), identifier(call, "term_id")
    wanted = form.value
    if wanted is None:
        return call.redirect(_list(call, kind))
    return await act(
        call,
        lambda tx: lists.move_term(tx, call.principal, kind, which, wanted.direction, wanted.version),
        _list(call, kind),
        msgid("Moved."),
    )


async def remove_term(call: Call) -> StreamResponse:
    form, kind, which = await call.form(inputs.Change), kind_of(call), identifier(call, "term_id")
    return await act(
        call,
        lambda tx: lists.remove_term(tx, call.principal, kind, which, seen(form)),
        _list(call, kind),
        msgid("Removed."),
    )


def _plain(programme: Programme, kind: Kind, shown: Term | None) -> list[Term]:
    """The groups of which a target group may be composed."""
    if kind is not Kind.TARGET_GROUP:
        return []
    return [one for one in programme.listed(kind) if not one.parts and (shown is None or one.id != shown.id)]


def _named(call: Call, terms: list[Term]) -> list[tuple[str, str]]:
    return [(str(one.id), text_in(one.names, call.lang)[0]) for one in terms]


def _late(group: WorkingGroup, today: date) -> int:
    return sum(task.is_late(today) for task in group.tasks)


def _list(call: Call, kind: Kind) -> str:
    return call.console(f"programme/lists/{kind.value.replace('_', '-')}")


def _back(call: Call, section: str) -> str:
    return f"{call.console('programme')}#{section}"


def _languages() -> list[tuple[str, str]]:
    return [(one, ENDONYMS[one]) for one in OFFERED]


async def _programme(call: Call) -> Programme:
    async with call.transaction() as tx:
        return await records.programme(tx)

"""Working groups in the console: who leads and sits in them, and their tasks, ticked off where they stand."""

from __future__ import annotations

from aiohttp.web import StreamResponse

from programmes import inputs, records
from programmes.commands import groups as commands
from programmes.domain import Kind, LeaderTitle, Programme, WorkingGroup
from programmes.pages import act, attempt, seen
from programmes.paths import identifier
from services.http.call import Call
from services.http.problems import NotFound
from services.pages.forms import Form
from services.pages.languages import msgid, text_in
from services.routes import Role


async def show(call: Call) -> StreamResponse:
    return await _show(call, Form.empty(), Form.empty())


async def _show(call: Call, member: Form[inputs.NewMember], task: Form[inputs.NewTask]) -> StreamResponse:
    programme, group = await _group(call)
    return call.page(
        "programmes/group.html",
        status=422 if member.errors or task.errors else 200,
        form=member if member.errors else task,
        member=member,
        task=task,
        programme=programme,
        group=group,
        stands_for=_bodies(call, programme),
        owners=_owners(group),
        today=call.context.clock.now().date(),
        may_edit=call.has_role(Role.ORGANISER),
        may_tick=call.has_role(Role.ORGANISER, Role.MARKETING),
    )


async def new(call: Call) -> StreamResponse:
    return await _new(call, Form.empty({"parent_id": call.request.query.get("under")}))


async def add(call: Call) -> StreamResponse:
    form = await call.form(inputs.Group)
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: commands.add_group(tx, call.principal, wanted)):
        return call.redirect(f"{call.console('programme')}#groups", flash=call.translate("The group is set up."))
    return await _new(call, form)


async def _new(call: Call, form: Form[inputs.Group]) -> StreamResponse:
    async with call.transaction() as tx:
        programme = await records.programme(tx)
        groups = await records.groups(tx)
    parent = next((group for group in groups if str(group.id) == form.get("parent_id")), None)
    return call.form_page(
        "programmes/group_form.html", form, programme=programme, group=None, parent=parent, **_choices(call, programme)
    )


async def edit(call: Call) -> StreamResponse:
    return await _edit(call, None)


async def save(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.GroupChange), identifier(call, "group_id")
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: commands.change_group(tx, call.principal, which, wanted)):
        return call.redirect(_place(call), flash=call.translate("Saved."))
    return await _edit(call, form)


async def _edit(call: Call, form: Form[inputs.GroupChange] | None) -> StreamResponse:
    programme, group = await _group(call)
    parent = None
    if group.parent_id is not None:
        async with call.transaction() as tx:
            parent = await records.group(tx, group.parent_id)
    values = {name: getattr(group, name) for name in inputs.Group.model_fields}
    return call.form_page(
        "programmes/group_form.html",
        form or Form.empty(values),
        programme=programme,
        group=group,
        parent=parent,
        **_choices(call, programme),
    )


async def move(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.Move), identifier(call, "group_id")
    back, wanted = f"{call.console('programme')}#groups", form.value
    if wanted is None:
        return call.redirect(back)
    return await act(
        call,
        lambda tx: commands.move_group(tx, call.principal, which, wanted.direction, wanted.version),
        back,
        msgid("Moved."),
    )


async def ask_remove(call: Call) -> StreamResponse:
    programme, group = await _group(call)
    return call.page("programmes/group_remove.html", programme=programme, group=group)


async def remove(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.Change), identifier(call, "group_id")
    return await act(
        call,
        lambda tx: commands.remove_group(tx, call.principal, which, seen(form)),
        f"{call.console('programme')}#groups",
        msgid("The group is dissolved."),
    )


# Members --------------------------------------------------------------------------------------------------------------


async def add_member(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.NewMember), identifier(call, "group_id")
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: commands.add_member(tx, call.principal, which, wanted)):
        return call.redirect(f"{_place(call)}#members", flash=call.translate("Added."))
    return await _show(call, form, Form.empty())


async def member(call: Call) -> StreamResponse:
    return await _member(call, None)


async def save_member(call: Call) -> StreamResponse:
    form, group = await call.form(inputs.MemberChange), identifier(call, "group_id")
    wanted, which = form.value, identifier(call, "member_id")
    if wanted and await attempt(
        call, form, lambda tx: commands.change_member(tx, call.principal, group, which, wanted)
    ):
        return call.redirect(f"{_place(call)}#members", flash=call.translate("Saved."))
    return await _member(call, form)


async def _member(call: Call, form: Form[inputs.MemberChange] | None) -> StreamResponse:
    programme, group = await _group(call)
    shown = next((one for one in group.members if one.id == identifier(call, "member_id")), None)
    if shown is None:
        raise NotFound("member")
    stands_for = shown.municipality_id or shown.partner_id
    filled = form or Form.empty(
        {"name": shown.name, "title": shown.title, "stands_for": stands_for, "body": shown.body}
    )
    return call.form_page(
        "programmes/member.html",
        filled,
        programme=programme,
        group=group,
        shown=shown,
        stands_for=_bodies(call, programme),
    )


async def remove_member(call: Call) -> StreamResponse:
    await call.form(inputs.Nothing)
    group, which = identifier(call, "group_id"), identifier(call, "member_id")
    return await act(
        call,
        lambda tx: commands.remove_member(tx, call.principal, group, which),
        f"{_place(call)}#members",
        msgid("The seat is free, and the name is deleted."),
    )


# Tasks ----------------------------------------------------------------------------------------------------------------


async def add_task(call: Call) -> StreamResponse:
    form, which = await call.form(inputs.NewTask), identifier(call, "group_id")
    wanted = form.value
    if wanted and await attempt(call, form, lambda tx: commands.add_task(tx, call.principal, which, wanted)):
        return call.redirect(f"{_place(call)}#tasks", flash=call.translate("Added."))
    return await _show(call, Form.empty(), form)


async def task(call: Call) -> StreamResponse:
    return await _task(call, None)


async def save_task(call: Call) -> StreamResponse:
    form, group = await call.form(inputs.TaskChange), identifier(call, "group_id")
    wanted, which = form.value, identifier(call, "task_id")
    if wanted and await attempt(call, form, lambda tx: commands.change_task(tx, call.principal, group, which, wanted)):
        return call.redirect(f"{_place(call)}#tasks", flash=call.translate("Saved."))
    return await _task(call, form)


async def _task(call: Call, form: Form[inputs.TaskChange] | None) -> StreamResponse:
    programme, group = await _group(call)
    shown = next((one for one in group.tasks if one.id == identifier(call, "task_id")), None)
    if shown is None:
        raise NotFound("task")
    filled = form or Form.empty({"title": shown.title, "due_on": shown.due_on, "owner_id": shown.owner_id})
    return call.form_page(
        "programmes/task.html", filled, programme=programme, group=group, shown=shown, owners=_owners(group)
    )


async def finish_task(call: Call) -> StreamResponse:
    return await _settle(call, True, msgid("Done. Well worked."))


async def reopen_task(call: Call) -> StreamResponse:
    return await _settle(call, False, msgid("The task is open again."))


async def _settle(call: Call, done: bool, said: str) -> StreamResponse:
    form = await call.form(inputs.Back)
    group, which = identifier(call, "group_id"), identifier(call, "task_id")
    back = call.console() if form.get("back") == "home" else f"{_place(call)}#tasks"
    return await act(call, lambda tx: commands.settle_task(tx, call.principal, group, which, done), back, said)


async def remove_task(call: Call) -> StreamResponse:
    await call.form(inputs.Nothing)
    group, which = identifier(call, "group_id"), identifier(call, "task_id")
    return await act(
        call,
        lambda tx: commands.remove_task(tx, call.principal, group, which),
        f"{_place(call)}#tasks",
        msgid("Removed."),
    )


def _place(call: Call) -> str:
    return call.console(f"programme/groups/{identifier(call, 'group_id')}")


async def _group(call: Call) -> tuple[Programme, WorkingGroup]:
    async with call.transaction() as tx:
        return await records.programme(tx), await records.group(tx, identifier(call, "group_id"))


def _bodies(call: Call, programme: Programme) -> list[tuple[str, str]]:
    """Those for whom a member may stand."""
    partners = programme.listed(Kind.PARTNER)
    return [
        *((str(one.id), one.name) for one in programme.municipalities),
        *((str(term.id), text_in(term.names, call.lang)[0]) for term in partners),
    ]


def _owners(group: WorkingGroup) -> list[tuple[str, str]]:
    return [(str(member.id), member.name) for member in group.members]


def _choices(call: Call, programme: Programme) -> dict[str, object]:
    return {
        "activity_options": [
            (str(term.id), text_in(term.names, call.lang)[0])
            for kind in commands.ACTIVITIES
            for term in programme.listed(kind)
        ],
        "municipality_options": [(str(one.id), one.name) for one in programme.municipalities],
        "titles": [
            (LeaderTitle.MAYOR.value, call.translate("Mayor")),
            (LeaderTitle.CHIEF_EXECUTIVE.value, call.translate("Chief executive")),
        ],
    }

"""Leads: noted with consent at the stand, followed up by someone on a day, with what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from aiohttp.web import StreamResponse

from registrations.commands import leads as commands
from registrations.commands.leads import Overtaken
from registrations.conversations import AskAgainForm, LeadForm, NewLeadForm, OutcomeForm, WithdrawForm
from registrations.domain.consents import Purpose, wording
from registrations.domain.refusals import Reason, Refused
from registrations.domain.searching import literally
from registrations.facts import Interest, OutcomeSource
from registrations.pages import options
from registrations.pages.finding import conversation, from_path, identifier
from registrations.sentences import HEARD_OF, INTERESTS, LOOKING_FOR, MOVING, OUTCOMES, REFUSALS, refusal
from registrations.statements import queries
from services.database import Transaction
from services.http.call import Call
from services.http.problems import NotFound
from services.identity import people as accounts
from services.ids import new_id
from services.pages.forms import Form
from services.pages.languages import LANGUAGES, translator
from services.routes import Role
from services.words import sort_key

MANY = 50
FIELD_OF = {Reason.NO_CONSENT: "consent", Reason.NOT_A_MEMBER: "owner"}
"""The field beside which a refusal is told."""
WHO = frozenset({Role.OWNER, Role.ORGANISER, Role.STAND_HOST})


async def owners(tx: Transaction, programme_id: UUID) -> list[tuple[str, str]]:
    """(account, name) of those who may follow a lead up."""
    members = await accounts.members(tx, programme_id)
    return [(str(one.account_id), one.name) for one in members if one.roles & WHO]


async def index(call: Call) -> StreamResponse:
    """What is due first, then the leads, newest first."""
    query = call.request.query
    tab = query.get("show", "") if query.get("show") in {"mine", *Interest} else ""
    search = query.get("q", "").strip()[:100]
    mine = call.principal.account_id if tab == "mine" else None
    async with call.transaction() as tx:
        today = tx.moment.date()
        counts = await queries.count_leads(tx.connection, day=today, owner=call.principal.account_id)
        due = await queries.leads_due(tx.connection, day=today, owner=mine, many=20)
        rows = await queries.list_leads(
            tx.connection,
            before=identifier(query.get("before")),
            owner=mine,
            interest=tab if tab in set(Interest) else None,
            search=literally(sort_key(search)) if search else None,
            many=MANY + 1,
        )
        names = dict(await owners(tx, call.programme.id))
        waiting = await queries.list_interests(tx.connection, before=None, many=50)
    return call.page(
        "registrations/leads.html",
        tab=tab,
        counts=counts,
        due=due if not search else [],
        rows=rows[:MANY],
        more=rows[MANY - 1]["id"] if len(rows) > MANY else None,
        names=names,
        search=search,
        today=today,
        interests=INTERESTS,
        looking_for=LOOKING_FOR,
        outcomes=OUTCOMES,
        unanswered=[row for row in waiting if row["answered_at"] is None],
    )


# One lead -------------------------------------------------------------------------------------------------------------


async def new(call: Call) -> StreamResponse:
    """GET /leads/new?booking=: the form for one conversation."""
    attempt = new_id(call.context.clock.now())
    form: Form[NewLeadForm] = Form.empty(
        {"interest": Interest.WARM, "owner": call.principal.account_id or "", "attempt": attempt}
    )
    return await _new(call, form)


async def _new(call: Call, form: Form[NewLeadForm], status: int = 200) -> StreamResponse:
    booking_id = identifier(call.request.query.get("booking"))
    if booking_id is None:
        raise NotFound("booking")
    async with call.transaction() as tx:
        booking = await queries.booking_page(tx.connection, id=booking_id)
        if booking is None or booking["erased_at"] is not None:
            raise NotFound("booking")
        people = await owners(tx, call.programme.id)
    asked_in = form.get("consent_language") or booking["language"]
    form.raw.setdefault("consent_language", [asked_in])
    return call.page(
        "registrations/lead_new.html",
        status=status,
        form=form,
        booking=booking,
        owners=people,
        interests=_interests(call),
        wordings=_wordings(),
        language=booking["language"],
        moving=MOVING,
        looking_for=LOOKING_FOR,
        heard_of=HEARD_OF,
    )


async def add(call: Call) -> StreamResponse:
    """POST: note it. Without the visitor's yes nothing is written, and what was typed is kept in the form."""
    form = await call.form(NewLeadForm)
    booking_id = identifier(call.request.query.get("booking"))
    if form.value is None or booking_id is None:
        return await _new(call, form, 422)
    said = form.value
    try:
        async with call.transaction() as tx:
            lead_id = await commands.note_lead(
                tx,
                booking_id,
                conversation(said),
                consent_language=said.consent_language if said.consent else None,
                noted_by=call.principal.account_id,
                attempt=said.attempt,
            )
    except Refused as refused:
        form.fail(FIELD_OF.get(refused.reason, "form"), refusal(refused, call.translate))
        return await _new(call, form, 422)
    return call.redirect(call.console(f"leads/{lead_id}"), flash=call.translate("Noted."))


async def show(call: Call) -> StreamResponse:
    return await _page(call)


async def _page(
    call: Call,
    form: Form[LeadForm] | None = None,
    outcome: Form[OutcomeForm] | None = None,
    asked: Form[AskAgainForm] | None = None,
    status: int = 200,
) -> StreamResponse:
    lead_id = from_path(call, "lead_id", "lead")
    async with call.transaction() as tx:
        lead = await queries.find_lead(tx.connection, id=lead_id)
        if lead is None:
            raise NotFound("lead")
        steps = await queries.outcomes_of_lead(tx.connection, lead_id=lead_id)
        people = await owners(tx, call.programme.id)
        today = tx.moment.date()
    return call.page(
        "registrations/lead.html",
        status=status,
        lead=lead,
        form=form or Form.empty(_fields(lead)),
        outcome=outcome or Form.empty({"on": today, "source": OutcomeSource.STAFF}),
        asked=asked or Form.empty({"consent_language": lead["language"]}),
        wordings=_wordings(),
        owners=people,
        steps=steps,
        interests=_interests(call),
        badges=INTERESTS,
        outcomes=OUTCOMES,
        kinds=options.named(call, OUTCOMES),
        today=today,
    )


async def save(call: Call) -> StreamResponse:
    form = await call.form(LeadForm)
    lead_id = from_path(call, "lead_id", "lead")
    if form.value is None:
        return await _page(call, form, status=422)
    said = form.value
    try:
        async with call.transaction() as tx:
            await commands.change_lead(tx, lead_id, said.version, conversation(said))
    except Overtaken:
        form.fail("form", call.translate("Somebody else changed this meanwhile. Open it again and add your words."))
        return await _page(call, form, status=409)
    except Refused as refused:
        form.fail("owner" if refused.reason is Reason.NOT_A_MEMBER else "form", _said(call, refused))
        return await _page(call, form, status=422 if refused.reason is Reason.NOT_A_MEMBER else 409)
    return call.redirect(call.console(f"leads/{lead_id}"), flash=call.translate("Saved."))


async def ask_again(call: Call) -> StreamResponse:
    """Whoever took their yes back was asked once more."""
    form = await call.form(AskAgainForm)
    lead_id = from_path(call, "lead_id", "lead")
    if form.value is not None and not form.value.consent:
        form.fail("consent", call.translate(REFUSALS[Reason.NO_CONSENT]))
    if form.value is None:
        return await _page(call, asked=form, status=422)
    try:
        async with call.transaction() as tx:
            await commands.ask_again(tx, lead_id, form.value.consent_language)
    except Refused as refused:
        form.fail("consent", _said(call, refused))
        return await _page(call, asked=form, status=409)
    return call.redirect(call.console(f"leads/{lead_id}"), flash=call.translate("Saved."))


async def done(call: Call) -> StreamResponse:
    """The next step was taken."""
    lead_id = from_path(call, "lead_id", "lead")
    try:
        async with call.transaction() as tx:
            await commands.finish_step(tx, lead_id)
    except Refused as refused:
        _said(call, refused)  # no such lead; otherwise the page itself says why nothing may be written
        return await _page(call, status=409)
    return call.redirect(call.console(f"leads/{lead_id}"), flash=call.translate("Done. What comes next?"))


async def log(call: Call) -> StreamResponse:
    """What became of it."""
    form = await call.form(OutcomeForm)
    lead_id = from_path(call, "lead_id", "lead")
    if form.value is None:
        return await _page(call, outcome=form, status=422)
    said = form.value
    try:
        async with call.transaction() as tx:
            await commands.log_outcome(
                tx,
                lead_id,
                said.kind,
                said.on,
                adults=said.adults,
                children=said.children,
                source=said.source,
                logged_by=call.principal.account_id,
            )
    except Refused as refused:
        form.fail("on" if refused.reason is Reason.TOO_EARLY else "kind", _said(call, refused))
        return await _page(call, outcome=form, status=409)
    return call.redirect(call.console(f"leads/{lead_id}"), flash=call.translate("Logged."))


async def withdraw(call: Call) -> StreamResponse:
    """A step that was logged by mistake."""
    form = await call.form(WithdrawForm)
    lead_id = from_path(call, "lead_id", "lead")
    if form.value is None:
        broken: Form[OutcomeForm] = Form.empty({"source": OutcomeSource.STAFF})
        broken.errors = {"form": call.translate("This step is not there any more. Choose one from the list.")}
        return await _page(call, outcome=broken, status=422)
    try:
        async with call.transaction() as tx:
            await commands.withdraw_outcome(tx, lead_id, form.value.outcome)
    except Refused as refused:
        raise NotFound("lead") from refused
    return call.redirect(call.console(f"leads/{lead_id}"), flash=call.translate("Taken back."))


async def answered(call: Call) -> StreamResponse:
    """Somebody wrote back to a person who wants to hear more."""
    interest_id = from_path(call, "interest_id", "interest")
    async with call.transaction() as tx:
        await queries.answer_interest(tx.connection, id=interest_id, moment=tx.moment)
    return call.redirect(call.console("leads"), flash=call.translate("Done."))


def _said(call: Call, refused: Refused) -> str:
    """Why, in the host's language; raises `NotFound` where there is no such lead."""
    if refused.reason is Reason.UNKNOWN_BOOKING:
        raise NotFound("lead") from refused
    return refusal(refused, call.translate)


def _wordings() -> list[tuple[str, str]]:
    """Read aloud or turned towards the visitor: what they are asked, in each language they may have."""
    return [(lang, translator(lang)(wording(Purpose.CONVERSATION))) for lang in LANGUAGES]


def _interests(call: Call) -> list[tuple[str, str]]:
    return [(str(code), call.translate(name)) for code, (name, _tone) in INTERESTS.items()]


def _fields(lead: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "interest": lead["interest"],
        "tags": ", ".join(lead["tags"]),
        "note": lead["note"],
        "promise": lead["promise"],
        "next_step": lead["next_step"] if lead["done_at"] is None else None,
        "next_step_on": lead["next_step_on"] if lead["done_at"] is None else None,
        "owner": lead["owner_id"],
        "version": lead["version"],
    }

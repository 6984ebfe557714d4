"""Every page of registrations, and who may open it."""

from __future__ import annotations

from registrations.imports.sheets import LARGEST_FILE
from registrations.pages import (
    answering,
    attendee,
    attendees,
    board,
    capacity,
    choosing,
    correcting,
    door,
    exports,
    for_somebody,
    hand_over,
    holding,
    imports,
    interest,
    leads,
    line,
    made_for,
    my_booking,
    my_changes,
    my_ticket,
    privacy,
    question,
    questions,
    register,
    selections,
    several,
    stands,
    ticket,
    usual_rules,
    visitors,
)
from registrations.pages.desk import DOOR, FIGURES, HOSTS, ORGANISERS
from services.routes import PUBLIC, Limit, Route

SENDING = Limit(times=30, seconds=300)
"""What one address may send: a hall full of families behind one network, but no flood."""
TAKING = Limit(times=30, seconds=600)
"""How many files one person may take out: enough for every list of a fair, too few to empty the house unseen."""
CHOOSING = Limit(times=120, seconds=300)
"""What one address may look for before it has decided."""
BY_MAIL = Limit(times=10, seconds=600)
"""How many letters one address may send to people who have not said that they want them."""
DESK = "/{lang}/console/{programme}"
EVENT = DESK + "/attendees/{event}"
ASKED = EVENT + "/questions"
CHECK_IN = DESK + "/check-in/{event}"
VISITOR = DESK + "/visitors/{visitor_id}"
STAND = DESK + "/stands/{stand_id}"
LEAD = DESK + "/leads/{lead_id}"
MINE = "/{lang}/my-booking"
WONDERING = "/{lang}/interest/{programme}"

VISITORS = (
    Route("GET", "/{lang}/register/{slug}", register.show, PUBLIC),
    Route("POST", "/{lang}/register/{slug}", register.book, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/register/{slug}/by-mail", register.book_by_mail, PUBLIC, limit=BY_MAIL),
    Route("POST", "/{lang}/register/{slug}/hold", holding.hold, PUBLIC, limit=CHOOSING),
    Route("POST", "/{lang}/register/{slug}/let-go", holding.let_go, PUBLIC, limit=CHOOSING),
    Route("GET", "/{lang}/receipt", register.receipt, PUBLIC),
    Route("GET", "/{lang}/receipt/calendar.ics", register.calendar, PUBLIC),
    Route("GET", MINE, my_booking.show, PUBLIC),
    Route("GET", f"{MINE}/{{token}}", my_booking.door, PUBLIC),
    Route("POST", f"{MINE}/{{token}}", my_booking.enter, PUBLIC, limit=SENDING),
    Route("GET", "/{lang}/hand-over/{token}", hand_over.show, PUBLIC),
    Route("POST", "/{lang}/hand-over/{token}", hand_over.take, PUBLIC, limit=SENDING),
    Route("POST", "/{lang}/hand-over/{token}/decline", hand_over.decline, PUBLIC, limit=SENDING),
    Route("GET", "/t/{token}", ticket.show, PUBLIC),
    Route("GET", WONDERING, interest.show, PUBLIC),
    Route("POST", WONDERING, interest.send, PUBLIC, limit=SENDING),
    Route("GET", f"{WONDERING}/thanks", interest.thanks, PUBLIC),
)
OWN = tuple(
    made_for.only_for_its_booking(route)
    for route in (
        Route("GET", f"{MINE}/calendar.ics", my_changes.calendar, PUBLIC),
        Route("GET", f"{MINE}/ticket.pdf", my_ticket.show, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/slot", my_changes.move, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/household", my_changes.resize, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/answers", my_changes.answer, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/choose", choosing.choose, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/hand-over", hand_over.offer, PUBLIC, limit=Limit(times=5, seconds=3600)),
        Route("POST", f"{MINE}/hand-over/take-back", hand_over.take_back, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/cancel", my_changes.cancel, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/offer", my_changes.answer_offer, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/language", my_changes.speak, PUBLIC, limit=SENDING),
        Route("POST", f"{MINE}/consents", my_changes.agree, PUBLIC, limit=SENDING),
        Route("GET", f"{MINE}/data", my_changes.data, PUBLIC),
        Route("POST", f"{MINE}/forget", my_changes.forget, PUBLIC, limit=SENDING),
    )
)
"""What is done from a booking's page, or downloaded there: to the booking that the page shows, and to no other."""
CONSOLE = (
    Route("GET", DESK + "/attendees", attendees.events, ORGANISERS),
    # No event is called "-": these are of the programme as a whole.
    Route("GET", DESK + "/attendees/-/usual-rules", usual_rules.show, ORGANISERS),
    Route("POST", DESK + "/attendees/-/usual-rules", usual_rules.save, ORGANISERS),
    Route("GET", DESK + "/attendees/-/several", several.show, ORGANISERS),
    Route("POST", DESK + "/attendees/-/several", several.book, ORGANISERS),
    Route("GET", EVENT, attendees.attendees, ORGANISERS),
    Route("GET", f"{EVENT}/places", capacity.show, ORGANISERS),
    Route("POST", f"{EVENT}/places/{{pool_id}}", capacity.change, ORGANISERS),
    Route("POST", f"{EVENT}/across", capacity.across, ORGANISERS),
    Route("POST", f"{EVENT}/rules", capacity.rule, ORGANISERS),
    Route("GET", ASKED, questions.show, ORGANISERS),
    Route("GET", f"{ASKED}/preview", questions.preview, ORGANISERS),
    Route("POST", f"{ASKED}/copy", questions.copy, ORGANISERS),
    Route("POST", f"{ASKED}/left-out", questions.settle, ORGANISERS),
    Route("GET", f"{ASKED}/new", question.new, ORGANISERS),
    Route("POST", f"{ASKED}/new", question.add, ORGANISERS),
    Route("GET", f"{ASKED}/{{question_id}}", question.edit, ORGANISERS),
    Route("POST", f"{ASKED}/{{question_id}}", question.save, ORGANISERS),
    Route("POST", f"{ASKED}/{{question_id}}/move", questions.move, ORGANISERS),
    Route("POST", f"{ASKED}/{{question_id}}/retire", questions.retire, ORGANISERS),
    Route("GET", f"{EVENT}/book", for_somebody.show, ORGANISERS),
    Route("POST", f"{EVENT}/book", for_somebody.book, ORGANISERS),
    Route("POST", f"{EVENT}/rules/usual", capacity.go_by_usual, ORGANISERS),
    Route("GET", f"{EVENT}/export", exports.show, ORGANISERS),
    Route("POST", f"{EVENT}/export", exports.send, ORGANISERS, limit=TAKING, timeout=600),
    Route("GET", f"{EVENT}/export/{{export_id}}", exports.progress, ORGANISERS),
    Route("GET", f"{EVENT}/import", imports.show, ORGANISERS),
    Route("POST", f"{EVENT}/import", imports.send, ORGANISERS, limit=TAKING, largest_body=LARGEST_FILE + 64 * 1024),
    Route("GET", f"{EVENT}/import/{{import_id}}", imports.look, ORGANISERS, timeout=120),
    Route("POST", f"{EVENT}/import/{{import_id}}", imports.carry_out, ORGANISERS, timeout=600),
    Route("GET", f"{EVENT}/line", line.show, ORGANISERS),
    Route("POST", f"{EVENT}/selection", selections.choose, ORGANISERS),
    Route("GET", f"{EVENT}/selection/{{selection_id}}", selections.show, ORGANISERS, timeout=120),
    Route("POST", f"{EVENT}/selection/{{selection_id}}/move", selections.move, ORGANISERS, timeout=600),
    Route("POST", f"{EVENT}/selection/{{selection_id}}/write", selections.write, ORGANISERS),
    Route("GET", f"{EVENT}/{{booking_id}}", attendee.show, ORGANISERS),
    Route("POST", f"{EVENT}/{{booking_id}}/household", correcting.resize, ORGANISERS),
    Route("POST", f"{EVENT}/{{booking_id}}/person", correcting.correct, ORGANISERS),
    Route("POST", f"{EVENT}/{{booking_id}}/approve", answering.approve, ORGANISERS),
    Route("POST", f"{EVENT}/{{booking_id}}/offer", answering.offer, ORGANISERS),
    Route("POST", f"{EVENT}/{{booking_id}}/cancel", attendee.cancel, ORGANISERS),
    Route("GET", DESK + "/privacy", privacy.show, ORGANISERS),
    Route("POST", DESK + "/privacy/run", privacy.run, ORGANISERS, timeout=120),
    Route("GET", DESK + "/visitors", visitors.index, ORGANISERS),
    Route("GET", VISITOR, visitors.show, ORGANISERS),
    Route("GET", f"{VISITOR}/data", visitors.data, ORGANISERS),
    Route("POST", f"{VISITOR}/forget", visitors.forget, ORGANISERS),
    Route("GET", DESK + "/check-in", door.events, DOOR),
    Route("GET", CHECK_IN, door.show, DOOR, offline=True),
    Route("POST", CHECK_IN, door.scan, DOOR, offline=True),
    Route("POST", f"{CHECK_IN}/undo", door.undo, DOOR, offline=True),
    Route("POST", f"{CHECK_IN}/came", door.count, DOOR),
    Route("GET", DESK + "/stands", stands.stands, HOSTS),
    Route("GET", STAND, stands.show, HOSTS),
    Route("POST", f"{STAND}/scan", stands.scan, HOSTS),
    Route("POST", f"{STAND}/walk-in", stands.walk_in, HOSTS),
    Route("GET", DESK + "/leads", leads.index, HOSTS),
    Route("GET", DESK + "/leads/new", leads.new, HOSTS),
    Route("POST", DESK + "/leads/new", leads.add, HOSTS),
    Route("POST", DESK + "/leads/interests/{interest_id}/answered", leads.answered, HOSTS),
    Route("GET", LEAD, leads.show, HOSTS),
    Route("POST", LEAD, leads.save, HOSTS),
    Route("POST", f"{LEAD}/done", leads.done, HOSTS),
    Route("POST", f"{LEAD}/consent", leads.ask_again, HOSTS),
    Route("POST", f"{LEAD}/outcomes", leads.log, HOSTS),
    Route("POST", f"{LEAD}/outcomes/withdraw", leads.withdraw, HOSTS),
    Route("GET", DESK + "/outcomes", board.outcomes, FIGURES),
    Route("GET", DESK + "/panels/attendees", board.attendees_panel, ORGANISERS),
    Route("GET", DESK + "/panels/follow-ups", board.follow_ups_panel, HOSTS),
)

PAGES = (*VISITORS, *OWN, *CONSOLE)

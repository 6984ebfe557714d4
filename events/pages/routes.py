"""Every page of events, with who may see it."""

from __future__ import annotations

from events.access import EDITORS, READERS
from events.calendar import CalendarQuery, Filters
from events.pages import console, editor, hosts, panels, plan, public, series, sessions, several, slots, stands
from services.routes import PUBLIC, Route

DESK = "/{lang}/console/{programme}"
LIST = DESK + "/events"
ONE = LIST + "/{event}"
STANDS = ONE + "/stands"
SESSIONS = ONE + "/sessions"

PAGES = (
    Route("GET", "/{lang}/events", public.calendar, PUBLIC, query=CalendarQuery),
    Route("GET", "/{lang}/events.ics", public.feed, PUBLIC, query=Filters),
    # Before the page, whose slug would take the ending along.
    Route("GET", "/{lang}/events/{slug}.ics", public.event_file, PUBLIC),
    Route("GET", "/{lang}/events/{slug}", public.event, PUBLIC, query=public.EventQuery),
    Route("GET", LIST, console.listed, READERS, query=console.ListQuery),
    Route("GET", LIST + "/month", console.month, READERS, query=console.MonthQuery),
    Route("GET", LIST + "/week", console.week, READERS, query=console.WeekQuery),
    Route("GET", LIST + "/new", editor.new, EDITORS),
    Route("POST", LIST + "/new", editor.draft, EDITORS),
    Route("GET", ONE, editor.edit, EDITORS),
    Route("POST", ONE, editor.save, EDITORS),
    Route("GET", ONE + "/preview", editor.preview, READERS),
    Route("POST", ONE + "/cover", editor.repaint, EDITORS),
    Route("GET", ONE + "/cancel", editor.ask_cancel, EDITORS),
    Route("POST", ONE + "/cancel", editor.cancel, EDITORS),
    Route("GET", ONE + "/copy", editor.ask_copy, EDITORS),
    Route("POST", ONE + "/copy", editor.copy, EDITORS),
    Route("GET", ONE + "/series", series.ask, EDITORS),
    Route("POST", ONE + "/series", series.make, EDITORS),
    Route("GET", STANDS, stands.listed, EDITORS),
    Route("GET", STANDS + "/new", stands.new, EDITORS),
    Route("POST", STANDS + "/new", stands.place, EDITORS),
    Route("GET", STANDS + "/plan", plan.show, EDITORS),
    Route("POST", STANDS + "/plan", plan.save, EDITORS),
    Route("GET", STANDS + "/slots/{slot}/move", slots.ask_move, EDITORS),
    Route("POST", STANDS + "/slots/{slot}/move", slots.move, EDITORS),
    Route("GET", STANDS + "/slots/{slot}/close", slots.ask_close, EDITORS),
    Route("POST", STANDS + "/slots/{slot}/close", slots.close, EDITORS),
    Route("GET", STANDS + "/{stand}", stands.edit, EDITORS),
    Route("POST", STANDS + "/{stand}", stands.save, EDITORS),
    Route("GET", STANDS + "/{stand}/remove", stands.ask_remove, EDITORS),
    Route("POST", STANDS + "/{stand}/remove", stands.remove, EDITORS),
    Route("GET", STANDS + "/{stand}/slots", slots.ask_open, EDITORS),
    Route("POST", STANDS + "/{stand}/slots", slots.open_, EDITORS),
    Route("GET", STANDS + "/{stand}/slots/one", slots.ask_one, EDITORS),
    Route("POST", STANDS + "/{stand}/slots/one", slots.add_one, EDITORS),
    Route("GET", STANDS + "/{stand}/slots/several", several.ask, EDITORS),
    Route("POST", STANDS + "/{stand}/slots/shift", several.shift, EDITORS),
    Route("POST", STANDS + "/{stand}/slots/close", several.close, EDITORS),
    Route("GET", STANDS + "/{stand}/hosts", hosts.listed, EDITORS),
    Route("POST", STANDS + "/{stand}/hosts", hosts.put_on, EDITORS),
    Route("GET", STANDS + "/hosts/{shift}", hosts.edit, EDITORS),
    Route("POST", STANDS + "/hosts/{shift}", hosts.save, EDITORS),
    Route("POST", STANDS + "/hosts/{shift}/off", hosts.take_off, EDITORS),
    Route("GET", SESSIONS, sessions.listed, EDITORS),
    Route("GET", SESSIONS + "/new", sessions.new, EDITORS),
    Route("POST", SESSIONS + "/new", sessions.open_, EDITORS),
    Route("GET", SESSIONS + "/{session}", sessions.edit, EDITORS),
    Route("POST", SESSIONS + "/{session}", sessions.save, EDITORS),
    Route("GET", SESSIONS + "/{session}/cancel", sessions.ask_cancel, EDITORS),
    Route("POST", SESSIONS + "/{session}/cancel", sessions.cancel, EDITORS),
    Route("GET", DESK + "/panels/events-next", panels.next_, READERS),
    Route("GET", DESK + "/panels/events-shifts", hosts.mine, READERS),
    Route("GET", DESK + "/panels/events-drafts", panels.drafts, EDITORS),
)

"""Every JSON address of events, with who may ask and what is said."""

from __future__ import annotations

from events.access import EDITORS, READERS
from events.api import console, hosts, plans, public, series, stands
from events.api.shapes import (
    EventOut,
    HostsOut,
    ListedOut,
    MadeOut,
    MyShiftsOut,
    PlanOut,
    SeriesOut,
    SessionOut,
    ShiftOut,
    SlotOut,
    StandOut,
)
from events.domain.inputs import Asked, CancelInput, CopyInput, EventInput, StandInput
from events.domain.plan_inputs import PlanInput
from events.domain.series_inputs import SeriesInput
from events.domain.slot_inputs import (
    HostInput,
    RangeInput,
    RuleInput,
    SessionChange,
    SessionInput,
    ShiftInput,
    SlotInput,
    SlotTimes,
)
from services.http.pagination import Page
from services.routes import PUBLIC, Route

HOUSE = "/api/v1/programmes/{programme}"
ONE = HOUSE + "/events/{event}"

API = (
    Route("GET", "/api/v1/events", public.events, PUBLIC, "What happens, in order of time", query=public.EventsQuery,
          answers=Page[ListedOut]),
    Route("GET", "/api/v1/events/{slug}", public.event, PUBLIC, "A published event with its stands and slots",
          answers=EventOut),
    Route("GET", HOUSE + "/events", console.listed, READERS, "The programme's events, drafts too",
          query=console.ConsoleQuery, answers=Page[ListedOut]),
    Route("POST", HOUSE + "/events", console.draft, EDITORS, "Draft an event", body=EventInput, answers=EventOut,
          status=201),
    Route("GET", ONE, console.show, READERS, "An event with everything at it", answers=EventOut),
    Route("PUT", ONE, console.edit, EDITORS, "Give an event this description", body=EventInput, answers=EventOut),
    Route("POST", ONE + "/publish", console.publish, EDITORS, "Put a draft before the public", body=Asked,
          answers=EventOut),
    Route("POST", ONE + "/cancel", console.cancel, EDITORS, "Call an event off, for good", body=CancelInput,
          answers=EventOut),
    Route("POST", ONE + "/copies", console.copy, EDITORS, "Draft the same event at another time", body=CopyInput,
          answers=EventOut, status=201),
    Route("POST", ONE + "/series", series.make, EDITORS, "Make the same event on several dates, all or none",
          query=stands.Preview, body=SeriesInput, answers=SeriesOut, status=201),
    Route("POST", ONE + "/stands", stands.place_stand, EDITORS, "Place a stand at an event", body=StandInput,
          answers=StandOut, status=201),
    Route("GET", ONE + "/plan", plans.show, READERS, "Where the stands of an event stand in its hall", answers=PlanOut),
    Route("PUT", ONE + "/plan", plans.save, EDITORS, "Give an event's hall this plan, all of it or nothing",
          body=PlanInput, answers=PlanOut),
    Route("PUT", HOUSE + "/stands/{stand}", stands.edit_stand, EDITORS, "Give a stand this description",
          body=StandInput, answers=StandOut),
    Route("DELETE", HOUSE + "/stands/{stand}", stands.remove_stand, EDITORS, "Take a stand away with its slots",
          query=stands.Seen, status=204),
    Route("POST", HOUSE + "/stands/{stand}/slots", stands.open_slots, EDITORS, "Open slots by rule",
          query=stands.Preview, body=RuleInput, answers=MadeOut, status=201),
    Route("PUT", HOUSE + "/slots/{slot}", stands.move_slot, EDITORS, "Move a slot to another time", body=SlotTimes,
          answers=SlotOut),
    Route("DELETE", HOUSE + "/slots/{slot}", stands.close_slot, EDITORS, "Close a slot", query=stands.Seen,
          answers=SlotOut),
    Route("POST", HOUSE + "/stands/{stand}/slots/one", stands.add_slot, EDITORS, "Open one more slot at a stand",
          body=SlotInput, answers=SlotOut, status=201),
    Route("POST", HOUSE + "/stands/{stand}/slots/shift", stands.shift_slots, EDITORS,
          "Move all slots of a stand that are still to come", query=stands.Preview, body=ShiftInput, answers=MadeOut),
    Route("POST", HOUSE + "/stands/{stand}/slots/close", stands.close_range, EDITORS,
          "Close the slots of a stand between two times", query=stands.Preview, body=RangeInput, answers=MadeOut),
    Route("POST", ONE + "/sessions", stands.open_session, EDITORS, "Put a session on the programme of an event",
          body=SessionInput, answers=SessionOut, status=201),
    Route("PUT", HOUSE + "/sessions/{session}", stands.change_session, EDITORS,
          "Another title, room or time for a session", body=SessionChange, answers=SessionOut),
    Route("DELETE", HOUSE + "/sessions/{session}", stands.cancel_session, EDITORS,
          "Take a session off the programme", query=stands.Seen, answers=SessionOut),
    Route("GET", HOUSE + "/shifts/mine", hosts.mine, READERS, "The caller's next shifts", answers=MyShiftsOut),
    Route("GET", HOUSE + "/stands/{stand}/shifts", hosts.listed, EDITORS, "Who stands at a stand, and who is missing",
          answers=HostsOut),
    Route("POST", HOUSE + "/stands/{stand}/shifts", hosts.put_on, EDITORS, "Put somebody on a shift", body=HostInput,
          answers=ShiftOut, status=201),
    Route("PUT", HOUSE + "/shifts/{shift}", hosts.change, EDITORS, "Another person or time for a shift",
          body=HostInput, answers=ShiftOut),
    Route("DELETE", HOUSE + "/shifts/{shift}", hosts.take_off, EDITORS, "Take somebody off a shift",
          query=stands.Seen, status=204),
)  # fmt: skip

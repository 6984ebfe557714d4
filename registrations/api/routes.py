"""Every address of registrations' JSON API, and who may call it."""

from __future__ import annotations

from registrations import behalf, conversations, corrections, giving_out, groups, inputs, requests
from registrations.api import (
    answering,
    console,
    correcting,
    exports,
    for_somebody,
    imports,
    leads,
    places,
    public,
    several,
    visitors,
)
from registrations.api.own_routes import SENDING, VISITORS
from registrations.api.question_routes import QUESTIONS
from registrations.pages.desk import DOOR, HOSTS, ORGANISERS
from services.http.pagination import Page
from services.routes import PUBLIC, Limit, Route

TAKING = Limit(times=30, seconds=600)
"""How many files one caller may take out, as by form."""
PLACES = "/api/v1/events/{event}/places"
BOOKINGS = "/api/v1/events/{event}/bookings"
DESK = "/api/v1/programmes/{programme}"
EVENT = DESK + "/attendees/{event}"
BOOKING = DESK + "/bookings/{booking_id}"
LEADS = DESK + "/leads"
LEAD = LEADS + "/{lead_id}"

GIVING_OUT = (
    Route("GET", f"{EVENT}/places", places.pools, ORGANISERS, "List what is counted", answers=places.PoolsOut),
    Route(
        "POST",
        f"{EVENT}/places",
        places.across,
        ORGANISERS,
        "Count places over a stand or the event as a whole",
        body=giving_out.AcrossForm,
        answers=places.PoolsOut,
        status=201,
    ),
    Route("GET", f"{EVENT}/rules", places.rules, ORGANISERS, "Show how places are given out", answers=places.RulesOut),
    Route(
        "PUT",
        f"{EVENT}/rules",
        places.set_event_rules,
        ORGANISERS,
        "Change how places are given out",
        body=giving_out.RulesRequest,
        answers=places.RulesOut,
    ),
    Route("POST", f"{BOOKING}/approve", answering.approve, ORGANISERS, "Say yes", answers=answering.StateOut),
    Route("POST", f"{BOOKING}/decline", answering.decline, ORGANISERS, "Say no", answers=answering.StateOut),
    Route(
        "POST",
        f"{BOOKING}/offer",
        answering.offer,
        ORGANISERS,
        "Offer a free place out of turn",
        body=giving_out.WhyForm,
        answers=answering.StateOut,
    ),
    Route(
        "GET",
        f"{BOOKING}/line",
        answering.line,
        ORGANISERS,
        "Tell again why the line moved as it did",
        answers=answering.LineOut,
    ),
    Route(
        "POST",
        f"{EVENT}/imports",
        imports.rehearse,
        ORGANISERS,
        "Bring a list in: see what would become of it",
        body=imports.Import,
        answers=imports.ImportOut,
        status=201,
        limit=TAKING,
        largest_body=imports.LARGEST_BODY,
        timeout=120,
    ),
    Route(
        "POST",
        f"{EVENT}/imports/{{import_id}}",
        imports.carry_out,
        ORGANISERS,
        "Carry a list out",
        body=imports.Taken,
        answers=imports.ImportOut,
        timeout=600,
    ),
    Route(
        "GET",
        f"{EVENT}/imports/{{import_id}}",
        imports.show,
        ORGANISERS,
        "Show what became of a list",
        answers=imports.ImportOut,
    ),
)
DESKS = (
    Route("GET", PLACES, public.show_places, PUBLIC, "Show the places of an event", answers=public.PlacesOut),
    Route(
        "POST",
        BOOKINGS,
        public.book,
        PUBLIC,
        "Book a place, or a place in line",
        body=requests.BookingRequest,
        answers=public.ReceiptOut,
        status=202,
        limit=SENDING,
    ),
    Route(
        "GET",
        DESK + "/attendees/{event}",
        console.attendees,
        ORGANISERS,
        "List who comes, by name",
        query=console.Wanted,
        answers=Page[console.AttendeeOut],
    ),
    Route(
        "POST",
        DESK + "/attendees/{event}/exports",
        exports.export,
        ORGANISERS,
        "Take the attendees out as CSV or XLSX",
        body=exports.Export,
        limit=TAKING,
        timeout=600,
    ),
    Route(
        "POST",
        f"{EVENT}/bookings",
        for_somebody.book,
        ORGANISERS,
        "Book for somebody else: a household, a school class or a company",
        body=behalf.SomebodyRequest,
        answers=for_somebody.BookingMade,
    ),
    Route(
        "POST",
        DESK + "/bookings/several",
        several.book,
        ORGANISERS,
        "Book for somebody else on several dates in one go, all or none or what there is room for",
        body=behalf.SeveralRequest,
        answers=several.SeveralMade,
    ),
    Route("POST", DESK + "/bookings/{booking_id}/cancel", console.cancel, ORGANISERS, "Cancel a booking"),
    Route(
        "PUT",
        f"{BOOKING}/household",
        correcting.set_who_comes,
        ORGANISERS,
        "Set who comes with a booking",
        body=inputs.Crowd,
        answers=answering.StateOut,
    ),
    Route(
        "POST",
        f"{BOOKING}/correct",
        correcting.correct,
        ORGANISERS,
        "Correct name, e-mail and language of whose booking it is",
        body=corrections.PersonRequest,
        answers=answering.StateOut,
    ),
    Route(
        "PUT",
        DESK + "/places/{pool_id}",
        places.set_capacity,
        ORGANISERS,
        "Set how many places there are",
        body=giving_out.CapacityForm,
        answers=places.CapacityOut,
    ),
    Route(
        "POST",
        DESK + "/check-ins",
        console.scan,
        DOOR,
        "Check in",
        body=requests.CheckInRequest,
        answers=console.AdmissionOut,
    ),
    Route(
        "POST",
        DESK + "/check-ins/{booking_id}/undo",
        console.undo,
        DOOR,
        "Take a check-in back",
        body=requests.UndoRequest,
        answers=console.AdmissionOut,
    ),
    Route(
        "PUT",
        DESK + "/check-ins/{booking_id}/came",
        console.count,
        DOOR,
        "Say how many of a group came",
        body=groups.CameRequest,
        answers=console.CameOut,
    ),
    Route(
        "GET", LEADS, leads.index, HOSTS, "List leads, newest first", query=leads.Wanted, answers=Page[leads.LeadOut]
    ),
    Route(
        "POST",
        LEADS,
        leads.note,
        HOSTS,
        "Note a conversation, with consent",
        body=conversations.LeadRequest,
        answers=leads.LeadMade,
        status=201,
    ),
    Route("GET", LEAD, leads.show, HOSTS, "Show a lead with what was said", answers=leads.LeadWithWords),
    Route("PUT", LEAD, leads.change, HOSTS, "Change a lead", body=conversations.LeadForm, answers=leads.LeadMade),
    Route("GET", f"{LEAD}/outcomes", leads.outcomes, HOSTS, "List what became of a lead", answers=leads.OutcomesOut),
    Route(
        "POST",
        f"{LEAD}/outcomes",
        leads.log,
        HOSTS,
        "Log what became of a lead",
        body=conversations.OutcomeRequest,
        answers=leads.OutcomeMade,
        status=201,
    ),
    Route(
        "DELETE",
        f"{LEAD}/outcomes/{{outcome_id}}",
        leads.withdraw,
        HOSTS,
        "Take a mistaken outcome back",
        answers=leads.OutcomeMade,
    ),
    Route(
        "GET",
        DESK + "/visitors",
        visitors.index,
        ORGANISERS,
        "List the people we know, newest first",
        query=visitors.Wanted,
        answers=Page[visitors.VisitorOut],
    ),
    Route(
        "GET",
        DESK + "/visitors/{visitor_id}/data",
        visitors.data,
        ORGANISERS,
        "Hand out everything we keep of a person",
        answers=visitors.DataOut,
    ),
    Route(
        "DELETE",
        DESK + "/visitors/{visitor_id}",
        visitors.forget,
        ORGANISERS,
        "Forget a person, on their request",
        answers=visitors.VisitorForgotten,
    ),
)

API = (*VISITORS, *DESKS, *GIVING_OUT, *QUESTIONS)

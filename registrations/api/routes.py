"""Every address of registrations' JSON API, and who may call it."""

from __future__ import annotations

from registrations import conversations, giving_out, inputs
from registrations.api import console, exports, leads, public, visitors
from registrations.pages.desk import DOOR, HOSTS, ORGANISERS
from services.http.pagination import Page
from services.routes import PUBLIC, Limit, Route

SENDING = Limit(times=30, seconds=300)
"""What one address may book by API, as by form."""
TAKING = Limit(times=30, seconds=600)
"""How many files one caller may take out, as by form."""
PLACES = "/api/v1/events/{event}/places"
BOOKINGS = "/api/v1/events/{event}/bookings"
DESK = "/api/v1/programmes/{programme}"
LEADS = DESK + "/leads"
LEAD = LEADS + "/{lead_id}"

API = (
    Route("GET", PLACES, public.show_places, PUBLIC, "Show the places of an event", answers=public.PlacesOut),
    Route(
        "POST",
        BOOKINGS,
        public.book,
        PUBLIC,
        "Book a place, or a place in line",
        body=inputs.BookingRequest,
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
    Route("POST", DESK + "/bookings/{booking_id}/cancel", console.cancel, ORGANISERS, "Cancel a booking"),
    Route(
        "PUT",
        DESK + "/places/{pool_id}",
        console.set_capacity,
        ORGANISERS,
        "Set how many places there are",
        body=giving_out.CapacityForm,
        answers=console.CapacityOut,
    ),
    Route(
        "POST",
        DESK + "/check-ins",
        console.scan,
        DOOR,
        "Check in",
        body=inputs.CheckInRequest,
        answers=console.AdmissionOut,
    ),
    Route(
        "POST",
        DESK + "/check-ins/{booking_id}/undo",
        console.undo,
        DOOR,
        "Take a check-in back",
        body=inputs.UndoRequest,
        answers=console.AdmissionOut,
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

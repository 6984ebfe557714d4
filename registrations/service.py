"""registrations: who comes: visitors and households, capacity, bookings, waiting lists, check-in, leads."""

from __future__ import annotations

from registrations import facts
from registrations.api.routes import API
from registrations.commands.guarding import WATCH
from registrations.commands.together import BOOKINGS
from registrations.demo import play
from registrations.exports.sending import EXPORTS
from registrations.pages.addresses import ADDRESSES
from registrations.pages.routes import PAGES
from registrations.reactions import REACTIONS
from registrations.tasks import TASKS
from registrations.upkeep import CHECKS, restate
from services.pages.languages import msgid
from services.routes import Role
from services.service import NavigationItem, Panel, Retention, Service

SERVICE = Service(
    name="registrations",
    order=40,
    purpose="who comes: visitors and households, capacity, bookings, waiting lists, check-in, leads",
    schemas=("people",),
    routes=(*PAGES, *API),
    navigation=(
        NavigationItem(msgid("Attendees"), "attendees", "attendees", frozenset({Role.ORGANISER}), order=40),
        NavigationItem(
            msgid("Check-in"),
            "check-in",
            "check-in",
            frozenset({Role.ORGANISER, Role.CHECK_IN, Role.STAND_HOST}),
            order=41,
        ),
        NavigationItem(
            msgid("At the stand"), "stands", "stand", frozenset({Role.ORGANISER, Role.STAND_HOST}), order=42
        ),
        NavigationItem(msgid("Leads"), "leads", "leads", frozenset({Role.ORGANISER, Role.STAND_HOST}), order=43),
        NavigationItem(
            msgid("Outcomes"),
            "outcomes",
            "outcomes",
            frozenset({Role.ORGANISER, Role.STAND_HOST, Role.MARKETING, Role.READER}),
            order=44,
        ),
        NavigationItem(msgid("Visitors"), "visitors", "visitor", frozenset({Role.ORGANISER}), order=45),
        NavigationItem(msgid("Privacy"), "privacy", "privacy", frozenset({Role.ORGANISER}), order=90),
    ),
    panels=(
        Panel("attendees", msgid("Who comes"), frozenset({Role.ORGANISER}), order=20),
        Panel("follow-ups", msgid("To follow up"), frozenset({Role.ORGANISER, Role.STAND_HOST}), order=25),
    ),
    facts=(
        facts.BookingHeld,
        facts.BookingConfirmed,
        facts.BookingWaitlisted,
        facts.BookingOffered,
        facts.BookingChanged,
        facts.BookingMoved,
        facts.BookingCancelled,
        facts.BookingHandOverAsked,
        facts.BookingHandedOver,
        facts.BookingRenewed,
        facts.BookingAskedToMove,
        facts.BookingMayStay,
        facts.BookingDrawn,
        facts.BookingAttended,
        facts.BookingMissed,
        facts.BookingAskedAgain,
        facts.AttendanceUndone,
        facts.PlacesChanged,
        facts.InterestRegistered,
        facts.LeadNoted,
        facts.LeadChanged,
        facts.OutcomeLogged,
        facts.SelectionMade,
        facts.VisitorErased,
    ),
    reactions=REACTIONS,
    tasks=TASKS,
    resources=(ADDRESSES, BOOKINGS, WATCH, EXPORTS),
    checks=CHECKS,
    restate=restate,
    subjects={"visitor": "visitors/{id}"},
    demo=play,
    retention=(
        Retention(
            "visitor",
            "Name and address: 120 days after the last event, longer only with consent or as a lead.",
            "forget",
        ),
        Retention(
            "household",
            "Who came along, from where, what they look for and what they answered: 120 days after the event.",
            "forget",
        ),
        Retention(
            "lead", "What we talked about: 3 years after the last change, or until the consent is withdrawn.", "forget"
        ),
        Retention("import", "A list of people that was read and not yet carried out: an hour.", "forget-imports"),
        Retention("interest", "What someone wrote to hear more: 2 years.", "forget"),
    ),
)

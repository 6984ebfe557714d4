"""What is said to people: why something was not granted, and what codes are called. Translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from events.facts import Topic, Unit
from registrations.domain.answers import Wrong
from registrations.domain.check_in import Verdict
from registrations.domain.fates import Fate, MoveFate
from registrations.domain.questions import Flaw, Kind
from registrations.domain.refusals import Reason, Refused
from registrations.facts import Awaits, BookingStatus, Cause, Interest, OutcomeKind
from registrations.inputs import HeardOf, Moving
from services.pages import formats
from services.pages.languages import Translate, msgid

REFUSALS: Mapping[Reason, str] = {
    Reason.UNKNOWN_PLACE: msgid("This place cannot be booked. Choose one from the list."),
    Reason.NOT_OPEN_YET: msgid("Registration opens {opens_at}."),
    Reason.OPENS_SHORTLY: msgid("Registration opens shortly. Try again in a moment."),
    Reason.CLOSED: msgid("Registration is closed."),
    Reason.STARTED: msgid("This has already begun. Choose a later time."),
    Reason.HAS_BEGUN: msgid("Your time has begun, so it can no longer be changed or cancelled here. Write to us."),
    Reason.CANCELLED: msgid("The event has been cancelled."),
    Reason.FULL: msgid("That place was just taken. The times with places left are shown here."),
    Reason.ANSWERS: msgid("Look at your answers to the questions of this event."),
    Reason.TOO_LARGE: msgid("At most {most} persons can come together. Write to us if you are more."),
    Reason.NO_GROUPS: msgid("Groups cannot book by themselves at this event. Write to us, and we book for you."),
    Reason.UNKNOWN_BOOKING: msgid("We do not know this booking."),
    Reason.OVER: msgid("This booking is over and can no longer be changed."),
    Reason.TOO_LATE: msgid("Changes were possible until {until}. Write to us."),
    Reason.TOO_LATE_TO_CANCEL: msgid("You could cancel until {until}. Write to us."),
    Reason.HAS_OFFER: msgid("Another place is offered to this household already; it can have one offer at a time."),
    Reason.UNDRAWN: msgid("Lots decide who gets a place here, and they are not drawn yet."),
    Reason.DRAW_PASSED: msgid("Lots cannot be drawn in the past."),
    Reason.DRAW_TOO_EARLY: msgid("Nobody can take part before registration opens, {opens_at}. Draw lots later."),
    Reason.DRAW_TOO_LATE: msgid("The first place begins {begins_at}. Lots must be drawn before it."),
    Reason.NOT_ASKED: msgid("There is nothing here that waits for an answer."),
    Reason.COUNTED_ALREADY: msgid("Places are counted so already. Change the number there."),
    Reason.NO_OFFER: msgid("This offer has ended. The place went to the next in line."),
    Reason.OVERLAPS: msgid("You have another booking at that time."),
    Reason.MOVED_MEANWHILE: msgid("Somebody else moved this booking meanwhile."),
    Reason.BELOW_USED: msgid("Choose at least {used}: so many are taken. Cancel bookings first to go lower."),
    Reason.NOT_WAITING: msgid("This booking does not wait for a place."),
    Reason.TOO_EARLY: msgid("This cannot have happened yet."),
    Reason.ALREADY_LOGGED: msgid("This step is logged already."),
    Reason.NO_CONSENT: msgid("Ask first, and tick the box: without consent nothing may be noted."),
    Reason.ERASED: msgid("This person asked to be forgotten."),
    Reason.ADDRESS_TAKEN: msgid("We know somebody else by this address already."),
    Reason.TIES: msgid("More than this booking hangs on the address: {count}. All of it goes along."),
    Reason.CHANGED_MEANWHILE: msgid("Somebody else changed this meanwhile. Look at it as it is now."),
    Reason.NOT_A_MEMBER: msgid("Choose somebody who has a role in the programme."),
}

TO_PROGRAMS: Mapping[Reason, str] = {
    Reason.UNKNOWN_PLACE: msgid("There is no such place at this event. Its places say which there are."),
    Reason.FULL: msgid("No place is left there for so many. The places of the event say which have room."),
    Reason.NO_CONSENT: msgid("Without consent nothing may be noted."),
}
"""What is said instead to a program, which sees no page."""

ASK_TO_WRITE = frozenset(
    {Reason.HAS_BEGUN, Reason.TOO_LARGE, Reason.NO_GROUPS, Reason.TOO_LATE, Reason.TOO_LATE_TO_CANCEL}
)
"""What says "Write to us": visitors are told the programme's address beside it."""

STATUSES: Mapping[BookingStatus, tuple[str, str]] = {
    BookingStatus.HELD: (msgid("Held"), "neutral"),
    BookingStatus.CONFIRMED: (msgid("Confirmed"), "success"),
    BookingStatus.WAITING: (msgid("Waiting"), "warning"),
    BookingStatus.OFFERED: (msgid("Offered"), "info"),
    BookingStatus.CANCELLED: (msgid("Booking cancelled"), "danger"),
    BookingStatus.ATTENDED: (msgid("Attended"), "success"),
    BookingStatus.NO_SHOW: (msgid("Did not come"), "neutral"),
}
"""The name of a status and the tone of its badge."""
DECLINED = (msgid("No place"), "warning")
"""That of a booking which its visitor asked for in vain, as they read it: they have cancelled nothing."""

CAUSES: Mapping[Cause, str] = {
    Cause.VISITOR: msgid("Last changed by the visitor, {moment}."),
    Cause.STAFF: msgid("Last changed by staff, {moment}."),
    Cause.EVENT: msgid("Last changed {moment}, because the event changed."),
    Cause.EXPIRY: msgid("Last changed {moment}, because the time to answer was over."),
    Cause.PROMOTION: msgid("Moved up from the waiting list {moment}."),
    Cause.ERASURE: msgid("Last changed {moment}, because the visitor asked to be forgotten."),
}
"""What brought about how a booking stands: a sentence of its own beside any state."""

ENDING: Mapping[str, str] = {
    BookingStatus.OFFERED: msgid("Offer ends"),
    Awaits.ADDRESS: msgid("Kept until, for the visitor to confirm their address"),
    Awaits.APPROVAL: msgid("Kept until, for you to say yes or no"),
}
"""What is over at a booking's end, by what it awaits or else its state."""

AWAITED: Mapping[Awaits, tuple[str, str]] = {
    Awaits.ADDRESS: (msgid("Address not confirmed"), "warning"),
    Awaits.APPROVAL: (msgid("Waits for your yes"), "warning"),
}
"""What a booking that does not count yet awaits, and the tone of its badge."""

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.ADMITTED: (msgid("Welcome"), msgid("Checked in.")),
    Verdict.ALREADY: (msgid("Already in"), msgid("This ticket was scanned before.")),
    Verdict.OTHER_EVENT: (msgid("Another event"), msgid("This ticket is for another event.")),
    Verdict.WAITING: (msgid("On the waiting list"), msgid("This household has no place yet.")),
    Verdict.CANCELLED: (msgid("Booking cancelled"), msgid("This booking was cancelled.")),
    Verdict.UNKNOWN: (msgid("Not found"), msgid("We know no such ticket.")),
    Verdict.UNDONE: (msgid("Taken back"), msgid("The check-in was taken back.")),
}

INTERESTS: Mapping[Interest, tuple[str, str]] = {
    Interest.HOT: (msgid("Hot"), "danger"),
    Interest.WARM: (msgid("Warm"), "warning"),
    Interest.COLD: (msgid("Cold"), "info"),
}

OUTCOMES: Mapping[OutcomeKind, str] = {
    OutcomeKind.VISIT_TRIP: msgid("Came to visit"),
    OutcomeKind.JOB: msgid("Found a job"),
    OutcomeKind.HOUSE: msgid("Found a home"),
    OutcomeKind.MOVED: msgid("Moved here"),
    OutcomeKind.STILL_HERE_12: msgid("Still here after a year"),
    OutcomeKind.STILL_HERE_24: msgid("Still here after two years"),
}

MOVING: Mapping[Moving, str] = {
    Moving.THIS_YEAR: msgid("Within a year"),
    Moving.ONE_TO_TWO_YEARS: msgid("In one to two years"),
    Moving.LATER: msgid("Later"),
    Moving.THINKING: msgid("We are only thinking about it"),
}

LOOKING_FOR: Mapping[Topic, str] = {
    Topic.JOBS: msgid("Jobs"),
    Topic.BUSINESS: msgid("Starting a business"),
    Topic.HOUSING: msgid("Housing"),
    Topic.FARMS: msgid("Farms and land"),
    Topic.SCHOOL: msgid("School"),
    Topic.CHILDCARE: msgid("Childcare"),
    Topic.HEALTH: msgid("Health"),
    Topic.LANGUAGE: msgid("Learning the language"),
    Topic.LEISURE: msgid("Leisure and nature"),
    Topic.CULTURE: msgid("Culture and associations"),
    Topic.MOVING: msgid("The move itself"),
}
"""What somebody looks for, in the words by which stands are found (events/pages/words.py)."""

KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.TEXT: (msgid("Text"), msgid("They write a line or more.")),
    Kind.CHOICE: (msgid("One of several"), msgid("They choose one option.")),
    Kind.CHOICES: (msgid("Any of several"), msgid("They tick as many options as they like.")),
    Kind.NUMBER: (msgid("A number"), msgid("They write a number.")),
    Kind.DATE: (msgid("Date"), msgid("They choose a day.")),
    Kind.CONSENT: (msgid("Consent"), msgid("They tick a box of its own, and we keep the wording that they read.")),
}
"""What a kind of question is called, and what visitors do with it."""

FLAWS: Mapping[Flaw, str] = {
    Flaw.UNKNOWN: msgid(
        "“{question}” is asked only after a question that would no longer be asked. Change that first."
    ),
    Flaw.NOT_BEFORE: msgid("“{question}” must come after the question that it depends on."),
    Flaw.NO_KEYS: msgid(
        "“{question}” is asked only after an answer that could not be given any more. Change that first."
    ),
    Flaw.TOO_MANY: msgid("An event asks at most {most} questions."),
}
STUCK = msgid("“{question}” is left out: it depends on an answer to “{other}” that can no longer be given.")
"""Why one question that a copied event did not take over cannot be asked there."""

UNITS: Mapping[Unit, str] = {
    Unit.HOUSEHOLDS: msgid("counted in households"),
    Unit.PERSONS: msgid("counted in persons"),
    Unit.CHILDREN: msgid("counted in children"),
}

PASSED_OVER: Mapping[str, str] = {
    "too_large": msgid("there was no room for all of them"),
    "has_offer": msgid("they were offered another place"),
    "address": msgid("their address was not confirmed"),
    "approval": msgid("nobody had said yes to their booking"),
}

HEARD_OF: Mapping[HeardOf, str] = {
    HeardOf.BROCHURE: msgid("A brochure"),
    HeardOf.POSTER: msgid("A poster"),
    HeardOf.ADVERTISEMENT: msgid("An advertisement"),
    HeardOf.WEB: msgid("A search or a website"),
    HeardOf.SOCIAL_MEDIA: msgid("Social media"),
    HeardOf.FAMILY_OR_FRIENDS: msgid("Family or friends"),
    HeardOf.EMPLOYER: msgid("An employer"),
    HeardOf.FAIR: msgid("A fair or another event"),
    HeardOf.OTHER: msgid("Something else"),
}

BANDS: Mapping[str, str] = {
    "children_0_2": msgid("Children 0–2"),
    "children_3_5": msgid("Children 3–5"),
    "children_6_12": msgid("Children 6–12"),
    "children_13_17": msgid("Children 13–17"),
}


FATES: Mapping[Fate, tuple[str, str, str]] = {
    Fate.BOOKED: (msgid("Will be booked"), msgid("Was booked"), "success"),
    Fate.WAITING: (msgid("Will wait"), msgid("Waits"), "warning"),
    Fate.AGAIN: (msgid("Is booked already"), msgid("Was booked already"), "info"),
    Fate.DOUBLED: (msgid("Twice in the file"), msgid("Twice in the file"), "neutral"),
    Fate.WRONG: (msgid("Must be mended"), msgid("Was wrong"), "danger"),
    Fate.REFUSED: (msgid("Cannot be booked"), msgid("Could not be booked"), "danger"),
}
"""What becomes of a row of a list: what is said before and after it is carried out, and the tone of its badge."""

MOVES: Mapping[MoveFate, tuple[str, str, str]] = {
    MoveFate.MOVED: (msgid("Will be moved"), msgid("Was moved"), "success"),
    MoveFate.THERE: (msgid("Is there already"), msgid("Was there already"), "info"),
    MoveFate.LEFT: (msgid("Cannot be moved"), msgid("Stays where it is"), "danger"),
}
"""The same of a booking that is to be moved with others."""

REASONS: Mapping[Reason, str] = {
    Reason.UNKNOWN_PLACE: msgid("There is no such place at this event."),
    Reason.CLOSED: msgid("The place is closed."),
    Reason.STARTED: msgid("The time has passed."),
    Reason.CANCELLED: msgid("The event has been cancelled."),
    Reason.FULL: msgid("The place is full."),
    Reason.TOO_LARGE: msgid("The household is larger than the place."),
    Reason.OVERLAPS: msgid("This visitor has another booking at that time."),
    Reason.OVER: msgid("The booking is over."),
    Reason.UNDRAWN: msgid("Lots decide there, and they are not drawn yet."),
    Reason.MOVED_MEANWHILE: msgid("Somebody else moved it meanwhile."),
}
"""Why a row was refused, said to staff."""
UNLIKELY = msgid("The event's rules do not allow it.")


def refusal(refused: Refused, translate: Translate, time_zone: str | None = None) -> str:
    """Why a wish was not granted, in the reader's language; moments in the event's zone."""
    values = {
        name: formats.moment(value, translate.lang, time_zone) if hasattr(value, "astimezone") else value
        for name, value in refused.values.items()
    }
    return translate(REFUSALS[refused.reason], **values)


TO_STAFF: Mapping[Reason, str] = {
    **REASONS,
    Reason.FULL: msgid("There is not room for so many: the place is full. Make room under “Places and rules” first."),
    Reason.TOO_LARGE: msgid(
        "That is more than the whole place holds, which is {most}. Make room under “Places and rules” first."
    ),
    Reason.OVER: msgid("This booking is over: it was cancelled, or its visitors have come."),
}
"""Why staff are refused what they ask of one booking, who can do about it what its visitor cannot."""


def refusal_to_staff(refused: Refused, translate: Translate) -> str:
    """The same for who runs the event."""
    sentence = TO_STAFF.get(refused.reason)
    return translate(sentence, **refused.values) if sentence else refusal(refused, translate)


def misgiven(wrong: Wrong, translate: Translate) -> str:
    """What is wrong with an answer, in the reader's language."""
    days = {name: formats.day(value, translate.lang) for name, value in wrong.values.items() if hasattr(value, "year")}
    return translate(wrong.sentence, **{**wrong.values, **days})

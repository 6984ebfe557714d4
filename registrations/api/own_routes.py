"""The addresses of the JSON API for visitors: to hear more, a time that is kept, their own booking, a place offered."""

from __future__ import annotations

from registrations import inputs, requests
from registrations.api import hand_overs, holds, interest, my_booking
from services.routes import PUBLIC, Limit, Route

SENDING = Limit(times=30, seconds=300)
"""What one address may book by API, as by form."""
CHOOSING = Limit(times=120, seconds=300)
ASKING = Limit(times=5, seconds=3600)
"""How many people somebody may ask to come instead, as by form."""
HOLD = "/api/v1/events/{event}/holds/{attempt}"
MINE = "/api/v1/my-booking/{token}"
HAND_OVER = "/api/v1/hand-overs/{token}"

VISITORS = (
    Route(
        "POST",
        "/api/v1/programmes/{programme}/interests",
        interest.send,
        PUBLIC,
        "Ask to hear more of a programme",
        body=requests.InterestRequest,
        answers=interest.InterestReceived,
        status=202,
        limit=SENDING,
    ),
    Route(
        "PUT",
        HOLD,
        holds.hold,
        PUBLIC,
        "Keep a time for ten minutes",
        body=requests.HoldRequest,
        answers=holds.HoldOut,
        limit=CHOOSING,
    ),
    Route(
        "DELETE", HOLD, holds.let_go, PUBLIC, "Let go of a time that was kept", answers=holds.HoldLetGo, limit=CHOOSING
    ),
    Route("GET", MINE, my_booking.show, PUBLIC, "Show my booking", answers=my_booking.MyBookingOut),
    Route(
        "POST",
        f"{MINE}/confirm",
        my_booking.confirm,
        PUBLIC,
        "Confirm my address",
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route(
        "PUT",
        f"{MINE}/household",
        my_booking.resize,
        PUBLIC,
        "Say who comes",
        body=inputs.Crowd,
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route(
        "PUT",
        f"{MINE}/place",
        my_booking.move,
        PUBLIC,
        "Choose another time, or another event",
        body=requests.PlaceRequest,
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route(
        "POST",
        f"{MINE}/cancel",
        my_booking.cancel,
        PUBLIC,
        "Cancel my booking",
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route(
        "POST",
        f"{MINE}/offer",
        my_booking.answer_offer,
        PUBLIC,
        "Say yes or no to a place that is offered",
        body=inputs.OfferForm,
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route(
        "POST",
        f"{MINE}/hand-over",
        my_booking.hand_over,
        PUBLIC,
        "Ask somebody to come instead",
        body=inputs.HandOverForm,
        answers=my_booking.HandOverAsked,
        status=202,
        limit=ASKING,
    ),
    Route(
        "DELETE",
        f"{MINE}/hand-over",
        my_booking.take_back,
        PUBLIC,
        "Come after all: take back what somebody was asked",
        answers=my_booking.HandOverTakenBack,
        limit=SENDING,
    ),
    Route(
        "PUT",
        f"{MINE}/language",
        my_booking.speak,
        PUBLIC,
        "Choose the language of our mails",
        body=inputs.LanguageForm,
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route(
        "PUT",
        f"{MINE}/consents",
        my_booking.agree,
        PUBLIC,
        "Say which consents stand",
        body=inputs.ConsentForm,
        answers=my_booking.MyBookingOut,
        limit=SENDING,
    ),
    Route("GET", f"{MINE}/data", my_booking.data, PUBLIC, "Hand out what we keep of me", answers=my_booking.MyDataOut),
    Route("DELETE", MINE, my_booking.forget, PUBLIC, "Forget me", answers=my_booking.Forgotten, limit=SENDING),
    Route("GET", HAND_OVER, hand_overs.show, PUBLIC, "Show a place that is offered", answers=hand_overs.HandOverOut),
    Route(
        "POST",
        f"{HAND_OVER}/accept",
        hand_overs.accept,
        PUBLIC,
        "Take a place that is offered",
        answers=hand_overs.HandOverTaken,
        limit=SENDING,
    ),
    Route(
        "POST",
        f"{HAND_OVER}/decline",
        hand_overs.decline,
        PUBLIC,
        "Decline a place that is offered",
        answers=hand_overs.HandOverDeclined,
        limit=SENDING,
    ),
)

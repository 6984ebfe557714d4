"""The checker finds each thing that must not be: it is fed a history and what is left of it, whole and then broken."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.faults.checker import Booking, Delivery, Pool, Remains, Said, Step, check
from tests.faults.history import History, Kind, Outcome


def number(one: int) -> UUID:
    return UUID(int=one)


ANNE, BRAM, CEES = "anne@faults.example", "bram@faults.example", "cees@faults.example"
POOL = number(90)
ANNES = Booking(number(1), ANNE, "confirmed", 1, POOL, 2)
BRAMS = Booking(number(2), BRAM, "cancelled", 2, POOL, 2)
FACTS = (
    Said(number(11), "booking:1", 1),
    Said(number(12), "booking:2", 1),
    Said(number(13), "booking:2", 2),
)
WHOLE = Remains(
    bookings=(ANNES, BRAMS),
    pools=(Pool(POOL, 3, 2),),
    told={"REGISTRATIONS": FACTS},
    streams={"REGISTRATIONS": FACTS},
    due={"notifications-bookings": [one.message for one in FACTS]},
    taken={"notifications-bookings": [one.message for one in FACTS]},
    steps=(Step("known_bookings", "2", 1), Step("known_bookings", "1", 1), Step("known_bookings", "2", 2)),
    mirrors={"notifications": {"booking 1": (1, 1), "booking 2": (2, 2)}},
    deliveries=(
        Delivery(number(21), ANNES.id, "confirmed", "booking 1", "sent"),
        Delivery(number(22), BRAMS.id, "confirmed", "booking 1", "unknown"),
        Delivery(number(23), BRAMS.id, "cancelled", "booking 2", "overtaken"),
    ),
    mails=(number(21), number(22)),
    clicks=("click-1", "click-2"),
    broken={"registrations oversold": 0},
)


@pytest.fixture
def history() -> History:
    """Two booked, one of whom cancelled; one was refused, and of one more nothing is known. Three clicked."""
    made = History()
    for value in (ANNE, BRAM):
        made.begin(Kind.BOOKING, value).acknowledge()
    made.begin(Kind.BOOKING, CEES).refuse()
    made.begin(Kind.BOOKING, "dirk@faults.example")
    made.begin(Kind.CANCELLATION, BRAM).acknowledge()
    made.begin(Kind.CLICK, "1").acknowledge("click-1")
    made.begin(Kind.CLICK, "2")
    made.begin(Kind.CLICK, "3").refuse()
    return made


def test_where_nothing_went_wrong_nothing_is_found(history: History) -> None:
    assert check(history, WHOLE) == []
    assert history.sorted_out()[Kind.BOOKING, Outcome.ACKNOWLEDGED] == 2


def test_what_nobody_knows_may_have_happened(history: History) -> None:
    dirks = Booking(number(4), "dirk@faults.example", "waiting", 1, POOL, 2)
    assert check(history, replace(WHOLE, bookings=(*WHOLE.bookings, dirks))) == []


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        ({"bookings": (BRAMS,), "pools": ()}, f"lost: the booking of {ANNE}"),
        ({"bookings": (*WHOLE.bookings, replace(BRAMS, id=number(3)))}, f"doubled: 2 bookings of {BRAM}"),
        ({"bookings": (*WHOLE.bookings, replace(BRAMS, value=CEES))}, f"the booking of {CEES} was refused"),
        (
            {"bookings": (*WHOLE.bookings, replace(BRAMS, value="else@faults.example"))},
            "the booking of else@faults.example was never",
        ),
        ({"bookings": (ANNES, replace(BRAMS, status="waiting"))}, f"lost: the cancellation of {BRAM}"),
        ({"bookings": (replace(ANNES, status="cancelled"), BRAMS), "pools": ()}, f"the booking of {ANNE} is cancelled"),
        ({"pools": (Pool(POOL, 1, 2),)}, "oversold: 2 places of 1"),
        ({"pools": (Pool(POOL, 3, 1),)}, "miscounted"),
        ({"streams": {"REGISTRATIONS": FACTS[:2]}}, "lost: booking:2 version 2 was said"),
        ({"streams": {"REGISTRATIONS": (*FACTS, FACTS[2])}}, "doubled: booking:2 version 2 is in REGISTRATIONS 2"),
        ({"streams": {"REGISTRATIONS": (FACTS[0], FACTS[2], FACTS[1])}}, "turned: REGISTRATIONS tells booking:2"),
        ({"taken": {"notifications-bookings": [number(11), number(12)]}}, "lost: notifications-bookings never took in"),
        (
            {"taken": {"notifications-bookings": [number(11), number(12), number(13), number(13)]}},
            "doubled: notifications-bookings took in",
        ),
        ({"steps": (*WHOLE.steps, Step("known_bookings", "2", 1))}, "turned: known_bookings 2 went from version 2"),
        ({"mirrors": {"notifications": {"booking 2": (2, 1)}}}, "stale: notifications shows 1 of booking 2"),
        ({"mails": (*WHOLE.mails, number(21))}, "doubled: the mail of delivery"),
        ({"mails": (number(22),)}, "lost: delivery"),
        ({"mails": (*WHOLE.mails, number(23))}, f"delivery {number(23)} is overtaken, and its mail"),
        ({"mails": (*WHOLE.mails, number(24))}, "a mail went out that nobody planned"),
        (
            {"deliveries": (*WHOLE.deliveries, replace(WHOLE.deliveries[1], id=number(29)))},
            "doubled: 2 deliveries of",
        ),
        (
            {"deliveries": (replace(WHOLE.deliveries[0], status="planned"), *WHOLE.deliveries[1:])},
            f"lost: {ANNE} has a place",
        ),
        ({"clicks": ("click-2",)}, "lost: the click click-1"),
        ({"clicks": ("click-1", "click-1")}, "doubled: the click click-1"),
        ({"clicks": ("click-1", "click-2", "click-3")}, "2 clicks count that got no redirect"),
        ({"broken": {"registrations oversold": 2}}, "registrations oversold: 2 rows"),
    ],
)
def test_each_thing_that_must_not_be_is_found(history: History, broken: dict[str, object], finding: str) -> None:
    found = check(history, replace(WHOLE, **broken))  # type: ignore[arg-type]
    assert any(line.startswith(finding) for line in found), found

"""Why a wish was not granted: one code per reason, which pages and API turn into a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    UNKNOWN_PLACE = "unknown_place"  # no such slot, or the event takes no bookings of its own
    NOT_OPEN_YET = "not_open_yet"
    OPENS_SHORTLY = "opens_shortly"  # a copied event, whose questions and rules were not carried over yet
    CLOSED = "closed"  # registration is over, or the slot was taken off the programme
    STARTED = "started"  # the slot or event has begun
    HAS_BEGUN = "has_begun"  # the booking's own time has begun: its visitor changes nothing any more
    CANCELLED = "cancelled"  # the event was cancelled
    FULL = "full"
    ANSWERS = "answers"  # to the event's questions: `wrong` says of each what is the matter
    TOO_LARGE = "too_large"  # the household is larger than the event, or the whole slot, takes
    NO_GROUPS = "no_groups"  # the event's rules let no group book by itself
    UNKNOWN_BOOKING = "unknown_booking"
    OVER = "over"  # the booking was cancelled, attended or missed: nothing is left to change
    TOO_LATE = "too_late"  # the organiser's deadline for changes is over
    TOO_LATE_TO_CANCEL = "too_late_to_cancel"  # that for cancelling is
    HAS_OFFER = "has_offer"  # one offer at a time: another place is offered already
    UNDRAWN = "undrawn"  # lots are not drawn yet
    DRAW_PASSED = "draw_passed"  # lots that were to be drawn in the past
    DRAW_TOO_EARLY = "draw_too_early"  # before anybody can take part
    DRAW_TOO_LATE = "draw_too_late"  # when the first place has begun, and nobody can be given it any more
    NOT_ASKED = "not_asked"  # there is nothing to confirm, to approve, or to take over
    NO_OFFER = "no_offer"  # there is no offer to accept, or it has ended
    OVERLAPS = "overlaps"  # the visitor is somewhere else at that time
    MOVED_MEANWHILE = "moved_meanwhile"  # it stands elsewhere than where whoever moves it saw it
    BELOW_USED = "below_used"  # a capacity under what is already taken
    COUNTED_ALREADY = "counted_already"  # places are counted so over it already
    NOT_WAITING = "not_waiting"
    TOO_EARLY = "too_early"  # an outcome that cannot have happened yet
    ALREADY_LOGGED = "already_logged"
    NO_CONSENT = "no_consent"
    ERASED = "erased"
    ADDRESS_TAKEN = "address_taken"  # `visitor_id` has it already
    TIES = "ties"  # so much else hangs on the address that is to change: `count`
    CHANGED_MEANWHILE = "changed_meanwhile"  # somebody else corrected it since it was shown
    NOT_A_MEMBER = "not_a_member"  # who should follow a lead up has no role in the programme


class Refused(Exception):
    """A wish that the rules do not allow. Nothing was changed for it."""

    def __init__(self, reason: Reason, **values: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.values = values

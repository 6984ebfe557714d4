"""What the figures and channels of campaigns are called, and what each figure counts; English, to be translated."""

from __future__ import annotations

from collections.abc import Mapping

from services.pages.languages import msgid

STEP_NAMES: Mapping[str, str] = {
    "human": msgid("Visits"),
    "interests": msgid("Registered interest"),
    "registrations": msgid("Registrations"),
    "check_ins": msgid("Check-ins"),
    "leads": msgid("Families met"),
    "visit_trips": msgid("Visit trips"),
    "jobs": msgid("Found a job"),
    "houses": msgid("Found a home"),
    "moved": msgid("Moved"),
    "stayed_12": msgid("Still here after 12 months"),
    "stayed_24": msgid("Still here after 24 months"),
}

CHANNEL_NAMES: Mapping[str, str] = {
    "brochure": msgid("Brochure"),
    "poster": msgid("Poster"),
    "print_ad": msgid("Printed ad"),
    "online_ad": msgid("Online ad"),
    "social": msgid("Social media"),
    "radio": msgid("Radio"),
    "newsletter": msgid("Newsletter"),
    "stand": msgid("Stand"),
    "other": msgid("Other channel"),
}

_TOLD = msgid(
    "Families of whom this was told by themselves, or entered by staff with their consent. Each family counts once."
)
MEANINGS: Mapping[str, str] = {
    "cost": msgid("What was entered as costs. Currencies are never added."),
    "impressions": msgid(
        "How often it was shown: measured by us, imported from a report, or estimated, as it says beside the figure."
    ),
    "human": msgid(
        "Visits through a link or QR code of a placement that look like a person's. Visits by programs and suspect "
        "ones are left out."
    ),
    "interests": msgid("Families who left an address to hear more, each counted once."),
    "registrations": msgid(
        "Bookings that stand, also those in line for a place. Each is credited to the last link that led to it."
    ),
    "check_ins": msgid("Bookings that were let in at the door."),
    "leads": msgid(
        "Families with whom a conversation was noted at a stand, with their consent. Each family counts once."
    ),
    **dict.fromkeys(("visit_trips", "jobs", "houses", "moved", "stayed_12", "stayed_24"), _TOLD),
    "each": msgid(
        "The cost divided by the figure. Left out where nothing was counted, or where costs are in several currencies."
    ),
}
"""What each figure counts: said where it is opened, and in the report. `each` is the cost of one."""

"""The words of the audit in people's languages: what was touched, and what was done with it.

An entry says `event.rules_changed`; both halves are looked up in the context `audit`, where "set" and "link" mean one
thing.
"""

from __future__ import annotations


def context(_: str, word: str) -> str:
    """Mark a word for the catalogues, in its context."""
    return word


WORDS = frozenset(
    {
        context("audit", "accepted"),
        context("audit", "account"),
        context("audit", "added"),
        context("audit", "approved"),
        context("audit", "asked again"),
        context("audit", "attendees"),
        context("audit", "booking"),
        context("audit", "bookings"),
        context("audit", "campaign"),
        context("audit", "cancelled"),
        context("audit", "capacity"),
        context("audit", "changed"),
        context("audit", "checked in"),
        context("audit", "closed"),
        context("audit", "confirmed"),
        context("audit", "copied"),
        context("audit", "corrected"),
        context("audit", "cost"),
        context("audit", "counted"),
        context("audit", "created"),
        context("audit", "data taken"),
        context("audit", "dead letter"),
        context("audit", "delivery"),
        context("audit", "done"),
        context("audit", "drafted"),
        context("audit", "edited"),
        context("audit", "entered"),
        context("audit", "erased"),
        context("audit", "event"),
        context("audit", "exported"),
        context("audit", "group"),
        context("audit", "imported"),
        context("audit", "invitation"),
        context("audit", "lead"),
        context("audit", "left out"),
        context("audit", "link"),
        context("audit", "login"),
        context("audit", "made for somebody"),
        context("audit", "made"),
        context("audit", "member added"),
        context("audit", "member changed"),
        context("audit", "member removed"),
        context("audit", "member"),
        context("audit", "message"),
        context("audit", "moved"),
        context("audit", "offered by hand"),
        context("audit", "opened"),
        context("audit", "operator set"),
        context("audit", "others revoked"),
        context("audit", "outcome"),
        context("audit", "partner"),
        context("audit", "password"),
        context("audit", "placed"),
        context("audit", "placement"),
        context("audit", "plan"),
        context("audit", "planned"),
        context("audit", "pool"),
        context("audit", "programme"),
        context("audit", "published"),
        context("audit", "question"),
        context("audit", "reach"),
        context("audit", "recovery codes"),
        context("audit", "refused"),
        context("audit", "removed"),
        context("audit", "renewed"),
        context("audit", "repainted"),
        context("audit", "replayed"),
        context("audit", "reset"),
        context("audit", "resized"),
        context("audit", "retention"),
        context("audit", "revoked"),
        context("audit", "roles set"),
        context("audit", "rules changed"),
        context("audit", "rules dropped"),
        context("audit", "run"),
        context("audit", "second factor"),
        context("audit", "selection"),
        context("audit", "sent"),
        context("audit", "session"),
        context("audit", "set"),
        context("audit", "shared"),
        context("audit", "shift"),
        context("audit", "shifted"),
        context("audit", "slot"),
        context("audit", "slots"),
        context("audit", "stand"),
        context("audit", "status set"),
        context("audit", "task"),
        context("audit", "template"),
        context("audit", "ticket"),
        context("audit", "token"),
        context("audit", "told again"),
        context("audit", "unshared"),
        context("audit", "visitor"),
        context("audit", "withdrawn"),
        context("audit", "working group"),
    }
)


def halves(action: str) -> list[str]:
    """`event.rules_changed` as `event` and `rules changed`."""
    return [half.replace("_", " ").replace("-", " ") for half in action.split(".", 1)]

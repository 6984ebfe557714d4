"""notifications: what we tell them. Planned from facts, written from the newest state when sent, never sent twice by
itself."""

from __future__ import annotations

from datetime import timedelta

from notifications import api, claims, composing, host_mails, pages, sending, shifts, written
from notifications.facts import DeliverySettled
from notifications.reactions import REACTIONS
from services.routes import ANY_ROLE, PUBLIC, Role, Route, roles
from services.service import Check, NavigationItem, Panel, Retention, Service, Task

CONSOLE = "/{lang}/console/{programme}"
API = "/api/v1/programmes/{programme}"
READERS = roles(Role.ORGANISER, Role.MARKETING)
ORGANISERS = roles(Role.ORGANISER)
SEE = frozenset({Role.OWNER, Role.ORGANISER, Role.MARKETING})

SERVICE = Service(
    name="notifications",
    purpose="what we tell them: templates, schedules, deliveries, preferences",
    order=50,
    facts=(DeliverySettled,),
    routes=(
        Route("GET", "/{lang}/preferences/{token}", pages.preferences, PUBLIC),
        Route("POST", "/{lang}/preferences/{token}", pages.save_preferences, PUBLIC),
        Route("GET", "/u/{token}", pages.unsubscribe_page, PUBLIC),
        Route("POST", "/u/{token}", pages.unsubscribe, PUBLIC, stranger=True),
        Route("GET", f"{CONSOLE}/deliveries/new", composing.show, ORGANISERS),
        Route("POST", f"{CONSOLE}/deliveries/new", composing.send, ORGANISERS, timeout=120),
        Route("GET", f"{CONSOLE}/deliveries", pages.deliveries, READERS),
        Route("GET", f"{CONSOLE}/deliveries/-/hosts", host_mails.listed, ORGANISERS),
        Route("POST", f"{CONSOLE}/deliveries/-/hosts/{{mail}}/again", host_mails.tell_again, ORGANISERS),
        Route("GET", f"{CONSOLE}/deliveries/-/messages/{{message}}", written.show, ORGANISERS),
        Route("POST", f"{CONSOLE}/deliveries/-/messages/{{message}}/stop", written.stop, ORGANISERS, timeout=120),
        Route("GET", f"{CONSOLE}/deliveries/{{delivery}}", pages.delivery, READERS),
        Route("POST", f"{CONSOLE}/deliveries/{{delivery}}/again", pages.ask_again, ORGANISERS),
        Route("GET", f"{CONSOLE}/panels/deliveries", pages.panel, ANY_ROLE),
        Route(
            "GET",
            f"{API}/deliveries/{{delivery}}",
            api.show_delivery,
            READERS,
            "Show a delivery with its history",
            answers=api.DeliveryAnswer,
        ),
        Route(
            "POST",
            f"{API}/deliveries/{{delivery}}/again",
            api.ask_again,
            ORGANISERS,
            "Send a failed or unknown one again",
            answers=api.Asked,
        ),
    ),
    reactions=REACTIONS,
    tasks=(
        Task("send", timedelta(seconds=2), sending.send_due),
        Task("tell-hosts", timedelta(seconds=5), shifts.send_due),
        Task("forget-shift-letters", timedelta(days=1), shifts.forget),
        Task("claims", timedelta(minutes=1), claims.give_up_claims),
        Task("forget", timedelta(days=1), sending.forget_deliveries),
    ),
    navigation=(NavigationItem("Deliveries", "deliveries", "deliveries", SEE, 70),),
    panels=(Panel("deliveries", "Messages", SEE, 70),),
    retention=(
        Retention(
            "deliveries", "Which message we sent you, without name or address: two years, to answer for it.", "forget"
        ),
        Retention("messages", "What an organiser wrote to visitors: two years, with the log of who got it.", "forget"),
        Retention(
            "shift-letters",
            "Which shifts we told you of as a host: half a year after the shift.",
            "forget-shift-letters",
        ),
        Retention("with-visitor", "What you chose to hear from us: as long as we keep your name."),
    ),
    checks=(Check("deliveries-late", "No delivery is due for more than five minutes.", sending.count_late),),
)

"""Every address of identity, and who may go there. Read this first."""

from __future__ import annotations

from services.http.pagination import Page, Paging
from services.identity import api
from services.identity.pages import account, api_tokens, entry, links, people, second_factor, system
from services.routes import ANY_ROLE, OPERATOR, PUBLIC, SIGNED_IN, Role, Route, roles
from services.service import NavigationItem

OWNER = roles(Role.OWNER)
CONSOLE = "/{lang}/console/{programme}/people"
PROGRAMME = "/api/v1/programmes/{programme}"

ENTRY = (
    Route("GET", "/{lang}/login", entry.show_login, PUBLIC),
    Route("POST", "/{lang}/login", entry.log_in, PUBLIC),
    Route("POST", "/{lang}/login/code", entry.give_code, PUBLIC),
    Route("POST", "/{lang}/logout", entry.log_out, SIGNED_IN),
    Route("GET", "/{lang}/setup", entry.show_setup, PUBLIC),
    Route("POST", "/{lang}/setup", entry.set_up, PUBLIC),
    Route("GET", "/{lang}/forgot", links.show_forgot, PUBLIC),
    Route("POST", "/{lang}/forgot", links.ask_reset, PUBLIC),
    Route("GET", "/{lang}/forgot/sent", links.reset_asked, PUBLIC),
    Route("GET", "/{lang}/reset/{token}", links.show_reset, PUBLIC),
    Route("POST", "/{lang}/reset/{token}", links.reset, PUBLIC),
    Route("GET", "/{lang}/invitation/{token}", links.show_invitation, PUBLIC),
    Route("POST", "/{lang}/invitation/{token}", links.accept_invitation, PUBLIC),
)

ACCOUNT = (
    Route("GET", "/{lang}/account", account.show, SIGNED_IN),
    Route("POST", "/{lang}/account", account.save, SIGNED_IN),
    Route("POST", "/{lang}/account/programmes/{id}/leave", account.leave_programme, SIGNED_IN),
    Route("GET", "/{lang}/account/security", account.show_security, SIGNED_IN),
    Route("POST", "/{lang}/account/password", account.change_password, SIGNED_IN),
    Route("POST", "/{lang}/account/sessions/end-others", account.end_other_sessions, SIGNED_IN),
    Route("POST", "/{lang}/account/sessions/{session}/end", account.end_session, SIGNED_IN),
    Route("GET", "/{lang}/account/second-factor", second_factor.show, SIGNED_IN),
    Route("POST", "/{lang}/account/second-factor", second_factor.confirm, SIGNED_IN),
    Route("POST", "/{lang}/account/second-factor/start", second_factor.start, SIGNED_IN),
    Route("POST", "/{lang}/account/second-factor/codes", second_factor.renew_codes, SIGNED_IN),
    Route("POST", "/{lang}/account/second-factor/remove", second_factor.remove, SIGNED_IN),
    Route("GET", "/{lang}/account/tokens", api_tokens.show, SIGNED_IN),
    Route("POST", "/{lang}/account/tokens", api_tokens.create, SIGNED_IN),
    Route("POST", "/{lang}/account/tokens/{token}/revoke", api_tokens.revoke, SIGNED_IN),
    Route("GET", "/{lang}/account/erase", account.show_erase, SIGNED_IN),
    Route("POST", "/{lang}/account/erase", account.erase, SIGNED_IN),
)

PEOPLE = (
    Route("GET", CONSOLE, people.show, ANY_ROLE),
    Route("GET", f"{CONSOLE}/invite", people.show_invite, OWNER),
    Route("POST", f"{CONSOLE}/invite", people.invite, OWNER),
    Route("POST", f"{CONSOLE}/invitations/{{invitation}}/again", people.send_again, OWNER),
    Route("POST", f"{CONSOLE}/invitations/{{invitation}}/withdraw", people.withdraw, OWNER),
    Route("GET", f"{CONSOLE}/tokens", people.show_tokens, OWNER),
    Route("POST", f"{CONSOLE}/tokens/{{token}}/revoke", people.revoke_token, OWNER),
    Route("GET", f"{CONSOLE}/history", people.show_history, OWNER),
    Route("GET", f"{CONSOLE}/{{account}}", people.show_person, OWNER),
    Route("POST", f"{CONSOLE}/{{account}}", people.change_roles, OWNER),
    Route("POST", f"{CONSOLE}/{{account}}/remove", people.remove, OWNER),
)

SYSTEM = (
    Route("GET", "/{lang}/system", system.show, OPERATOR),
    Route("GET", "/{lang}/system/{service}", system.show_service, OPERATOR),
    Route("POST", "/{lang}/system/{service}/dead-letters/{letter}/replay", system.replay, OPERATOR),
)

API = (
    Route("GET", "/api/v1/me", api.me, SIGNED_IN, "Who is asking, and what they may do", answers=api.Me),
    Route("DELETE", "/api/v1/me/token", api.revoke_self, SIGNED_IN, "End the token that asks", status=204),
    Route("GET", f"{PROGRAMME}/people", api.people, OWNER, "The people of a programme", answers=api.People),
    Route(
        "PUT",
        f"{PROGRAMME}/people/{{account}}",
        api.set_roles,
        OWNER,
        "Give a person exactly these roles",
        body=api.Roles,
        answers=api.Person,
    ),
    Route("DELETE", f"{PROGRAMME}/people/{{account}}", api.remove, OWNER, "Remove a person", status=204),
    Route("GET", f"{PROGRAMME}/invitations", api.invitations, OWNER, "The open invitations", answers=api.Invitations),
    Route(
        "POST",
        f"{PROGRAMME}/invitations",
        api.invite,
        OWNER,
        "Invite someone by mail; an open invitation is sent anew",
        body=api.Invite,
        answers=api.Invitation,
        status=201,
    ),
    Route(
        "DELETE",
        f"{PROGRAMME}/invitations/{{invitation}}",
        api.withdraw,
        OWNER,
        "Take an invitation back",
        status=204,
    ),
    Route("GET", f"{PROGRAMME}/tokens", api.list_tokens, OWNER, "The programs with access", answers=api.Tokens),
    Route("DELETE", f"{PROGRAMME}/tokens/{{token}}", api.revoke_token, OWNER, "End a program's access", status=204),
    Route(
        "GET",
        f"{PROGRAMME}/audit",
        api.history,
        OWNER,
        "Who did what, the newest first",
        query=Paging,
        answers=Page[api.Entry],
    ),
)

ROUTES = (*ENTRY, *ACCOUNT, *PEOPLE, *SYSTEM, *API)

NAVIGATION = (NavigationItem("People and roles", "people", "person-rectangle", frozenset(Role), order=80),)

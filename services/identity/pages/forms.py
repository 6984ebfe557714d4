"""What is typed on identity's pages, and how a command's refusal gets back beside the input it is about."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.http.call import Call
from services.http.problems import Invalid, NotFound, Problem, TooMany
from services.identity.login import Visitor
from services.identity.sessions import device_cookie_name
from services.pages.forms import Form
from services.routes import Role

Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(lambda name: " ".join(name.split())),
]
"""On one line, as it stands in lists and in the headers of mails."""
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
"""As typed; whether it is a good one is judged in `passwords`."""
Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]


class LoginForm(BaseModel):
    email: Email
    password: Password
    next: str = ""


class CodeForm(BaseModel):
    code: Code
    note: str = Field(max_length=400)
    next: str = ""


class ForgotForm(BaseModel):
    email: Email


class NewPasswordForm(BaseModel):
    password: Password


class SetupForm(BaseModel):
    setup_code: str = Field(max_length=200)
    name: Name
    email: Email
    password: Password


class JoinForm(BaseModel):
    name: Name
    password: Password


class ProfileForm(BaseModel):
    name: Name
    language: str


class ChangePasswordForm(BaseModel):
    current: Password
    password: Password


class ConfirmForm(BaseModel):
    """The password again, before something that a borrowed laptop must not do."""

    current: Password


class TypedCodeForm(BaseModel):
    code: Code


class TokenForm(BaseModel):
    programme: UUID
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    roles: list[Role] = Field(default=[], min_length=1, validate_default=True)
    reach: str = Field(pattern="^(read|write)$")
    services: list[str] = []
    """Where the token reaches; nowhere named is everywhere."""
    days: int = Field(ge=1, le=366)


class InviteForm(BaseModel):
    email: Email
    roles: list[Role] = Field(default=[], min_length=1, validate_default=True)
    language: str


class RolesForm(BaseModel):
    roles: list[Role] = Field(default=[], min_length=1, validate_default=True)


def again(call: Call, template: str, form: Form[Any], problem: Problem | None = None, **values: Any) -> web.Response:
    """Show the form again: with what `problem` says beside its fields, or above the form where it names none."""
    if problem is None:
        return call.form_page(template, form, **values)
    if isinstance(problem, Invalid):
        for one in problem.fields:
            form.fail(one.field, call.translate(one.sentence))
    else:
        form.fail("form", problem.said(call.translate)[1])
    status = problem.status if isinstance(problem, TooMany) else 422
    return call.page(template, status=status, headers=problem.headers, form=form, **values)


def identifier(call: Call, name: str, what: str) -> UUID:
    """The id in the path; `NotFound` for what is none."""
    try:
        return UUID(call.path(name))
    except ValueError:
        raise NotFound(what) from None


def visitor(call: Call) -> Visitor:
    """The browser that asks to be let in."""
    return Visitor(
        client=call.client,
        user_agent=call.request.headers.get("User-Agent", ""),
        session_id=call.principal.session_id,
        device=call.request.cookies.get(device_cookie_name(call.context.settings.secure), ""),
    )

"""What went wrong, as an exception a handler raises and an answer the caller understands.

    raise NotFound("event")
    raise Conflict("slot-full", msgid("This time was just taken. Choose another."))
    raise Invalid({"household.adults": msgid("Bring at least one adult.")})

Below /api/ a problem is answered as RFC 9457 `application/problem+json`, elsewhere as a page. Sentences are English
msgids with named values, translated where they are shown; one that is already translated passes through unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from services.pages.languages import Translate, msgid

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field. `field` is its path with dots (`household.0.age`), empty for the body as a whole; `code` is
    pydantic's error type or ours."""

    field: str
    sentence: str
    code: str = "invalid"

    @property
    def pointer(self) -> str:
        """The field as a JSON pointer fragment (RFC 6901, section 6); the whole body is `#`."""
        if not self.field:
            return "#"
        parts = (part.replace("~", "~0").replace("/", "~1") for part in self.field.split("."))
        return "#/" + "/".join(parts)


class Problem(Exception):
    """Anything answered with a 4xx or 5xx on purpose. `values` fill the named places of both sentences."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        fields: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        """Stable, for programs: `slot-full`. Part of the problem's type."""
        self.title = title
        self.detail = detail
        self.fields = fields
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        """Further members of the JSON answer."""
        self.values = values

    def said(self, translate: Translate) -> tuple[str, str]:
        """Title and detail in the reader's language."""
        return translate(self.title, **self.values), translate(self.detail, **self.values) if self.detail else ""

    def body(self, translate: Translate, *, types: str, request_id: str) -> dict[str, Any]:
        """The problem as RFC 9457 has it; `types` is the address of the page that explains the types."""
        title, detail = self.said(translate)
        found: dict[str, Any] = {
            "type": f"{types}#{self.code}",
            "title": title,
            "status": self.status,
            "code": self.code,
        }
        if detail:
            found["detail"] = detail
        if request_id:
            found["instance"] = f"urn:request:{request_id}"
        if self.fields:
            found["errors"] = [
                {
                    "field": one.field,
                    "pointer": one.pointer,
                    "code": one.code,
                    "detail": translate(one.sentence, **self.values),
                }
                for one in self.fields
            ]
        return {**self.extra, **found}


class NotFound(Problem):
    """There is no such thing, or the caller may not know that there is. `what` names its kind: `event`."""

    def __init__(self, what: str = "page") -> None:
        super().__init__(
            404,
            "not-found",
            msgid("We could not find this"),
            msgid("The address may be mistyped, or what was here has been removed."),
            extra={"what": what},
        )


class Unauthorized(Problem):
    """Nobody, or nobody we know, is asking (RFC 9110, section 15.5.2)."""

    def __init__(self, detail: str = msgid("Log in, or send a valid API token.")) -> None:
        super().__init__(
            401, "not-logged-in", msgid("Log in first"), detail, headers={"WWW-Authenticate": 'Bearer realm="blest"'}
        )


class Forbidden(Problem):
    """We know who is asking, and they may not."""

    def __init__(
        self,
        detail: str = msgid("Your role does not allow this. An owner of the programme can change that."),
        **values: Any,
    ) -> None:
        super().__init__(403, "forbidden", msgid("You may not do this"), detail, **values)


class Conflict(Problem):
    """The thing's state does not allow it now. `code` is stable, `sentence` says what to do."""

    def __init__(self, code: str, sentence: str, **values: Any) -> None:
        super().__init__(409, code, msgid("This cannot be done now"), sentence, **values)


class Invalid(Problem):
    """Input that cannot be used: field → sentence. All wrong fields at once."""

    def __init__(self, errors: Mapping[str, str] | tuple[FieldError, ...], *, status: int = 422) -> None:
        fields = (
            tuple(FieldError(name, sentence) for name, sentence in errors.items())
            if isinstance(errors, Mapping)
            else errors
        )
        super().__init__(
            status,
            "invalid",
            msgid("Something is missing or wrong"),
            msgid("Nothing was stored. See the fields named."),
            fields=fields,
        )


class BadRequest(Problem):
    """The request itself cannot be read: broken JSON, a wrong encoding, a malformed header."""

    def __init__(self, code: str, sentence: str, *, status: int = 400, **values: Any) -> None:
        super().__init__(status, code, msgid("We could not read this request"), sentence, **values)


class TooLarge(Problem):
    """More bytes than the route takes."""

    def __init__(self, largest: int) -> None:
        super().__init__(
            413,
            "too-large",
            msgid("This is too much at once"),
            msgid("Send at most {kilobytes} kB."),
            headers={"Connection": "close"},
            kilobytes=largest // 1024,
        )


class TooMany(Problem):
    """The caller asks too often; `retry_after` in seconds."""

    def __init__(self, retry_after: float) -> None:
        seconds = max(1, ceil(retry_after))
        super().__init__(
            429,
            "too-many-requests",
            msgid("Too many tries"),
            msgid("Wait {seconds} seconds, then try again."),
            headers={"Retry-After": str(seconds)},
            seconds=seconds,
        )


class Gone(Problem):
    """It was here and will not come back."""

    def __init__(self, sentence: str = msgid("What was here has been removed for good."), **values: Any) -> None:
        super().__init__(410, "gone", msgid("This is no longer here"), sentence, **values)


class Unavailable(Problem):
    """We cannot answer just now; `retry_after` in seconds."""

    def __init__(self, retry_after: float = 5, *, code: str = "unavailable") -> None:
        super().__init__(
            503,
            code,
            msgid("We cannot answer just now"),
            msgid("Try again in a moment. If you sent something, look first whether it has arrived."),
            headers={"Retry-After": str(max(1, ceil(retry_after)))},
        )


class Unexpected(Problem):
    """An error of ours. Says nothing but the number under which our log has it."""

    def __init__(self, request_id: str) -> None:
        super().__init__(
            500,
            "error",
            msgid("Something went wrong on our side"),
            msgid(
                "It has been noted under the number {request_id}. Try again; if it happens again, tell us the number."
            ),
            request_id=request_id,
        )

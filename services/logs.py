"""Logs: a JSON line per happening (plain words on a terminal), with request, message and service, and no person in it.

    _log = structlog.get_logger(__name__)
    _log.info("booked", booking_id=str(booking.id))

`request_id`, `message_id` and `service` are bound to the task by whoever starts the work. Paths, query strings, bodies
and addresses are never logged; what slips into an exception's message (a database quotes the row) is taken out.

Our own lines are written straight to the stream, which takes a third of the time that the standard library's way does;
lines of libraries come by that way and look the same.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from pydantic_core import PydanticSerializationError, to_json
from structlog.processors import NAME_TO_LEVEL
from structlog.typing import EventDict, ExcInfo, Processor

TREE = str(Path(__file__).resolve().parent.parent)

# What looks like a person or a secret, in the order in which it is looked for.
_PERSONAL = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"(?<![A-Za-z0-9])[a-zA-Z2-7]{26}(?![A-Za-z0-9])"), "<token>"),
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), r"\1 <token>"),
    (re.compile(r"(?<![\w.])(\d{1,3}\.){3}\d{1,3}(?![\w.])"), "<address>"),
    (re.compile(r"(?<![\w:])([0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F:]{1,4}(?![\w:])"), "<address>"),
    (re.compile(r"(?<![\w-])(\+|00)\d[\d ]{6,14}\d(?![\w-])"), "<phone>"),
    (re.compile(r"(\?)[^\s\"']+"), r"\1<query>"),
)


def redacted(text: str) -> str:
    """`text` without e-mail addresses, tokens, network addresses, telephone numbers and query strings."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


def described(error: BaseException) -> str:
    """An exception's type and what of its message may be kept.

    PostgreSQL's DETAIL quotes rows and pydantic quotes input, so of those only the codes are kept.
    """
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if hasattr(error, "sqlstate"):
        constraint = getattr(error, "constraint_name", None)
        return f"{name}: {error.sqlstate} {constraint or ''}".rstrip()
    if hasattr(error, "errors") and callable(error.errors):
        try:
            places = ", ".join(f"{'.'.join(map(str, one['loc']))} ({one['type']})" for one in error.errors())
        except (KeyError, TypeError):
            places = ""
        return f"{name}: {places}".rstrip(": ")
    return redacted(f"{name}: {error}".rstrip(": "))


def formatted(error: BaseException) -> str:
    """A traceback of file, line and function, without the values of variables; causes first, as Python prints them."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        lines = [
            f"  {frame.filename.removeprefix(TREE).lstrip('/')}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(one.__traceback__)
        ]
        inside = [formatted(each) for each in one.exceptions] if isinstance(one, BaseExceptionGroup) else []
        parts.append("\n".join([*lines, described(one), *inside]))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n-- which led to --\n".join(reversed(parts))


def _as_json(event: EventDict, **_: Any) -> str:
    try:
        return to_json(event, fallback=repr).decode()
    except PydanticSerializationError:  # half a surrogate pair, which the slower way writes as it is
        return json.dumps(event, default=repr)


BOUND: ContextVar[Mapping[str, str]] = ContextVar("bound", default=MappingProxyType({}))
"""What every line of the present block says. One variable for all: structlog's own has one for each name, and asks all
that there are for each line."""


_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
_PROCESSORS: list[Processor] = []


def _loud_enough(level: int) -> Processor:
    """Drops what is below `level`."""

    def drop(_: Any, name: str, event: EventDict) -> EventDict:
        if NAME_TO_LEVEL[name] < level:
            raise structlog.DropEvent
        return event

    return drop


def _bound(_: Any, __: str, event: EventDict) -> EventDict:
    return {**BOUND.get(), **event}


def _exceptions(_: Any, __: str, event: EventDict) -> EventDict:
    given: ExcInfo | BaseException | bool | None = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()  # type: ignore[assignment]
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = formatted(error)
    return event


def _name(logger: Any, _: str, event: EventDict) -> EventDict:
    event["logger"] = logger.name
    return event


def _redact(_: Any, __: str, event: EventDict) -> EventDict:
    """The last look, for lines that came from libraries: their messages are not ours to trust."""
    if event.get("_from_structlog") is False or "error" in event:
        for name in ("event", "error"):
            if isinstance(event.get(name), str):
                event[name] = redacted(event[name])
    return event


def configure(kind: str, *, to: TextIO | None = None, level: int = logging.INFO) -> None:
    """Set up structlog and the standard library's loggers, once per process. `kind` is json or plain; `to` is stderr
    where it is not said."""
    stamped: list[Processor] = [_STAMP, _exceptions]
    renderer: Processor = (
        structlog.processors.JSONRenderer(_as_json)
        if kind == "json"
        else structlog.dev.ConsoleRenderer(colors=_terminal(to))
    )
    handler = logging.StreamHandler(to) if to else _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                _bound,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                *stamped,
                structlog.stdlib.PositionalArgumentsFormatter(),
            ],
            processors=[_redact, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(_was_http)
    for noisy in ("aiohttp.access", "nats", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    _Lines.handler, _Lines.level, _Lines.as_json = handler, level, kind == "json"
    _PROCESSORS[:] = [
        _loud_enough(level),
        _bound,
        structlog.processors.add_log_level,
        _name,
        *stamped,
        _redact,
        renderer,
    ]
    # Loggers are made once and keep this list, so it is its content that changes: to make a logger takes as long as to
    # write its line.
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _was_http(record: logging.LogRecord) -> bool:
    """aiohttp logs what is no HTTP as errors of the server; to us it is weather, answered 400 and not worth a line."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


class Line:
    """A line that is written thousands of times a second: what is the same in all of them is spelled out once.

    _REQUEST = logs.Line("services.http", "info", "request", route="/livez", status=200)
    _REQUEST.write(ms=0.3)
    """

    __slots__ = ("_head", "_level", "_name", "_values")

    def __init__(self, name: str, level: str, event: str, **values: Any) -> None:
        self._name, self._level, self._values = name, level, {"event": event, **values}
        self._head = _as_json({**values, "event": event, "level": level, "logger": name})[:-1] + ","

    def write(self, **values: Any) -> None:
        """Write it with what is of this moment; `values` hold no words of people, since nothing is taken out here."""
        if not _Lines.as_json:
            getattr(structlog.get_logger(self._name), self._level)(**self._values, **values)
        elif NAME_TO_LEVEL[self._level] >= _Lines.level:
            rest = _STAMP(None, self._level, {**BOUND.get(), **values})
            _Lines(self._name).write(self._head + _as_json(rest)[1:])


class _Lines:
    """Where the lines of one of our loggers go: to the stream of the handler that writes the libraries'."""

    handler: logging.StreamHandler[TextIO]
    level = logging.INFO
    as_json = False

    def __init__(self, name: str = "") -> None:
        self.name = name

    def write(self, line: str) -> None:
        handler = self.handler
        with handler.lock or nullcontext():
            stream = handler.stream
            stream.write(line + "\n")
            if not getattr(stream, "line_buffering", False):
                handler.flush()

    debug = info = warning = error = critical = exception = write


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is when a line is written: a test runner changes it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _terminal(to: TextIO | None) -> bool:
    return bool(getattr(to or sys.stderr, "isatty", lambda: False)())


class bound:  # noqa: N801 - it is written like a function, and as a class takes a third of the time
    """Bind `request_id`, `message_id`, `service` … to every line of the block."""

    __slots__ = ("_before", "_values")

    def __init__(self, **values: str) -> None:
        self._values = values

    def __enter__(self) -> None:
        self._before = BOUND.set({**BOUND.get(), **self._values})

    def __exit__(self, *_: object) -> None:
        BOUND.reset(self._before)

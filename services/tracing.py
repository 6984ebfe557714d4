"""Traces across HTTP, outbox and consumers, with the OpenTelemetry API alone: an operator's agent brings the rest.

A request continues the caller's `traceparent` (W3C Trace Context), facts carry it in their headers, reactions continue
it. Spans hold the route's template and never a path, an address or a body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import default_getter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACER = trace.get_tracer("blest")
_PROPAGATOR = TraceContextTextMapPropagator()
"""Only `traceparent`: baggage from strangers would travel into our logs."""
MOST_LINKS = 128
"""Of one span, as OpenTelemetry's own limit is."""


def traceparent() -> str | None:
    """The present span's `traceparent`, to be put into an outbox row's headers; None outside any trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(
    name: str,
    kind: SpanKind,
    parent: str | None,
    attributes: Mapping[str, str | int] | None = None,
    linked: Sequence[str] = (),
) -> Iterator[Span]:
    """A span that continues `parent` and is linked to the spans `linked` (each a `traceparent`; malformed ones are
    ignored). An exception marks it as failed."""
    if parent is None and not _somebody_records():
        # Nobody records and nothing is continued: a third of what everything around a request takes would be for it.
        yield trace.INVALID_SPAN
        return
    context = _extracted(parent)
    with TRACER.start_as_current_span(
        name,
        context=context,
        kind=kind,
        attributes=dict(attributes or {}),
        links=[trace.Link(trace.get_current_span(_extracted(one)).get_span_context()) for one in linked[:MOST_LINKS]],
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except Exception as error:
            # The type alone: messages of exceptions may quote what people typed.
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


@cache
def _somebody_records() -> bool:
    """Whether there is an operator's agent: it comes before the first span. Asked once, since OpenTelemetry looks into
    the environment each time, which takes as long as a tenth of what everything around a request does."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _extracted(parent: str | None) -> Context:
    return _PROPAGATOR.extract({"traceparent": parent} if parent else {}, getter=default_getter)


_UNRECORDED = nullcontext(trace.INVALID_SPAN)


def server_span(method: str, route: str, parent: str | None) -> AbstractContextManager[Span]:
    """The span of one HTTP request."""
    if parent is None and not _somebody_records():
        return _UNRECORDED
    return span(f"{method} {route}", SpanKind.SERVER, parent, {"http.request.method": method, "http.route": route})


def consumer_span(
    consumer: str, subject: str, parent: str | None, message_id: str, linked: Sequence[str] = ()
) -> AbstractContextManager[Span]:
    """The span of one delivery; `subject` without the aggregate's id."""
    return span(
        f"process {consumer}",
        SpanKind.CONSUMER,
        parent,
        {"messaging.system": "nats", "messaging.destination.name": subject, "messaging.message.id": message_id},
        linked,
    )


def answered(opened: Span, status: int) -> None:
    """Note an HTTP answer's status; a 5xx marks the span as failed (4xx is the caller's)."""
    opened.set_attribute("http.response.status_code", status)
    if status >= 500:
        opened.set_status(Status(StatusCode.ERROR))

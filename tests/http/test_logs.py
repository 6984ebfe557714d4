"""What is written down about requests, and what is not."""

from __future__ import annotations

import io
import json
import logging

import asyncpg
import pytest
import structlog
from opentelemetry import trace
from pydantic import BaseModel, EmailStr, ValidationError

from services import logs, tracing
from tests.http.wire import spoken


@pytest.fixture
def written():
    """The JSON lines written during the test."""
    stream = io.StringIO()
    logs.configure("json", to=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.configure("plain")


async def test_a_request_is_one_line_with_its_number_and_its_routes_template(browser, written):
    await browser.get("/nb/houses/secret-token?via=secret", headers={"X-Request-ID": "request-1234"})
    (line,) = written()
    assert line["event"] == "request"
    assert line["route"] == "/{lang}/houses/{slug}"
    assert (line["method"], line["status"], line["service"], line["request_id"]) == (
        "GET",
        200,
        "events",
        "request-1234",
    )
    assert line["ms"] >= 0
    assert "secret" not in json.dumps(written())
    assert "127.0.0.1" not in json.dumps(written())


async def test_health_is_asked_too_often_for_a_line(browser, written):
    await browser.get("/livez")
    assert written() == []


async def test_an_error_is_logged_with_its_place_and_the_requests_number(browser, written):
    browser.village.fail_with = KeyError("ada@example.org")
    response = await browser.get("/api/v1/raise")
    error, request = written()
    assert error["level"] == "error"
    assert error["request_id"] == request["request_id"] == response.headers["X-Request-ID"]
    assert "tests/http/village.py" in error["exception"]
    assert "raise_what_is_asked" in error["exception"]
    assert "ada@example.org" not in error["exception"]
    assert request["status"] == 500


class Visitor(BaseModel):
    name: str
    email: EmailStr
    age: int


def test_what_people_typed_is_not_in_the_log():
    with pytest.raises(ValidationError) as caught:
        Visitor.model_validate({"email": "ada@", "age": "secretly old"})
    said = logs.formatted(caught.value)
    assert "name (missing)" in said and "age (int_parsing)" in said
    assert "ada" not in said and "secretly" not in said


def test_the_row_that_a_database_refused_is_not_in_the_log():
    error = asyncpg.UniqueViolationError("duplicate key value: ada@example.org")
    error.__dict__.update(detail="Key (email)=(ada@example.org) already exists.", constraint_name="accounts_email")
    assert logs.described(error) == "asyncpg.exceptions.UniqueViolationError: 23505 accounts_email"


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("no mail to ada.lovelace+x@post.example.no today", "no mail to <e-mail> today"),
        ("token abcdefghijklmnopqrstuvwxyz seen", "token <token> seen"),
        ("Authorization: Bearer blest_x.y-z", "Authorization: Bearer <token>"),
        ("from 192.0.2.7 and 2001:db8:1:2:3:4:5:6", "from <address> and <address>"),
        ("call +47 912 34 567 now", "call <phone> now"),
        ("GET /nb/x?via=abc&y=1 failed", "GET /nb/x?<query> failed"),
        ("took 1.25 s at 2026-11-23T08:36:32", "took 1.25 s at 2026-11-23T08:36:32"),
        ("0190a3c4-7d2e-7000-8000-000000000000", "0190a3c4-7d2e-7000-8000-000000000000"),
        ("version 1.2.3", "version 1.2.3"),
    ],
)
def test_people_and_secrets_are_taken_out_of_messages(text, instead):
    assert logs.redacted(text) == instead


def test_lines_of_libraries_are_in_the_same_form_and_redacted(written):
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "192.0.2.7")
    (line,) = written()
    assert line["event"] == "Error handling request from <address>"
    assert (line["level"], line["logger"]) == ("error", "aiohttp.server")


async def test_what_is_no_http_is_not_worth_a_line(browser, written):
    await spoken(browser, b"nonsense\r\n\r\n")
    await spoken(browser, b"GET /nb/houses/x HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n")
    assert written() == []


def test_causes_are_told_in_their_order(written):
    try:
        try:
            raise ValueError("first")
        except ValueError as error:
            raise RuntimeError("second") from error
    except RuntimeError:
        structlog.get_logger("x").exception("failed")
    (line,) = written()
    assert line["exception"].index("ValueError: first") < line["exception"].index("RuntimeError: second")


def test_whatever_is_told_is_written(written):
    structlog.get_logger("test").info("told", half="\udc80", raw=b"\xff", thing=object)
    (line,) = written()
    assert line["half"] == "\udc80"
    assert "xff" in line["raw"]
    assert "object" in line["thing"]


def test_bound_values_are_on_every_line_of_the_block(written):
    log = structlog.get_logger("x")
    with logs.bound(message_id="m-1", service="events"):
        log.info("inside")
    log.info("outside")
    inside, outside = written()
    assert (inside["message_id"], inside["service"]) == ("m-1", "events")
    assert "message_id" not in outside


# Traces ---------------------------------------------------------------------------------------------------------------

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch):
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "TRACER", provider.get_tracer("blest"))
    yield exporter
    provider.shutdown()


async def test_a_request_continues_its_callers_trace(browser, spans):
    await browser.get("/nb/houses/secret-token?via=secret", headers={"traceparent": PARENT})
    (span,) = spans.get_finished_spans()
    assert span.name == "GET /{lang}/houses/{slug}"
    assert format(span.context.trace_id, "032x") == "0af7651916cd43dd8448eb211c80319c"
    assert format(span.parent.span_id, "016x") == "b7ad6b7169203331"
    assert span.attributes["http.response.status_code"] == 200
    assert "secret" not in str(dict(span.attributes))


async def test_a_failed_request_is_a_failed_span_without_words(browser, spans):
    browser.village.fail_with = KeyError("ada@example.org")
    await browser.get("/api/v1/raise", headers={"traceparent": "nonsense"})
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is trace.StatusCode.ERROR
    assert span.events == ()
    assert "ada@" not in str(span.to_json())


def test_a_trace_is_carried_from_a_fact_to_its_consumer(spans):
    with tracing.server_span("POST", "/x", PARENT):
        carried = tracing.traceparent()
    with tracing.consumer_span("campaigns-conversions", "registrations.booking.confirmed.v1", carried, "m-1"):
        pass
    request, delivery = spans.get_finished_spans()
    assert delivery.context.trace_id == request.context.trace_id
    assert delivery.parent.span_id == request.context.span_id


def test_outside_a_trace_there_is_nothing_to_carry():
    assert tracing.traceparent() is None


# Lines written thousands of times -------------------------------------------------------------------------------------


def test_a_prepared_line_says_what_any_other_would(written):
    with logs.bound(request_id="request-1234"):
        structlog.get_logger("services.x").info("passed", route='/a"b', status=200, ms=0.3)
        logs.Line("services.x", "info", "passed", route='/a"b', status=200).write(ms=0.3)
    usual, prepared = written()
    assert usual.keys() == prepared.keys()
    assert len(usual.pop("time")) == len(prepared.pop("time"))
    assert usual == prepared


def test_a_prepared_line_reads_the_same_on_a_terminal(capsys):
    logs.configure("plain")
    logs.Line("services.x", "info", "passed", status=200).write(ms=0.3)
    said = capsys.readouterr().err
    assert "passed" in said and "status=200" in said and "ms=0.3" in said


def test_loggers_that_have_spoken_heed_what_is_configured_later():
    log, line = structlog.get_logger("services.y"), logs.Line("services.y", "info", "prepared")
    first, second = io.StringIO(), io.StringIO()
    try:
        logs.configure("json", to=first, level=logging.WARNING)
        log.info("told")
        line.write()
        log.warning("told")
        logs.configure("json", to=second)
        log.info("told")
        line.write()
    finally:
        logs.configure("plain")
    assert [json.loads(one)["level"] for one in first.getvalue().splitlines()] == ["warning"]
    assert [json.loads(one)["event"] for one in second.getvalue().splitlines()] == ["told", "prepared"]

"""Every figure that `make bench` takes, in the order of the table."""

from __future__ import annotations

from benchmarks import bookings, redirects
from benchmarks.table import Benchmark

BENCHMARKS = (
    Benchmark(
        "redirects",
        "redirects, 64 connections, click durable before the answer",
        "/s",
        redirects.measure,
        at_least=0.40,
        aim=0.70,
        baseline="a bare aiohttp 302",
    ),
    Benchmark(
        "hot-slot",
        "bookings on one hot slot, 64 connections, everything included",
        "/s",
        bookings.hot_slot,
        at_least=0.20,
        aim=0.35,
        baseline="a bare aiohttp handler that decodes the same JSON",
    ),
    Benchmark(
        "many-slots",
        "bookings over 200 slots, 64 connections, everything included",
        "/s",
        bookings.many_slots,
        at_least=0.20,
        aim=0.35,
        baseline="a bare aiohttp handler that decodes the same JSON",
    ),
    Benchmark(
        "together",
        "bookings decided together, one hot slot, 64 connections",
        "/s",
        bookings.together,
        at_least=3,
        baseline="the same code with one transaction per booking",
    ),
)

"""How `blest run` ends while it has much to do, and when its PostgreSQL falls."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.setup.checkout import House, house

__all__ = ["house"]

pytestmark = [pytest.mark.all, pytest.mark.timeout(300)]

MOST = 5000
"""Requests that one asker makes at most."""


class Asker:
    """Asks for a page again and again, on a new connection each time, until nobody takes it in."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answers: list[int] = []
        self.cut: list[float] = []
        """When requests were sent (s, monotonic) to which no whole answer came."""

    def ask(self) -> None:
        for _ in range(MOST):
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
            try:
                connection.request("GET", "/nb", headers={"Connection": "close"})
            except OSError:
                return
            sent = time.monotonic()
            try:
                answer = connection.getresponse()
                answer.read()
                self.answers.append(answer.status)
            except (OSError, http.client.HTTPException):
                self.cut.append(sent)
            finally:
                connection.close()


def test_a_busy_house_ends_in_time_and_cuts_no_request_off(house: House) -> None:
    house.start()
    assert house.process is not None
    askers = [Asker(house.port) for _ in range(6)]
    with ThreadPoolExecutor(len(askers)) as pool:
        done = [pool.submit(asker.ask) for asker in askers]
        pause = threading.Event()
        while min(len(asker.answers) for asker in askers) < 10:
            assert not any(one.done() for one in done), "refused before the end"
            pause.wait(0.02)
        told = time.monotonic()
        house.process.send_signal(signal.SIGTERM)
        said, _ = house.process.communicate(timeout=15)
        assert time.monotonic() < told + 15
    assert house.process.returncode == 0, said
    assert "Traceback" not in said
    assert {status for asker in askers for status in asker.answers} == {200}
    assert [sent for asker in askers for sent in asker.cut if sent < told] == []


def test_a_killed_postgres_is_told_in_one_line_and_the_next_start_mends_it(house: House) -> None:
    house.start()
    house.leave_a_mark()
    assert house.process is not None
    os.kill(house.servers()[0], signal.SIGKILL)
    said, _ = house.process.communicate(timeout=15)
    assert house.process.returncode == 1
    _, _, after = said.partition("Ctrl-C ends everything.\n")
    [line] = after.split("\n\n")[-1].strip().splitlines() if after.strip() else []
    assert line.startswith("Error: PostgreSQL was ended by signal 9") and line.endswith("start again.")
    house.start()
    assert house.has_its_mark()

"""A fact that one consumer cannot take in: tried again ever later, set aside with its error, while the rest flows on;
handed in again when the cause is mended, it works once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID

from services import dead_letters
from services.dead_letters import Replay
from services.process import started
from services.registry import chosen
from tests.faults.history import Outcome
from tests.faults.load import Load
from tests.faults.world import World

CONSUMER = "campaigns-bookings"
SIZE = 9
"""Adults of the household that campaigns cannot count; nobody else comes with so many."""
CAUSE = "BL009"
"""The SQLSTATE; what a database says in words is kept out of dead letters, since it may quote people."""
TRAP = f"""
CREATE FUNCTION watch.trap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.adults = {SIZE} THEN RAISE EXCEPTION 'nobody counts nine' USING ERRCODE = '{CAUSE}'; END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON campaigns.conversions FOR EACH ROW EXECUTE FUNCTION watch.trap();
GRANT USAGE ON SCHEMA watch TO PUBLIC
"""
MEND = "DROP TRIGGER trap ON campaigns.conversions"
LETTERS = "SELECT id, message_id, error, deliveries FROM campaigns.dead_letters WHERE consumer = $1 ORDER BY id"
OTHERS = "SELECT count(*) AS many FROM watch.taken WHERE consumer = $1"
COUNTED = "SELECT count(*) AS many FROM campaigns.conversions WHERE kind = 'registration' AND adults = $1 AND counts"


class Poison:
    """One such fact in one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def lay(self, load: Load) -> None:
        """Break the consumer for households of nine, and let one book."""
        await self._world.order(TRAP)
        write = await load.book(adults=SIZE, wait=True)
        assert write.outcome is Outcome.ACKNOWLEDGED, load.strange
        load.spared.add(write.value)  # one fact is poison, and no second one follows it

    async def mended(self, within: float = 40.0) -> list[str]:
        """Wait for the dead letter, mend the cause and replay it, twice; what was not as it should be."""
        async with asyncio.timeout(within):
            while not (letters := await self._world.look(LETTERS, CONSUMER)):
                await asyncio.sleep(0.2)
        findings = []
        (row,) = await self._world.look(OTHERS, CONSUMER)
        if not row["many"]:
            findings.append(f"nothing else was taken in by {CONSUMER} while one fact was poison")
        [letter] = letters
        if CAUSE not in letter["error"]:
            findings.append(f"the dead letter does not say why: {letter['error']}")
        delays = self._delays(letter["message_id"])
        if len(delays) < 3 or delays != sorted(delays) or delays[-1] <= delays[0]:
            findings.append(f"the delays do not grow: {delays}")
        await self._world.order(MEND)
        async with started(self._world.settings(), chosen(["campaigns"]), background=False) as house:
            context = house.contexts["campaigns"]
            came = [await dead_letters.replay(context, letter["id"]) for _ in range(2)]
        if came != [Replay.HANDLED, Replay.ALREADY]:
            findings.append(f"replayed twice, the dead letter came to {[one.value for one in came]}")
        (row,) = await self._world.look(COUNTED, SIZE)
        if row["many"] != 1:
            findings.append(f"the household of nine is counted {row['many']} times after the replay")
        return findings

    def _delays(self, message: UUID) -> Sequence[float]:
        """Seconds until the next try, as the consumers' logs tell them, in order."""
        found = []
        for process in self._world.houses.of("campaigns"):
            for line in process.log.read_text().splitlines():
                if str(message) in line and line.startswith("{"):
                    said = json.loads(line)
                    if "again_in" in said and said.get("consumer") == CONSUMER:
                        found.append((said["time"], said["again_in"]))
        return [delay for _, delay in sorted(found)]

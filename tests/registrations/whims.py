"""Who may come to a random fair, and what they may ask for: visitors who cannot make up their minds."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st

from registrations.domain.records import EventRules, LinePolicy
from tests.registrations.ledgers import NOW

VISITORS = [UUID(int=100 + number) for number in range(14)]
FORMS = [UUID(int=200 + number) for number in range(4)]
HOUSEHOLDS = st.tuples(st.integers(1, 4), st.integers(0, 3))
PLACES = 7
"""Five slots of the fair, at two stands: one has two tables at one time and two at another, the other stands beside it
at the first; a session; and the homecoming day itself."""
APPLICATIONS = st.tuples(
    st.integers(0, len(VISITORS) - 1),
    st.integers(0, PLACES - 1),
    HOUSEHOLDS,
    st.sampled_from([None, None, None, *range(len(FORMS))]),
    st.integers(0, 31),
)
"""Who, where, how many, with which form, and how."""
RULES = st.builds(
    EventRules,
    line=st.sampled_from(LinePolicy),
    offer_for=st.just(timedelta(hours=24)),
    confirm_address=st.booleans(),
    approval=st.booleans(),
    change_until=st.sampled_from([None, timedelta(days=1)]),
    draw_at=st.sampled_from([None, None, NOW + timedelta(days=1)]),
)

"""The demo's visitors: they book, change their minds, come, talk, and some of them move here.

Everything is done by the service's own commands, on the day it happens; what a day brings is drawn from its own date.
"""

from __future__ import annotations

from datetime import date

from registrations.demo import booking, fairs, following
from registrations.demo.dice import dice
from registrations.demo.stage import Stage, stages
from services.context import Context


async def play(context: Context, day: date) -> None:
    """Play one day in every programme that has an event, or leads to follow up."""
    for stage in await stages(context, day):
        await _play(stage)


async def _play(stage: Stage) -> None:
    await booking.wonder(stage, dice(stage.day, stage.slug, "interest"))
    for event in stage.events:
        rolls = dice(stage.day, stage.slug, event.slug)
        if event.starts_on > stage.day:
            await booking.book(stage, event, rolls)
            await booking.change_minds(stage, event, rolls)
        elif event.ends_on >= stage.day:
            await fairs.receive(stage, event, rolls)
    await following.follow_up(stage, dice(stage.day, stage.slug, "leads"))

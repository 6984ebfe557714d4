"""The first day of a demo programme: set up, described, its groups seated, published."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from programmes import inputs, records
from programmes.commands import groups, lists, programme
from programmes.demo.scripts import LANGUAGES, Script, names
from programmes.demo.scripts import groups as scripted
from programmes.demo.year import Seats, seat, write_task
from programmes.domain import Kind, LeaderTitle
from services.database import Transaction

STANDARD = {
    Kind.TARGET_GROUP: "target_groups",
    Kind.ACTIVITY_TYPE: "activity_types",
    Kind.SELLING_POINT: "selling_points",
}


async def set_up(tx: Transaction, script: Script) -> None:
    """Set up one programme and publish it, all in the transaction of its first day."""
    await programme.create(
        tx,
        None,
        inputs.NewProgramme(
            slug=script["slug"],
            names=script["names"],
            language=script["language"],
            languages=script["languages"],
            required_languages=script["required_languages"],
            contact=script["contact"],
        ),
        None,
    )
    bodies = await _municipalities(tx, script)
    bodies |= await _lists(tx, script)
    await _describe(tx, script)
    await _groups(tx, script, bodies)
    now = await records.programme(tx)
    await programme.publish(tx, None, now.version)


async def _municipalities(tx: Transaction, script: Script) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for one in script["municipality"]:
        values = {name: value for name, value in one.items() if name != "key"}
        counted = tx.moment.date() - timedelta(days=30)
        wanted = inputs.Municipality(counted_on=counted.replace(day=1), **values)
        found[one["key"]] = await lists.add_municipality(tx, None, wanted)
    return found


async def _lists(tx: Transaction, script: Script) -> dict[str, UUID]:
    """The standard terms, the composed groups, the work areas and the partners; returns the partners by their keys."""
    for area in script["work_area"]:
        await lists.add_term(tx, None, Kind.WORK_AREA, inputs.NewTerm(names=names(area)))
    terms: dict[str, UUID] = {}
    for kind, listed in STANDARD.items():
        for code in script[listed]:
            terms[code] = await lists.add_term(tx, None, kind, inputs.NewTerm(code=code))
    for whole in script.get("composed", ()):
        parts = tuple(terms[code] for code in whole["parts"])
        await lists.add_term(tx, None, Kind.TARGET_GROUP, inputs.NewTerm(names=names(whole), parts=parts))
    return {
        one["key"]: await lists.add_term(tx, None, Kind.PARTNER, inputs.NewTerm(names=names(one)))
        for one in script["partner"]
    }


async def _describe(tx: Transaction, script: Script) -> None:
    now = await records.programme(tx)
    texts = {name: script[name] for name in ("names", "summaries", "aims", "reasons", "organisation", "notes")}
    fields = {lang: programme.FIELD[lang] for lang in LANGUAGES}
    await programme.change_about(tx, None, inputs.About(version=now.version, fields=fields, **texts))
    wanted = inputs.ProgrammeSettings(
        version=now.version,
        language=script["language"],
        languages=script["languages"],
        required_languages=script["required_languages"],
        time_zone="Europe/Oslo",
        contact=script["contact"],
        goal_inhabitants=script["goal_inhabitants"],
        goal_year=tx.moment.year + script["goal_years"],
    )
    await programme.change_settings(tx, None, wanted)


async def _groups(tx: Transaction, script: Script, bodies: Seats) -> None:
    now = await records.programme(tx)
    areas = iter(now.listed(Kind.WORK_AREA))
    above: UUID | None = None
    for group, parent in scripted(script):
        if parent is None:
            municipality, title, leader = group["leader"]
            above = await groups.add_group(
                tx,
                None,
                inputs.Group(
                    names=names(group),
                    activity_id=next(areas).id,
                    leader_name=leader,
                    leader_title=LeaderTitle(title),
                    leader_municipality_id=bodies[municipality],
                ),
            )
            made = above
        else:
            made = await groups.add_group(tx, None, inputs.Group(names=names(group), parent_id=above))
        for member in group["members"]:
            if not member.get("from"):
                await seat(tx, made, member, bodies)
        for task in group["tasks"]:
            if not task.get("from"):
                await write_task(tx, made, group, task, tx.moment.date())

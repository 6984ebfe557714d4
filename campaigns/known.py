"""What a campaign and its placements may name: words, languages and pages that the programme has. No I/O.

A campaign that was planned with a word that is gone by now may keep it, and a printed link may go on leading where it
leads: only what is new has to be known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from campaigns.inputs import CampaignInput, PlacementInput, PrintedInput
from services.pages.languages import msgid

NO_GROUP = msgid("The programme has no such target group.")
NO_POINT = msgid("The programme has no such selling point.")
NO_LANGUAGE = msgid("The programme does not offer this language.")
NO_PAGE = msgid("No such page is known here. Choose the list of events, a published event, or a page of the programme.")


def campaign_errors(given: CampaignInput, terms: Mapping[str, Any], held: Mapping[str, Any] | None) -> dict[str, str]:
    """Field → sentence. `terms` is the programme's row, `held` the campaign's own where there is one."""
    errors = {}
    for field, sentence in (("target_groups", NO_GROUP), ("selling_points", NO_POINT)):
        known = {str(term["id"]) for term in terms[field]} | _texts(held[field] if held else ())
        if not _texts(getattr(given, field)) <= known:
            errors[field] = sentence
    errors.update(_languages("names", given.names, terms, held))
    errors.update(_languages("objectives", given.objectives, terms, held))
    return errors


def placement_errors(
    given: PlacementInput, terms: Mapping[str, Any], events: Collection[str], held: Mapping[str, Any] | None
) -> dict[str, str]:
    """Field → sentence. `events` are the slugs of the published ones; `held` is the placement with its link."""
    errors = _languages("names", given.names, terms, held)
    if given.target not in pages(terms, events) and not (held and given.target == held["target"]):
        errors["target"] = NO_PAGE
    if (
        given.language
        and given.language not in terms["languages"]
        and not (held and given.language == held["language"])
    ):
        errors["language"] = NO_LANGUAGE
    return errors


def printed_errors(given: PrintedInput, terms: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, str]:
    """Field → sentence, of what is to be printed of the placement `held`."""
    return {
        **_languages("headlines", given.headlines, terms, held),
        **_languages("lines", given.lines, terms, held),
    }


def pages(terms: Mapping[str, Any], events: Iterable[str]) -> set[str]:
    """Where a link may lead: paths of ours without their language."""
    slug = terms["slug"]
    return {"/events", f"/programmes/{slug}", f"/interest/{slug}", *(f"/events/{event}" for event in events)}


def _languages(
    field: str, given: Mapping[str, str], terms: Mapping[str, Any], held: Mapping[str, Any] | None
) -> dict[str, str]:
    known = {*terms["languages"], *(held[field] if held else ())}
    return {f"{field}.{language}": NO_LANGUAGE for language in given if language not in known}


def _texts(ids: Iterable[Any]) -> set[str]:
    return {str(one) for one in ids}

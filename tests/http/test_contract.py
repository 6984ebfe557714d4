"""The whole API against its own document: calls made up from it, well formed and not, as an owner's program.

Whatever is sent, the answer is one that the document names, in the shape that it says, and never an error of ours.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.identity import access, tokens
from services.routes import Role
from tests.house.people import quick_hashes, sign_in

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
ENDING = {"/close"}
"""What would end the programme that the other calls are about comes last."""


async def found(house, client) -> str:
    """A programme that all services know, and an API token of its owner."""
    owner = await sign_in(house, "owner", None, operator=True)
    made = await client.post(
        "/api/v1/programmes",
        json={
            "slug": "havlandet",
            "language": "nb",
            "languages": ["nb"],
            "names": {"nb": "Havlandet"},
            "contact": "post@havlandet.example",
        },
        cookies=owner.cookies,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert made.status == 201, await made.text()
    client.session.cookie_jar.clear()
    context = house.contexts["identity"]
    principal = await access.session(context, next(iter(owner.cookies.values())))
    (programme_id,) = principal.roles
    async with context.database.transaction(None) as tx:
        token = await tokens.create(
            tx,
            principal,
            programme_id,
            name="contract",
            roles={Role.OWNER},
            scopes={"write"},
            expires_at=tx.moment + timedelta(days=30),
        )
    await house.drain()
    return token


def asked(schema, url: str, token: str, examples: int) -> tuple[Counter[int], list[str]]:
    """Call every operation with made-up input; returns how often each status was answered, and what was wrong."""
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    operations = [result.ok() for result in schema.get_all_operations()]
    operations.sort(key=lambda one: any(one.path.endswith(end) for end in ENDING))
    for operation in operations:
        for mode in MODES[: 1 if examples == 1 else 2]:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            def calls(case):
                if "programme" in (case.path_parameters or {}):
                    case.path_parameters["programme"] = "havlandet"
                response = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False)
                statuses[response.status_code] += 1
                # An address beyond 8 kB is refused before it is ours to answer.
                assume(len(response.request.path_url) < 8000)
                case.validate_response(response, checks=CHECKS)

            try:
                calls()
            except Unsatisfiable:
                continue  # nothing malformed can be made up for an operation that takes any text
            except (Exception, BaseExceptionGroup) as error:
                wrong.append(f"{operation.label} ({mode.value}): {error}")
    return statuses, wrong


@pytest.mark.parametrize("examples", [1, pytest.param(20, marks=pytest.mark.all)])
@pytest.mark.timeout(900)
async def test_every_operation_keeps_its_word(house, client, monkeypatch, examples):
    quick_hashes(monkeypatch)
    token = await found(house, client)
    document = await (await client.get("/api/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    url = str(client.make_url("")).rstrip("/")
    statuses, wrong = await asyncio.to_thread(asked, schema, url, token, examples)
    assert wrong == []
    assert statuses[200] and statuses[422], statuses

"""The API answers as it describes itself, whatever comes: no server error, no undocumented answer, no other shape."""

import uuid
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.table import MEETING
from tests.house import House

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = list(schemathesis.GenerationMode)


@pytest.fixture
def headers(house: House) -> dict[str, str]:
    """What a system asks with that may do everything."""
    return house.key()


@pytest.fixture
def known(house: House, headers: dict[str, str]) -> dict[str, uuid.UUID | str]:
    """Ids that exist, by the names of the path parameters, so that not everything is a 404."""
    caseworker = house.caseworker()
    citizen_id = house.citizen(caseworker=caseworker)
    house.hears("Hej")
    client, key = house.app.test_client(), {"Idempotency-Key": "first"}
    sent = client.post(f"/api/v1/conversations/{citizen_id}/messages", json={"text": "Hej"}, headers=headers | key)
    told = {"citizen_id": str(citizen_id), **MEETING}
    assert client.put("/api/v1/appointments/by-external-id/A1", json=told, headers=headers).status_code == 201
    return {
        "citizen_id": citizen_id,
        "message_id": uuid.UUID(sent.json["id"]),
        "appointment_id": house.appointment(citizen_id, caseworker).id,
        "external_id": "A1",
    }


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", MODES, ids=[mode.value for mode in MODES])
def test_every_answer_is_described(
    house: House, headers: dict[str, str], known: dict[str, uuid.UUID | str], mode: Any
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house.app)
    operations = [result.ok() for result in schema.get_all_operations()]

    assert len(operations) > 20
    for operation in operations:
        _try_out(operation, mode=mode, headers=headers, known=known)


def _try_out(operation: Any, *, mode: Any, headers: dict[str, str], known: dict[str, uuid.UUID | str]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode), exists=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any, exists: bool) -> None:
        if exists:
            case.path_parameters = {**case.path_parameters, **_present(case.path_parameters, known)}
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()


def _present(parameters: dict[str, Any], known: dict[str, uuid.UUID | str]) -> dict[str, str]:
    return {name: str(known[name]) for name in parameters if name in known}

"""Another system places a citizen in a target group; an unknown one is refused and changes nothing."""

import uuid

import sqlalchemy as sa

from messaging.trial.models import CitizenTargetGroup
from tests.house import House


def groups(house: House) -> list[str]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(CitizenTargetGroup.target_group)))


def put(house: House, citizen_id: uuid.UUID, group: str, headers: dict[str, str]) -> int:
    path = f"/api/v1/citizens/{citizen_id}/target-group"
    return house.app.test_client().put(path, json={"target_group": group}, headers=headers).status_code


def test_another_system_places_a_citizen(house: House) -> None:
    sara = house.citizen(caseworker=house.caseworker())

    assert put(house, sara, "Jobparat", house.key()) == 200
    assert groups(house) == ["jobparat"]


def test_an_unknown_group_or_citizen_is_refused(house: House) -> None:
    sara, headers = house.citizen(caseworker=house.caseworker()), house.key()

    assert put(house, sara, "findes ikke", headers) == 422
    assert put(house, uuid.uuid4(), "jobparat", headers) == 404
    assert groups(house) == []

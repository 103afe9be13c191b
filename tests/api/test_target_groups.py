"""Another system places a citizen in a target group; an unknown one is refused and changes nothing."""

import uuid

import sqlalchemy as sa

from messaging.trial.models import CitizenTargetGroup
from tests.house import House
from tests.trial.lists import desk_in


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


def test_refusal_names_the_groups_that_superusers_have_signed(house: House) -> None:
    sara, headers, desk = house.citizen(caseworker=house.caseworker()), house.key(), desk_in(house.runtime)
    desk.lists("fleksjob")
    desk.ends("sygedagpenge")
    path = f"/api/v1/citizens/{sara}/target-group"
    said = house.app.test_client().put(path, json={"target_group": "ukendt"}, headers=headers).text

    assert ("fleksjob" in said, "sygedagpenge" in said) == (True, False)
    assert put(house, sara, "FLEKSJOB", headers) == 200


def test_an_unknown_group_or_citizen_is_refused(house: House) -> None:
    sara, headers = house.citizen(caseworker=house.caseworker()), house.key()

    assert put(house, sara, "findes ikke", headers) == 422
    assert put(house, uuid.uuid4(), "jobparat", headers) == 404
    assert groups(house) == []

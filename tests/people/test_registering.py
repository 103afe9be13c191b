"""Numbers come into use one way: the first by itself, every other by a human, another citizen's only as shared."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from messaging.people import registering, wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import ContactPoint, Standing
from messaging.people.reaching import reach
from messaging.people.registering import NumberInUse
from tests.house import House

OTHER = "+4529390626"
THIRD = "+4531932646"


@pytest.fixture
def proposed(house: House) -> list[ContactPoint]:
    """Two citizens with a number each, for both of whom one more number is proposed."""
    staff = house.caseworker()
    citizens = [house.citizen(caseworker=staff), house.citizen(caseworker=staff, number=OTHER)]
    with house.runtime.act(SYSTEM) as act:
        for citizen_id in citizens:
            registering.name_number(act, citizen_id=citizen_id, e164=THIRD, source="import")
    with house.runtime.database.read() as session:
        points = sa.select(ContactPoint).filter_by(standing=Standing.PROPOSED).order_by(ContactPoint.id)
        return list(session.scalars(points))


def _accept(house: House, point: ContactPoint) -> bool:
    try:
        with house.runtime.act(SYSTEM) as act:
            registering.accept_number(act, contact_point_id=point.id)
    except NumberInUse:
        return False
    return True


def _in_use(house: House, citizen_id: uuid.UUID) -> uuid.UUID:
    with house.runtime.database.read() as session:
        point = reach(session, citizen_id).contact_point_id
    assert point
    return point


def test_a_number_accepted_for_one_is_refused_for_another(house: House, proposed: list[ContactPoint]) -> None:
    first, second = proposed

    assert [_accept(house, first), _accept(house, second)] == [True, False]
    assert _in_use(house, first.citizen_id) == first.id
    assert _in_use(house, second.citizen_id) != second.id


def test_a_number_accepted_for_two_at_once_comes_into_use_for_one(house: House, proposed: list[ContactPoint]) -> None:
    with ThreadPoolExecutor(2) as pool:
        accepted = list(pool.map(lambda point: _accept(house, point), proposed))

    assert sorted(accepted) == [False, True]


def test_a_number_flagged_as_shared_is_accepted_for_both(house: House, proposed: list[ContactPoint]) -> None:
    with house.runtime.act(SYSTEM) as act:
        wishes.mark_shared(act, number_id=proposed[0].number_id, shared=True)

    assert [_accept(house, point) for point in proposed] == [True, True]


def test_a_number_its_holder_has_given_up_is_free_for_another(house: House, proposed: list[ContactPoint]) -> None:
    first, second = proposed
    _accept(house, first)
    with house.runtime.act(SYSTEM) as act:
        registering.name_number(act, citizen_id=first.citizen_id, e164="+4540506070", source="import")
        newer = act.session.scalars(
            sa.select(ContactPoint.id).filter_by(citizen_id=first.citizen_id, standing=Standing.PROPOSED)
        ).one()
        registering.accept_number(act, contact_point_id=newer)

    assert _accept(house, second)

"""S3: the one gate. Whom an actor may not see does not exist for her, whichever way she asks."""

import uuid
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.errors import NotFound
from messaging.people import registering
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Citizen, Role
from messaging.people.queries import find_by_cpr, list_citizens
from messaging.people.visibility import find_citizen, staff_of, visible_to
from tests.house import House

CPR = "0101994321"
OTHER = "+4529390626"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen of `mho` in Team A; others look after others."""
    citizen_id = house.citizen(caseworker=house.caseworker("mho"), cpr=CPR)
    house.citizen(caseworker=house.caseworker("col", name="Ali Demir"), number=OTHER)
    house.citizen(caseworker=house.caseworker("far", name="Bo Lund", unit="Team B"), number=None)
    return citizen_id


@pytest.fixture
def actors(house: House, sara: uuid.UUID) -> Mapping[str, Actor]:
    """One of each sort who may ask for Sara."""
    staff = {
        "her caseworker": house.caseworker("mho"),
        "a colleague": house.caseworker("col", name="Ali Demir"),
        "her team leader": house.caseworker("lea", name="Lea Friis", role=Role.TEAM_LEADER),
        "another team leader": house.caseworker("leb", name="Lars Bang", role=Role.TEAM_LEADER, unit="Team B"),
        "a superuser": house.caseworker("sup", name="Siv Uhre", role=Role.SUPERUSER),
        "an auditor": house.caseworker("aud", name="Aud Riis", role=Role.AUDITOR),
    }
    return {
        **{name: _actor(member) for name, member in staff.items()},
        "another system": Actor(kind=ActorKind.INTEGRATION, id=new_id()),
        "the service": SYSTEM,
        "she herself": Actor(kind=ActorKind.CITIZEN, id=sara),
        "another citizen": Actor(kind=ActorKind.CITIZEN, id=new_id()),
        "staff without a role": Actor(kind=ActorKind.STAFF, id=staff["her caseworker"].id),
    }


def _actor(member: Caseworker) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=member.id, role=member.role, unit_id=member.unit_id)


def _seen(house: House, actor: Actor, citizen_id: uuid.UUID) -> set[bool]:
    """Ask in every way there is; all must say the same."""
    with house.runtime.database.read() as session:
        try:
            found = find_citizen(session, actor, citizen_id).id == citizen_id
        except NotFound:
            found = False
        return {
            found,
            citizen_id in {citizen.id for citizen in list_citizens(session, actor, after=None, limit=10)},
            citizen_id in {citizen.id for citizen in find_by_cpr(session, house.runtime.vault, actor, cpr=CPR)},
        }


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("her caseworker", True),
        ("a colleague", False),
        ("her team leader", True),
        ("another team leader", False),
        ("a superuser", False),
        ("an auditor", False),
        ("another system", True),
        ("the service", True),
        ("she herself", True),
        ("another citizen", False),
        ("staff without a role", False),
    ],
)
def test_s3_each_sees_whom_the_role_allows(
    house: House, sara: uuid.UUID, actors: Mapping[str, Actor], who: str, sees: bool
) -> None:
    """S3."""
    assert _seen(house, actors[who], sara) == {sees}


@pytest.mark.parametrize(("who", "number"), [("her caseworker", 1), ("her team leader", 2), ("the service", 3)])
def test_s3_nobody_sees_more_than_that(house: House, actors: Mapping[str, Actor], who: str, number: int) -> None:
    """S3."""
    with house.runtime.database.read() as session:
        seen = session.scalars(sa.select(Citizen.id).where(visible_to(actors[who]))).all()

    assert len(seen) == number


def test_s3_who_handed_a_citizen_on_sees_her_no_more(
    house: House, sara: uuid.UUID, actors: Mapping[str, Actor]
) -> None:
    """S3."""
    with house.runtime.act(SYSTEM) as act:
        colleague = actors["a colleague"].id
        assert colleague is not None
        registering.assign(act, citizen_id=sara, caseworker_id=colleague)

    assert _seen(house, actors["her caseworker"], sara) == {False}
    assert _seen(house, actors["a colleague"], sara) == {True}


def test_s3_absent_and_hidden_are_one_answer(house: House, sara: uuid.UUID, actors: Mapping[str, Actor]) -> None:
    """S3."""
    answers = []
    for citizen_id in (sara, new_id()):
        with house.runtime.database.read() as session, pytest.raises(NotFound) as refused:
            find_citizen(session, actors["a colleague"], citizen_id)
        answers.append(str(refused.value))

    assert answers[0] == answers[1]


def test_those_who_are_told_of_a_citizen_are_those_who_see_her(
    house: House, sara: uuid.UUID, actors: Mapping[str, Actor]
) -> None:
    with house.runtime.database.read() as session:
        told = staff_of(session, [sara])[sara]

    assert told == {actors["her caseworker"].id, actors["her team leader"].id}

"""S3: the one gate. Whom an actor may not know of does not exist for her; a team leader sees content for a reason."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa

from messaging.database.base import new_id
from messaging.errors import NotFound
from messaging.people import registering
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Citizen, Role
from messaging.people.visibility import ReasonMissing, find_citizen, find_known, known_to, staff_of, visible_to
from tests.house import House

OTHER = "+4529390626"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen of `mho` in Team A; others look after others."""
    citizen_id = house.citizen(caseworker=house.caseworker("mho"))
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
    opened = frozenset({sara})
    return {
        **{name: _actor(member) for name, member in staff.items()},
        "her team leader for a reason": replace(_actor(staff["her team leader"]), opened=opened),
        "another team leader for a reason": replace(_actor(staff["another team leader"]), opened=opened),
        "a colleague for a reason": replace(_actor(staff["a colleague"]), opened=opened),
        "another system": Actor(kind=ActorKind.INTEGRATION, id=new_id()),
        "the service": SYSTEM,
        "she herself": Actor(kind=ActorKind.CITIZEN, id=sara),
        "another citizen": Actor(kind=ActorKind.CITIZEN, id=new_id()),
        "staff without a role": Actor(kind=ActorKind.STAFF, id=staff["her caseworker"].id),
    }


def _actor(member: Caseworker) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=member.id, role=member.role, unit_id=member.unit_id)


def _sees(house: House, actor: Actor, citizen_id: uuid.UUID) -> bool:
    """Ask for the citizen and for the condition, which must say the same."""
    with house.runtime.database.read() as session:
        listed = citizen_id in session.scalars(sa.select(Citizen.id).where(visible_to(actor))).all()
        try:
            found = find_citizen(session, actor, citizen_id).id == citizen_id
        except (NotFound, ReasonMissing):
            found = False
    assert found is listed
    return found


def _knows(house: House, actor: Actor, citizen_id: uuid.UUID) -> bool:
    """As `_sees`, for knowing of her."""
    with house.runtime.database.read() as session:
        listed = citizen_id in session.scalars(sa.select(Citizen.id).where(known_to(actor))).all()
        try:
            found = find_known(session, actor, citizen_id).id == citizen_id
        except NotFound:
            found = False
    assert found is listed
    return found


@pytest.mark.parametrize(
    ("who", "knows", "sees"),
    [
        ("her caseworker", True, True),
        ("a colleague", False, False),
        ("a colleague for a reason", False, False),
        ("her team leader", True, False),
        ("her team leader for a reason", True, True),
        ("another team leader", False, False),
        ("another team leader for a reason", False, False),
        ("a superuser", False, False),
        ("an auditor", False, False),
        ("another system", True, True),
        ("the service", True, True),
        ("she herself", True, True),
        ("another citizen", False, False),
        ("staff without a role", False, False),
    ],
)
def test_s3_each_knows_of_and_sees_whom_the_role_allows(
    house: House, sara: uuid.UUID, actors: Mapping[str, Actor], who: str, knows: bool, sees: bool
) -> None:
    """S3."""
    assert (_knows(house, actors[who], sara), _sees(house, actors[who], sara)) == (knows, sees)


@pytest.mark.parametrize(
    ("who", "number"),
    [("her caseworker", 1), ("her team leader", 0), ("her team leader for a reason", 1), ("the service", 3)],
)
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

    assert not _knows(house, actors["her caseworker"], sara)
    assert _sees(house, actors["a colleague"], sara)


def test_s3_absent_and_hidden_are_one_answer(house: House, sara: uuid.UUID, actors: Mapping[str, Actor]) -> None:
    """S3."""
    answers = []
    for citizen_id in (sara, new_id()):
        with house.runtime.database.read() as session, pytest.raises(NotFound) as refused:
            find_citizen(session, actors["a colleague"], citizen_id)
        answers.append(str(refused.value))

    assert answers[0] == answers[1]


def test_a_team_leader_without_a_reason_is_told_that_it_is_missing(
    house: House, sara: uuid.UUID, actors: Mapping[str, Actor]
) -> None:
    with house.runtime.database.read() as session, pytest.raises(ReasonMissing):
        find_citizen(session, actors["her team leader"], sara)


def test_those_who_are_told_of_a_citizen_are_those_who_know_of_her(
    house: House, sara: uuid.UUID, actors: Mapping[str, Actor]
) -> None:
    with house.runtime.database.read() as session:
        told = staff_of(session, [sara])[sara]

    assert told == {actors["her caseworker"].id, actors["her team leader"].id}

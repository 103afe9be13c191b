"""From a number to people and from a person to her number: nobody's and several persons' numbers lead to no thread."""

import uuid
from collections.abc import Callable

import pytest

from messaging.conversations.models import Kind
from messaging.conversations.sending import why_unreachable
from messaging.database.base import new_id
from messaging.people import registering, wishes
from messaging.people.acting import Act
from messaging.people.actors import SYSTEM
from messaging.people.models import PauseReason
from messaging.people.reaching import Reach, Recent, Route, find_route, look_up_reach, look_up_route, reach, reach_many
from tests.house import NUMBER, House

OTHER = "+4529390626"

Happening = Callable[[Act, uuid.UUID, uuid.UUID], object]


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    """A citizen with a number."""
    return house.citizen(caseworker=house.caseworker())


def _route(house: House, e164: str = NUMBER) -> Route | None:
    """Look a number up in both ways, which must say the same."""
    index = house.runtime.vault.phone_index(e164)
    with house.runtime.database.read() as session:
        found = find_route(session, index)
    assert look_up_route(house.runtime.database, index) == found
    return found


def _reach(house: House, citizen_id: uuid.UUID) -> Reach:
    """Look a citizen up in both ways, which must say the same."""
    with house.runtime.database.read() as session:
        found = reach(session, citizen_id)
    assert look_up_reach(house.runtime.database, citizen_id) == found
    return found


def test_a_number_leads_to_the_one_who_uses_it(house: House, sara: uuid.UUID) -> None:
    route = _route(house)

    assert route is not None
    assert (route.citizen_id, route.citizen_ids) == (sara, (sara,))


def test_a_number_nobody_mentioned_leads_nowhere(house: House, sara: uuid.UUID) -> None:
    assert _route(house, OTHER) is None


def test_a_number_that_is_only_known_is_nobodys(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        registering.number_of(act, e164=OTHER)
    route = _route(house, OTHER)

    assert route is not None
    assert (route.citizen_id, route.citizen_ids) == (None, ())


def test_a_number_of_two_leads_to_neither(house: House, sara: uuid.UUID) -> None:
    ahmed = house.citizen(caseworker=house.caseworker())
    route = _route(house)

    assert route is not None
    assert route.citizen_id is None
    assert set(route.citizen_ids) == {sara, ahmed}
    assert [_reach(house, citizen_id).shared for citizen_id in (sara, ahmed)] == [True, True]


def test_a_number_flagged_as_shared_leads_to_nobody(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        wishes.mark_shared(act, number_id=registering.number_of(act, e164=NUMBER).id, shared=True)
    route = _route(house)

    assert route is not None
    assert route.citizen_id is None
    assert _reach(house, sara).shared


def test_a_proposed_number_neither_leads_to_her_nor_is_used(house: House, sara: uuid.UUID) -> None:
    with house.runtime.act(SYSTEM) as act:
        in_use = registering.number_of(act, e164=NUMBER).id
        registering.name_number(act, citizen_id=sara, e164=OTHER, source="import")
    route = _route(house, OTHER)

    assert route is not None
    assert route.citizen_ids == ()
    assert _reach(house, sara).number_id == in_use


def test_a_citizen_without_a_number_is_reached_by_none(house: House) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker(), number=None)
    found = _reach(house, citizen_id)

    assert (found.contact_point_id, found.number_id) == (None, None)
    assert why_unreachable(found, Kind.TEXT) == "no_number"


def test_who_is_not_there_cannot_be_looked_up(house: House) -> None:
    assert look_up_reach(house.runtime.database, new_id()) is None


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda act, citizen, number: wishes.opt_out(act, citizen_id=citizen), "opted_out"),
        (
            lambda act, citizen, number: wishes.pause_number(act, number_id=number, reason=PauseReason.WRONG_NUMBER),
            "number_paused",
        ),
        (lambda act, citizen, number: wishes.block_number(act, number_id=number), "provider_blocked"),
        (lambda act, citizen, number: None, None),
    ],
)
def test_what_stands_against_a_message_is_seen_at_the_next_look(
    house: House, sara: uuid.UUID, happens: Happening, reason: str | None
) -> None:
    with house.runtime.act(SYSTEM) as act:
        happens(act, sara, registering.number_of(act, e164=NUMBER).id)

    assert why_unreachable(_reach(house, sara), Kind.TEXT) == reason


@pytest.mark.parametrize(
    "change",
    [
        lambda act, citizen, number: registering.name_number(
            act, citizen_id=_another(act), e164=NUMBER, source="import"
        ),
        lambda act, citizen, number: wishes.mark_shared(act, number_id=number, shared=True),
        lambda act, citizen, number: wishes.pause_number(act, number_id=number, reason=PauseReason.WRONG_NUMBER),
        lambda act, citizen, number: wishes.block_number(act, number_id=number),
    ],
    ids=["another holder", "flagged", "paused", "blocked"],
)
def test_every_change_of_a_number_makes_what_was_remembered_out_of_date(
    house: House, sara: uuid.UUID, change: Happening
) -> None:
    before = _reach(house, sara).version
    with house.runtime.act(SYSTEM) as act:
        change(act, sara, registering.number_of(act, e164=NUMBER).id)

    assert _reach(house, sara).version > before


def _another(act: Act) -> uuid.UUID:
    """Register one more citizen; return her id."""
    person = registering.Person(cpr="0202991234", first_name="Line", last_name="Holm")
    return registering.register_citizen(act, citizen_id=new_id(), person=person).id


def test_many_are_looked_up_at_once_as_one_by_one(house: House, sara: uuid.UUID) -> None:
    ids = [sara, house.citizen(caseworker=house.caseworker(), number=OTHER)]
    with house.runtime.database.read() as session:
        together = reach_many(session, ids)

    assert together == {citizen_id: _reach(house, citizen_id) for citizen_id in ids}


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    recent: Recent[str, int] = Recent(size=2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.get("a")
    recent.put("c", 3)

    assert [recent.get(key) for key in "abc"] == [1, None, 3]
    assert (recent.hits, recent.misses) == (3, 1)

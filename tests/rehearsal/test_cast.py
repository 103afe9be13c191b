"""Who writes in a rehearsal: 90 of a hundred from their own number, five strangers, five from a shared phone."""

from random import Random

from messaging.rehearsal.cast import Cast
from messaging.runtime import Runtime
from tests.conversations.conftest import AHMED, SARA, Town

OWN = {str(number): f"+4524{number:06}" for number in range(50)}
SHARED = ["+4520000001", "+4520000002"]


def test_senders_are_known_unknown_and_shared_in_their_shares() -> None:
    senders = Cast(own=OWN, shared=SHARED).senders(10_000, Random(1))
    known = sum(sender in OWN.values() for sender in senders)
    shared = sum(sender in SHARED for sender in senders)

    assert abs(known - 9000) < 150
    assert abs(shared - 500) < 100
    assert len(senders) == 10_000


def test_stranger_has_nobodys_number() -> None:
    cast = Cast(own=OWN, shared=SHARED)
    strangers = set(cast.senders(10_000, Random(1))) - set(OWN.values()) - set(SHARED)

    assert len(strangers) > 400
    assert all(sender.startswith("+4550") and len(sender) == 11 for sender in strangers)


def test_same_seed_has_the_same_senders() -> None:
    cast = Cast(own=OWN, shared=SHARED)

    assert cast.senders(100, Random(3)) == cast.senders(100, Random(3)) != cast.senders(100, Random(4))


def test_number_of_two_citizens_is_shared_and_of_one_her_own(runtime: Runtime, town: Town) -> None:
    sara = town.citizen(SARA)
    town.citizen(AHMED)
    town.citizen(AHMED)
    town.citizen(None)

    cast = Cast.of(runtime)
    assert cast.own == {str(sara): SARA}
    assert cast.shared == [AHMED]

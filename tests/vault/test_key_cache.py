"""Opened keys are held for a limited time and in a limited number."""

from uuid import UUID, uuid4

from messaging.vault.key_cache import CacheStatistics, KeyCache
from messaging.vault.record import OwnerKey


class Stopwatch:
    """Monotonic time that a test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def key_of(owner: UUID) -> OwnerKey:
    return OwnerKey(owner=owner, id=uuid4(), secret=bytes(32))


def test_key_is_held_until_its_time_is_over() -> None:
    stopwatch = Stopwatch()
    cache = KeyCache(size=10, seconds=60, monotonic=stopwatch)
    cache.put([key := key_of(uuid4())])

    stopwatch.seconds = 59.9
    assert cache.get(key.owner) is key
    stopwatch.seconds = 60
    assert cache.get(key.owner) is None


def test_use_does_not_make_a_key_live_longer() -> None:
    stopwatch = Stopwatch()
    cache = KeyCache(size=10, seconds=60, monotonic=stopwatch)
    cache.put([key := key_of(uuid4())])
    for stopwatch.seconds in range(0, 60, 10):
        cache.get(key.owner)

    stopwatch.seconds = 61
    assert cache.get(key.owner) is None


def test_key_not_used_for_longest_makes_room() -> None:
    cache = KeyCache(size=2, seconds=60)
    first, second, third = (key_of(uuid4()) for _ in range(3))
    cache.put([first, second])
    cache.get(first.owner)
    cache.put([third])

    held = [key for key in (first, second, third) if cache.get(key.owner)]
    assert held == [first, third]


def test_overdue_key_is_let_go_when_it_is_asked_for() -> None:
    stopwatch = Stopwatch()
    cache = KeyCache(size=2, seconds=60, monotonic=stopwatch)
    cache.put([key := key_of(uuid4())])
    stopwatch.seconds = 61
    cache.get(key.owner)

    assert cache.statistics() == CacheStatistics(hits=0, misses=1, held=0)


def test_many_are_looked_up_at_once() -> None:
    cache = KeyCache(size=10, seconds=60)
    cache.put([one := key_of(uuid4()), other := key_of(uuid4())])

    assert cache.get_many([other.owner, uuid4(), one.owner]) == [other, one]
    assert cache.statistics() == CacheStatistics(hits=2, misses=1, held=2)

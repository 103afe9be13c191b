"""Of how many a figure must be before it is told: nobody may read out of it how one caseworker does."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

FEWEST_CASEWORKERS = 3
"""Figures of fewer caseworkers are not shown: one of two could work out the other's."""

Place = TypeVar("Place")


def hidden_with(
    hidden: Collection[Place], sizes: Mapping[Place, int], *, may_be_told: Callable[[Collection[Place]], bool]
) -> set[Place]:
    """Return the hidden places and, the smallest first, as many others as it takes until all of them together could be
    told: who knows the total of these places works out just that.
    """
    together = set(hidden)
    others = sorted((place for place in sizes if place not in together), key=lambda place: sizes[place], reverse=True)
    while together and others and not may_be_told(together):
        together.add(others.pop())
    return together

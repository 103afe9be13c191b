"""Opened owners' keys, a limited number for a limited time: what memory holds is what memory can leak."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from messaging.vault.record import OwnerKey


@dataclass(frozen=True, kw_only=True)
class CacheStatistics:
    """How often a key was at hand since the start, and how many are now."""

    hits: int
    misses: int
    held: int


class KeyCache:
    """The keys used last. Safe between threads; an owner without a key is not remembered."""

    def __init__(self, *, size: int, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: OrderedDict[UUID, tuple[OwnerKey, float]] = OrderedDict()
        self._hits = 0
        self._misses = 0

    def get(self, owner: UUID) -> OwnerKey | None:
        """Return the owner's key, or None if it is not held or was held for too long."""
        return next(iter(self.get_many((owner,))), None)

    def get_many(self, owners: Iterable[UUID]) -> list[OwnerKey]:
        """Return the keys of those owners whose key is held, and was not for too long."""
        now, found = self._monotonic(), list[OwnerKey]()
        with self._lock:
            for owner in owners:
                held = self._keys.get(owner)
                if held is not None and now < held[1]:
                    self._keys.move_to_end(owner)
                    self._hits += 1
                    found.append(held[0])
                else:
                    self._keys.pop(owner, None)
                    self._misses += 1
        return found

    def put(self, keys: Iterable[OwnerKey]) -> None:
        """Hold these keys; those not used for longest make room."""
        until = self._monotonic() + self._seconds
        with self._lock:
            for key in keys:
                self._keys[key.owner] = (key, until)
                self._keys.move_to_end(key.owner)
            while len(self._keys) > self._size:
                self._keys.popitem(last=False)

    def statistics(self) -> CacheStatistics:
        """Return hits, misses and the number held."""
        with self._lock:
            return CacheStatistics(hits=self._hits, misses=self._misses, held=len(self._keys))

"""What the service tells about itself in Prometheus' format: counts and times by route, never by path or person."""

import os
import threading
import time
from collections.abc import Callable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

from messaging.vault.key_cache import CacheStatistics

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""With several web processes the supervisor names a folder here before they start; each then answers for all."""

CACHE_SECONDS = 1.0
"""So old the figures of another process's key cache may be."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counters of one application."""

    def __init__(self, *, key_cache: Callable[[], CacheStatistics]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "borgerdialog_requests", "Answers given", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "borgerdialog_request_seconds", "Time to answer", ("route",), buckets=SECONDS, registry=self._registry
        )
        self._requests_of = lru_cache(2000)(self._requests.labels)  # finding the labels' child costs more than counting
        self._seconds_of = lru_cache(500)(self._seconds.labels)
        self._key_cache = _KeyCache(key_cache, registry=self._registry)

    def count(self, method: str, route: str, status: str, *, seconds: float) -> None:
        """Count one answer. `route` is a template such as `/conversations/<id>`."""
        known = method if method in METHODS else "other"
        self._requests_of(known, route, status).inc()
        self._seconds_of(route).observe(seconds)
        self._key_cache.count_now_and_then()

    def text(self) -> bytes:
        """Return everything in the text format."""
        self._key_cache.count()
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self._registry)


class _KeyCache:
    """Counters that follow the cache of this process, because only counters add up over several processes."""

    def __init__(self, statistics: Callable[[], CacheStatistics], *, registry: CollectorRegistry) -> None:
        self._statistics = statistics
        self._hits, self._misses = (
            Counter(f"borgerdialog_key_cache_{name}", f"Owners' keys: {name}", registry=registry)
            for name in ("hits", "misses")
        )
        self._counted = CacheStatistics(hits=0, misses=0, held=0)
        self._lock = threading.Lock()
        self._due = 0.0

    def count_now_and_then(self) -> None:
        """Count, but not for every request."""
        if time.monotonic() >= self._due:
            self.count()

    def count(self) -> None:
        """Bring the counters up to date."""
        with self._lock:
            now = self._statistics()
            self._hits.inc(now.hits - self._counted.hits)
            self._misses.inc(now.misses - self._counted.misses)
            self._counted = now
            self._due = time.monotonic() + CACHE_SECONDS

"""What the service tells about itself in Prometheus' format: counts and times by route, never by path or person."""

import os
from collections.abc import Callable, Iterable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from messaging.vault.key_cache import CacheStatistics

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""With several web processes the supervisor names a folder here before they start; each then answers for all."""

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
        self._registry.register(_KeyCache(key_cache))

    def count(self, method: str, route: str, status: str, *, seconds: float) -> None:
        """Count one answer. `route` is a template such as `/conversations/<id>`."""
        known = method if method in METHODS else "other"
        self._requests_of(known, route, status).inc()
        self._seconds_of(route).observe(seconds)

    def text(self) -> bytes:
        """Return everything in the text format."""
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self._registry)


class _KeyCache(Collector):
    def __init__(self, statistics: Callable[[], CacheStatistics]) -> None:
        self._statistics = statistics

    def collect(self) -> Iterable[Metric]:
        statistics = self._statistics()
        for name, value in (("hits", statistics.hits), ("misses", statistics.misses)):
            yield CounterMetricFamily(f"borgerdialog_key_cache_{name}", f"Owners' keys: {name}", value=value)

"""The service's own figures: exact where one process answers, added up where several do."""

from messaging.vault.key_cache import CacheStatistics
from messaging.web.metrics import Metrics


def test_key_cache_is_told_as_it_is_now() -> None:
    statistics = CacheStatistics(hits=3, misses=1, held=1)
    metrics = Metrics(key_cache=lambda: statistics)
    metrics.text()
    statistics = CacheStatistics(hits=10, misses=2, held=1)

    told = metrics.text().decode()

    assert "borgerdialog_key_cache_hits_total 10.0" in told
    assert "borgerdialog_key_cache_misses_total 2.0" in told


def test_unknown_methods_do_not_become_labels() -> None:
    metrics = Metrics(key_cache=lambda: CacheStatistics(hits=0, misses=0, held=0))

    metrics.count("BREW", "unmatched", "405", seconds=0.1)

    assert 'method="other",route="unmatched",status="405"' in metrics.text().decode()

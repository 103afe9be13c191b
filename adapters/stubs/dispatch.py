"""Sends the stub's requests to the service when they are due, and again when they fail, as a provider would."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

import urllib3

Headers = Callable[[str, bytes], Mapping[str, str]]
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, kw_only=True)
class RetryRules:
    """How often and on what a request is repeated, as a callback URL's fragment says it (`#rc=5&rp=all`).

    Times are in seconds; the defaults and limits are Twilio's.
    """

    count: int = 1
    policies: frozenset[str] = frozenset({"ct"})
    connect: float = 5
    read: float = 15
    total: float = 15

    @classmethod
    def from_fragment(cls, fragment: str) -> "RetryRules":
        """The rules a fragment asks for."""
        told = dict(parse_qsl(fragment))
        return cls(
            count=min(int(told.get("rc", 1)), 5),
            policies=frozenset(told.get("rp", "ct").split(",")),
            connect=int(told.get("ct", 5000)) / 1000,
            read=int(told.get("rt", 15000)) / 1000,
            total=int(told.get("tt", 15000)) / 1000,
        )

    def repeats(self, status: int) -> bool:
        """Whether an answer with this status (0 for none) is worth another try."""
        if 200 <= status < 300:
            return False
        kind = {4: "4xx", 5: "5xx"}.get(status // 100, "ct")
        return bool(self.policies & {"all", kind})


class Dispatcher:
    """A clock and some threads. Work that is due while all are busy waits for one."""

    def __init__(self, *, pace: float, threads: int = 24) -> None:
        self._pace = pace
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._under_way = 0
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="stub-out")
        self._http = urllib3.PoolManager(num_pools=4, maxsize=threads, retries=False)
        self._clock = threading.Thread(target=self._run, name="stub-clock", daemon=True)
        self._clock.start()

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """Do something after so many seconds of the stub's own pace."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds * self._pace, next(self._order), work))
            self._changed.notify()

    def outstanding(self) -> int:
        """Return how much is still to be done or under way."""
        with self._changed:
            return len(self._due) + self._under_way

    def post(self, url: str, body: bytes, *, headers: Headers, told: Callable[[int], None]) -> int:
        """Post once and again as the URL's fragment says; the last status, 0 for none. `told` hears each of them.

        `headers` makes them anew for every try, from the URL without its fragment.
        """
        address, fragment = urldefrag(url)
        rules = RetryRules.from_fragment(fragment)
        deadline = time.monotonic() + rules.total
        status = 0
        for attempt in range(rules.count + 1):
            status = self._once(address, body, headers=headers(address, body), rules=rules)
            told(status)
            pause = _BACKOFF[min(attempt, len(_BACKOFF) - 1)] * self._pace
            if not rules.repeats(status) or self._stopped or time.monotonic() + pause > deadline:
                break
            time.sleep(pause)
        return status

    def stop(self) -> None:
        """Forget what is not yet due and let go of the threads."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._clock.join()
        self._pool.shutdown(cancel_futures=True)
        self._http.clear()

    def _once(self, address: str, body: bytes, *, headers: Mapping[str, str], rules: RetryRules) -> int:
        timeout = urllib3.Timeout(connect=rules.connect, read=rules.read)
        try:
            return self._http.request(
                "POST", address, body=body, headers=headers, timeout=timeout, redirect=False
            ).status
        except urllib3.exceptions.HTTPError:
            return 0

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, work = heapq.heappop(self._due)
                self._under_way += 1
            self._pool.submit(self._do, work)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            with self._changed:
                self._under_way -= 1

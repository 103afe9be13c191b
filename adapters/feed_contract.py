"""What a fetcher of feeds must do, and the values that pass between us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class FeedRequest:
    """Where a file of meetings lies, what opens it, and what the other side called the one we have."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedFile:
    """A file of meetings as it came, and what the other side calls it."""

    body: bytes = field(repr=False)
    etag: str | None
    last_modified: str | None


class FeedFetcher(Protocol):
    """Fetches files that other systems lay out under an address. Built once per process; thread-safe."""

    def fetch(self, request: FeedRequest) -> FeedFile | None:
        """Return the file, None if it is as it was. Raises Misconfigured or TryLater."""
        ...

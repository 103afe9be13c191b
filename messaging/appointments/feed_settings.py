"""Which feeds are fetched: a profile for each in one folder, with where it lies and what opens it.

The folder is read anew at each look, so that a feed is added or mended without stopping anything. A file that cannot be
used stops only its own feed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from messaging.appointments.profiles import Profile, WrongProfile, check_source, read_profile

KINDS: Mapping[str, type] = {
    "url": str,
    "url_file": str,
    "header": str,
    "secret_file": str,
    "every_minutes": int,
}
EVERY_MINUTES = 15


@dataclass(frozen=True, kw_only=True)
class FeedSettings:
    """One feed. Its address may hold a token, and its headers do: neither is ever shown."""

    source: str
    profile: Profile
    profile_text: bytes = field(repr=False)
    """The whole file, to know when it changes."""
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    every_minutes: int


@dataclass(frozen=True, kw_only=True)
class UnusableFeed:
    """A feed whose file cannot be used, and the Danish sentence that says why."""

    source: str
    sentence: str


def read_feeds(folder: str) -> list[FeedSettings | UnusableFeed]:
    """Read the feeds of a folder by their names; an empty name of a folder means that there are none."""
    return [_read(path) for path in sorted(Path(folder).glob("*.toml"))] if folder else []


def _read(path: Path) -> FeedSettings | UnusableFeed:
    try:
        check_source(path.stem)
        return _settings(path, path.read_bytes())
    except WrongProfile as refusal:
        return UnusableFeed(source=path.stem, sentence=str(refusal))
    except OSError:
        return UnusableFeed(source=path.stem, sentence="Profilen kan ikke læses.")


def _settings(path: Path, text: bytes) -> FeedSettings:
    profile = read_profile(text)
    feed = profile.feed
    for key, value in feed.items():
        if type(value) is not KINDS[key]:
            raise WrongProfile(f"Profilens nøgle feed.{key} har ikke den rigtige slags værdi.")
    if ("url" in feed) == ("url_file" in feed):
        raise WrongProfile("Profilen skal have enten feed.url eller feed.url_file.")
    if ("header" in feed) != ("secret_file" in feed):
        raise WrongProfile("Profilens nøgler feed.header og feed.secret_file hører sammen.")
    every_minutes = feed.get("every_minutes", EVERY_MINUTES)
    if not 1 <= every_minutes <= 1440:
        raise WrongProfile("Profilens nøgle feed.every_minutes skal være mellem 1 og 1440.")
    return FeedSettings(
        source=path.stem,
        profile=profile,
        profile_text=text,
        url=feed["url"] if "url" in feed else _secret(path, feed, "url_file"),
        headers={str(feed["header"]): _secret(path, feed, "secret_file")} if "header" in feed else {},
        every_minutes=every_minutes,
    )


def _secret(path: Path, feed: Mapping[str, Any], key: str) -> str:
    """Read a secret from its file, which may be named from the profile's own folder."""
    try:
        secret: str = (path.parent / feed[key]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WrongProfile(f"Filen, som profilens nøgle feed.{key} nævner, kan ikke læses.") from None
    if not secret or "\n" in secret:
        raise WrongProfile(f"Filen, som profilens nøgle feed.{key} nævner, skal have én linje.")
    return secret

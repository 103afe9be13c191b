"""Fetching feeds: each at its time, taken in like any file, left alone for a while when it fails.

A feed is claimed by moving its time on, so that no two workers fetch it at once. What the other side calls its file is
kept once it was taken in. A file of which something was refused or doubted is read again after some hours, although it
is as it was: a caseworker may be known by then.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
import structlog

from adapters.errors import AdapterError
from adapters.feed_contract import FeedFetcher, FeedFile, FeedRequest
from messaging.appointments.feed_settings import FeedSettings, UnusableFeed, read_feeds
from messaging.appointments.import_models import Feed, ImportVerdict
from messaging.appointments.import_report import ImportReport
from messaging.appointments.importing import Acts, import_appointments
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Import
from messaging.appointments.planning import reminder_rules
from messaging.config import Config
from messaging.conversations.office import Office
from messaging.database.upserts import insert_into
from messaging.people.acting import Act
from messaging.vault.vault import Vault
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane, Waker
from messaging.work.retries import delay

log = structlog.get_logger()

READ_AGAIN = timedelta(hours=6)
UNUSABLE_PROFILE = "wrong_profile"


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What the other side called the file that was last taken in, unless it is to be read again."""

    tries: int
    etag: str | None = None
    last_modified: str | None = None
    digest: bytes | None = None
    profile_digest: bytes | None = None


class FeedLane:
    """Fetches the feeds of a folder that are due, one after the other."""

    def __init__(
        self,
        *,
        acts: Acts,
        fetcher: FeedFetcher,
        config: Config,
        settings: Callable[[], Config],
        waker: Waker,
        breaker_of: Callable[[str], Breaker],
        random: Random,
    ) -> None:
        self._acts = acts
        self._fetcher = fetcher
        self._config = config
        self._settings = settings
        self._waker = waker
        self._breaker_of = breaker_of
        self._random = random
        self._breakers: dict[str, Breaker] = {}

    def poll(self) -> None:
        """Look at every feed of the folder, and fetch those whose time has come."""
        feeds = read_feeds(self._config.feeds)
        due = self._due({feed.source for feed in feeds})
        for feed in (feed for feed in feeds if feed.source in due):
            known = self._claim(feed.source, minutes=getattr(feed, "every_minutes", 1))
            if known is None:
                continue
            if isinstance(feed, UnusableFeed):
                self._note_failure(feed.source, UNUSABLE_PROFILE, tries=known.tries)
            else:
                self._fetch(feed, known)

    def _due(self, sources: set[str]) -> set[str]:
        """Note feeds that are new, forget those that are gone, and return which are due."""
        with self._acts() as act:
            act.session.execute(sa.delete(Feed).where(Feed.source.not_in(sources)))
            new = [{"source": source, "due_at": act.now, "tries": 0} for source in sorted(sources)]
            if new:
                act.session.execute(insert_into(act.session, Feed).on_conflict_do_nothing(), new)
            return set(act.session.scalars(sa.select(Feed.source).where(Feed.due_at <= act.now)))

    def _claim(self, source: str, *, minutes: float) -> _Known | None:
        """Move the feed's time on and return what is known of it; None if it is not due."""
        with self._acts() as act:
            row = act.session.execute(
                sa.update(Feed)
                .where(Feed.source == source, Feed.due_at <= act.now)
                .values(due_at=act.now + timedelta(minutes=minutes * self._config.wait_factor))
                .returning(
                    Feed.tries, Feed.etag, Feed.last_modified, Feed.body_digest, Feed.profile_digest, Feed.import_id
                )
            ).one_or_none()
            if row is None:
                return None
            if row.import_id and _is_to_read_again(act, row.import_id):
                return _Known(tries=row.tries)
        return _Known(
            tries=row.tries,
            etag=row.etag,
            last_modified=row.last_modified,
            digest=row.body_digest,
            profile_digest=row.profile_digest,
        )

    def _fetch(self, feed: FeedSettings, known: _Known) -> None:
        breaker = self._breakers.setdefault(feed.source, self._breaker_of(f"feed:{feed.source}"))
        if not breaker.allows():
            return
        with self._acts() as act:
            if known.profile_digest != _profile_digest(act.vault, feed):
                known = _Known(tries=known.tries)
        request = FeedRequest(url=feed.url, headers=feed.headers, etag=known.etag, last_modified=known.last_modified)
        try:
            file = self._fetcher.fetch(request)
        except AdapterError as error:
            breaker.failed()
            self._note_failure(
                feed.source, error.code, tries=known.tries, wish=getattr(error, "retry_after", None) or 0
            )
            return
        breaker.succeeded()
        try:
            self._take_in(feed, file, known)
        except UnusableFile as refusal:
            self._note_failure(feed.source, refusal.code, tries=known.tries)

    def _take_in(self, feed: FeedSettings, file: FeedFile | None, known: _Known) -> None:
        with self._acts() as act:
            digest = _digest(act.vault, file)
            if file is None or digest == known.digest:
                _note_success(act, feed.source)
                return
        settings = self._settings()
        report = import_appointments(
            self._acts,
            file.body,
            rules=reminder_rules(settings),
            office=Office.from_config(settings),
            source=feed.source,
            profile=feed.profile,
        )
        self._waker.wake(Lane.URGENT, Lane.BULK, Lane.JOURNAL)
        with self._acts() as act:
            _note_success(act, feed.source, report=report)
            act.session.execute(
                sa.update(Feed)
                .where(Feed.source == feed.source)
                .values(
                    etag=file.etag,
                    last_modified=file.last_modified,
                    body_digest=digest,
                    profile_digest=_profile_digest(act.vault, feed),
                )
            )
        log.info(
            "feed.taken_in",
            source=feed.source,
            lines=report.lines,
            created=report.created,
            changed=report.changed,
            cancelled=report.cancelled,
            rejected=len(report.rejected),
            doubt=report.doubt,
        )

    def _note_failure(self, source: str, code: str, *, tries: int, wish: float = 0) -> None:
        pause = max(wish, delay(self._config.waits.feed_retries, tries + 1, random=self._random))
        with self._acts() as act:
            act.session.execute(
                sa.update(Feed)
                .where(Feed.source == source)
                .values(
                    tries=tries + 1,
                    error=code,
                    error_since=sa.func.coalesce(Feed.error_since, sa.bindparam("now", act.now, Feed.due_at.type)),
                    due_at=act.now + timedelta(seconds=min(pause, 86400)),
                )
            )
        log.warning("feed.failed", source=source, code=code)


def _note_success(act: Act, source: str, *, report: ImportReport | None = None) -> None:
    values: dict[str, Any] = {"tries": 0, "error": None, "error_since": None, "good_at": act.now}
    if report is not None:
        values["import_id"] = report.import_id
    act.session.execute(sa.update(Feed).where(Feed.source == source).values(**values))


def _is_to_read_again(act: Act, import_id: uuid.UUID) -> bool:
    refused_or_doubted = sa.or_(Import.rejected > 0, ImportVerdict.doubt.is_not(None))
    found = act.session.scalar(
        sa.select(Import.id)
        .join(ImportVerdict, ImportVerdict.import_id == Import.id)
        .where(Import.id == import_id, Import.imported_at <= act.now - READ_AGAIN, refused_or_doubted)
    )
    return found is not None


def _profile_digest(vault: Vault, feed: FeedSettings) -> bytes:
    return vault.fingerprint(feed.profile_text, purpose="feed profile")


def _digest(vault: Vault, file: FeedFile | None) -> bytes | None:
    return None if file is None else vault.fingerprint(file.body, purpose="feed")

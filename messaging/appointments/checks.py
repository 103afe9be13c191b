"""What the rows tell about sources that are not believed or cannot be fetched, and about reminders without a text.

For `doctor` and the page of work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import Finding
from messaging.appointments.import_models import Doubt, Feed, ImportVerdict
from messaging.appointments.import_report import doubt_sentence
from messaging.appointments.models import Import, Reminder
from messaging.appointments.plan_texts import count_unsent
from messaging.appointments.wording import FEED_ERRORS
from messaging.work.doctor import Check


@dataclass(frozen=True, kw_only=True)
class DoubtedSource:
    """A source whose last file was not believed in what it no longer names."""

    source: str
    since: datetime
    doubt: Doubt
    missing: int
    coming: int

    @property
    def sentence(self) -> str:
        """What is doubted and why, in Danish."""
        return doubt_sentence(self.doubt, missing=self.missing, coming=self.coming)


def checks() -> list[Check]:
    """Return the checks of this room."""
    return [doubted, failing, unsent]


def unsent(session: Session) -> Iterator[Finding]:
    """Tell of reminders that were not sent because their text had no version that may be sent."""
    # The rows' own clock: a rehearsal's may be years from the machine's.
    newest = session.scalar(sa.select(sa.func.max(Reminder.decided_at)))
    number = count_unsent(session, at=newest) if newest is not None else 0
    if number:
        why = "deres tekst er udløbet, ikke godkendt eller ikke til sms"
        sentence = f"{number} påmindelser blev ikke sendt de sidste 7 dage: {why}."
        yield Finding(code="reminders_without_text", sentence=sentence, blocking=False)


def doubted(session: Session) -> Iterator[Finding]:
    """Name the sources that are not believed."""
    for row in doubted_sources(session):
        yield Finding(code="source_doubted", sentence=f"{row.source}: {row.sentence}", blocking=False)


def failing(session: Session) -> Iterator[Finding]:
    """Name the feeds that failed more than once in a row."""
    for feed in feeds(session):
        if feed.error and feed.tries > 1:
            said = FEED_ERRORS.get(feed.error, feed.error)
            yield Finding(code="feed_failing", sentence=f"{feed.source} kan ikke hentes: {said}", blocking=False)


def feeds(session: Session) -> list[Feed]:
    """Return how the fetching of each feed goes."""
    return list(session.scalars(sa.select(Feed).order_by(Feed.source)))


def doubted_sources(session: Session) -> list[DoubtedSource]:
    """Return the sources whose last import is in doubt."""
    latest = sa.select(Import.source, sa.func.max(Import.imported_at).label("at")).group_by(Import.source).subquery()
    rows = session.execute(
        sa.select(Import, ImportVerdict)
        .join(ImportVerdict, ImportVerdict.import_id == Import.id)
        .join(latest, sa.and_(latest.c.source == Import.source, latest.c.at == Import.imported_at))
        .where(ImportVerdict.doubt.is_not(None))
        .order_by(Import.source)
    )
    return [
        DoubtedSource(
            source=report.source,
            since=report.imported_at,
            doubt=verdict.doubt,
            missing=report.missing,
            coming=verdict.coming,
        )
        for report, verdict in rows
        if verdict.doubt
    ]

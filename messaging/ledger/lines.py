"""A thread as it stands on paper: each message a line that says when, who, by which way and how far it got.

Notes of staff stand among them and are marked as what they are; the internal ones, too, are open to access requests.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from messaging.clock import COPENHAGEN
from messaging.conversations.models import Direction
from messaging.conversations.note_models import NoteKind
from messaging.conversations.notes import NoteView
from messaging.conversations.queries import ThreadMessage
from messaging.conversations.search_wording import template_name
from messaging.conversations.wording import KINDS, MEDIA, NOTES, Explain, author_of, journal_of, media_of, state_of
from messaging.ledger.periods import Period
from messaging.ledger.wording import NOT_REACHED, REACHED
from messaging.web.dates import dated, day
from messaging.web.language import later
from messaging.web.language import now as _

INDENT = "    "
NOTE_INTERNAL = later("Intern note, ikke sendt til borgeren")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message or note in words. `side`: `ours`, `theirs` or `note`."""

    at: datetime
    side: str
    author: str
    what: str
    text: str = field(repr=False)
    state: str

    @property
    def day(self) -> date:
        """The day it belongs to, on our wall clock."""
        return self.at.astimezone(COPENHAGEN).date()


def line_of(message: ThreadMessage, *, now: datetime, failure: Explain) -> Line:
    """Write a message as a line."""
    ours = message.direction is Direction.OUT
    what = (
        KINDS[message.kind],
        MEDIA.get(message.medium, message.medium),
        template_name(message.template) if message.template else "",
    )
    return Line(
        at=message.created_at,
        side="ours" if ours else "theirs",
        author=str(author_of(message)),
        what=", ".join(str(word) for word in what if word),
        text="\n".join(filter(None, (message.text, media_of(message)))),
        state=" · ".join(_state(message, now=now, failure=failure)),
    )


def line_of_note(note: NoteView) -> Line:
    """Write a note as a line."""
    internal = note.kind is NoteKind.INTERNAL
    what = NOTE_INTERNAL if internal else NOTES[note.kind]
    when = "" if internal else dated(note.occurred_at)
    reached = "" if note.reached is None else (REACHED if note.reached else NOT_REACHED).sentence
    state = (when, reached, journal_of(note).word)
    return Line(
        at=note.at,
        side="note",
        author=note.author,
        what=str(what),
        text=note.text,
        state=" · ".join(str(word) for word in state if word),
    )


def write_text(head: Iterable[str], lines: Iterable[Line]) -> str:
    """Return the transcript as text. What people wrote is indented, so that no message looks like the head of one."""
    written = [*head, ""]
    for line in lines:
        written += [" · ".join(filter(None, (dated(line.at), line.author, line.what)))]
        written += [INDENT + row for row in line.text.splitlines()]
        written += [f"({line.state})", ""]
    return "\n".join(written) + "\n"


def period_in_words(period: Period) -> str:
    """Write a period as a sentence begins with it."""
    first, last = (f"{day(of)} {of.year}" if of else None for of in (period.first, period.last))
    if first and last:
        return _("Fra og med %(first)s til og med %(last)s", first=first, last=last)
    if first:
        return _("Fra og med %(first)s", first=first)
    return _("Til og med %(last)s", last=last) if last else _("Hele samtalen")


def _state(message: ThreadMessage, *, now: datetime, failure: Explain) -> Iterable[str]:
    if message.direction is Direction.OUT:
        state = state_of(message, now=now, failure=failure)
        yield f"{state.word} {dated(message.state_since)}. {state.sentence}"
    journal = journal_of(message)
    receipt = message.journaled.receipt_number if message.journaled else None
    yield f"{journal.word}: {receipt}" if receipt else str(journal.word)

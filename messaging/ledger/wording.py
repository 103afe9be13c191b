"""The ledger in plain Danish: what was tried, by which way, and how far it got."""

from datetime import datetime

from messaging.appointments.states import ReminderState
from messaging.appointments.wording import REASONS as UNSENT_REASONS
from messaging.conversations.content_gate import mask_cpr
from messaging.conversations.note_models import NoteKind
from messaging.conversations.notes import NoteView
from messaging.conversations.queries import ThreadMessage
from messaging.conversations.search_wording import template_name
from messaging.conversations.states import MessageState
from messaging.conversations.wording import KINDS, MEDIA, NOTES, Explain, Wording, state_of
from messaging.ledger.contact_attempts import ContactAttempt, UnsentReminder
from messaging.people.reaching import SMS
from messaging.web.dates import dated
from messaging.web.language import later as _
from messaging.web.language import now as _now

NOT_SERVICE = _(
    "Dette er ikke en forkyndelse. Oversigten viser, hvordan og hvornår vi har forsøgt at få kontakt med borgeren. At "
    "en sms står som leveret, betyder, at den er nået frem til telefonen – ikke, at borgeren har læst den."
)

HIDDEN = _("CPR-numre i teksten er skjult. De står i sagens journal.")

HEAD = (
    _("Tidspunkt"),
    _("Forsøg"),
    _("Kanal"),
    _("Nummer"),
    _("Afsender"),
    _("Ordlyd"),
    _("Skabelon"),
    _("Resultat"),
    _("Forklaring"),
    _("Resultat kendt"),
    _("Borgeren skrev derefter"),
)
"""The columns of the exported table."""

UNSENT: dict[ReminderState, str] = {
    ReminderState.WITHHELD: _("Holdt tilbage som led i forsøget"),
    ReminderState.SKIPPED: _("Ikke sendt"),
    ReminderState.ON_HOLD: _("Sat på hold af en medarbejder"),
}

WAYS: dict[NoteKind, str] = {
    NoteKind.CALL_OUT: _("Telefon"),
    NoteKind.CALL_IN: _("Telefon"),
    NoteKind.VISIT: _("Besøg"),
    NoteKind.DESK: _("Fremmøde"),
}
REACHED = Wording(word=_("Talte sammen"), sentence=_("Vi fik fat i borgeren."), tone="good")
NOT_REACHED = Wording(word=_("Ikke truffet"), sentence=_("Vi fik ikke fat i borgeren."), tone="warning")

ON_ITS_WAY = frozenset({MessageState.QUEUED, MessageState.SENDING})

NO_SUCH_DAY = _("Datoerne passer ikke. Skriv dem som dag, måned og år, og lad den første dag ligge før den sidste.")


def kind_of(attempt: ContactAttempt) -> str:
    """Return what sort of attempt it was."""
    if isinstance(attempt.what, UnsentReminder):
        return _now("Påmindelse, der ikke blev sendt")
    if isinstance(attempt.what, NoteView):
        return NOTES[attempt.what.kind]
    return KINDS[attempt.what.kind] or _now("Besked")


def way_of(attempt: ContactAttempt) -> str:
    """Return by which way it went."""
    if isinstance(attempt.what, NoteView):
        return WAYS[attempt.what.kind]
    medium = SMS if isinstance(attempt.what, UnsentReminder) else attempt.what.medium
    return MEDIA.get(medium, medium)


def number_of(attempt: ContactAttempt) -> str:
    """Return the end of the number it went to."""
    return _now("ender på %(digits)s", digits=attempt.digits) if attempt.digits else ""


def sender_of(attempt: ContactAttempt) -> str:
    """Return who wrote it."""
    if isinstance(attempt.what, NoteView):
        return attempt.what.author
    written_by = None if isinstance(attempt.what, UnsentReminder) else attempt.what.author_name
    return written_by or _now("Systemet")


def text_of(attempt: ContactAttempt, *, with_numbers: bool = False) -> str:
    """Return its words; of a reminder that was not sent, which meeting it was for.

    A personal number in them is hidden unless they are to be read `with_numbers`.
    """
    if isinstance(attempt.what, UnsentReminder):
        return _now("%(type)s %(when)s", type=attempt.what.meeting_type, when=dated(attempt.what.meeting_at))
    return attempt.what.text if with_numbers else mask_cpr(attempt.what.text)


def template_of(attempt: ContactAttempt) -> str:
    """Return the approved text that the words came from, with its version: `Velkomst, version 2`."""
    if isinstance(attempt.what, ThreadMessage) and attempt.what.template is not None:
        return template_name(attempt.what.template)
    return ""


def result_of(attempt: ContactAttempt, *, now: datetime, failure: Explain) -> Wording:
    """Return how far it got, and why no further."""
    if isinstance(attempt.what, UnsentReminder):
        reason = attempt.what.reason
        sentence = f"{UNSENT_REASONS.get(reason, reason)}.".capitalize() if reason else ""
        return Wording(word=UNSENT[attempt.what.state], sentence=sentence, tone="warning")
    if isinstance(attempt.what, NoteView):
        return REACHED if attempt.what.reached else NOT_REACHED
    return state_of(attempt.what, now=now, failure=failure)


def known_since(attempt: ContactAttempt) -> datetime | None:
    """Return since when that is known; None while it is on its way, and for what never left."""
    if isinstance(attempt.what, ThreadMessage) and attempt.what.state not in ON_ITS_WAY:
        return attempt.what.state_since
    return None


def row_of(attempt: ContactAttempt, *, now: datetime, failure: Explain, with_numbers: bool) -> tuple[str, ...]:
    """Return the attempt as a row of the exported table, in the order of HEAD."""
    result, known = result_of(attempt, now=now, failure=failure), known_since(attempt)
    return (
        dated(attempt.at),
        kind_of(attempt),
        way_of(attempt),
        number_of(attempt),
        sender_of(attempt),
        text_of(attempt, with_numbers=with_numbers),
        template_of(attempt),
        result.word,
        result.sentence,
        dated(known) if known else "",
        dated(attempt.answered_at) if attempt.answered_at else "",
    )

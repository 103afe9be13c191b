"""The words of reminders, written when they are planned: what a caseworker reads beforehand is what leaves.

They stay sealed beside the reminder while it waits. When it is due they leave if everything they were made of is still
so: the approved text, the meeting, who holds it, the name. Otherwise, and where there are none, it is composed anew.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from messaging.appointments.combining import COMBINED
from messaging.appointments.composing import Composer, Subject
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.postcards import prepare_reminder
from messaging.appointments.readers import Words
from messaging.appointments.states import ReminderState
from messaging.appointments.timing import Step
from messaging.conversations.office import Office
from messaging.conversations.rendering import EmptyVariable, UnusableText
from messaging.conversations.templates import NoValidTemplate
from messaging.people.acting import Act
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.vault.place import Place

EARLY, LAST = "M1", "M2"
"""The texts of the reminders: the last one before the meeting asks for a plan."""


def write_ahead(
    act: Act,
    planned: Sequence[tuple[Appointment, Sequence[dict[str, Any]]]],
    *,
    office: Office,
    steps: Sequence[Step],
) -> None:
    """Put the words into rows of reminders that are about to be put down; left out where they cannot be put together.

    Words in a language other than Danish are left out too: they go with the Danish ones, for which a row has no room.
    """
    composer = Composer(act.session, act.vault, [appointment for appointment, _ in planned], now=act.now, office=office)
    last = last_of(steps)
    for appointment, rows in planned:
        subject = composer.subject(appointment, shared=False)
        for row in rows:
            if row["state"] is ReminderState.PLANNED:
                try:
                    _write(composer, row, subject, last=last)
                except (UnusableText, NoValidTemplate, CannotOpen, UnknownOwner):
                    continue  # told when it is due


def words_of(
    composer: Composer, reminder: Reminder, appointment: Appointment, *, last: str | None, shared: bool, at: datetime
) -> Words:
    """Return what a reminder says if it is sent then: what was written ahead if that is still true, else anew.

    `last` is the step that `text_of` asks for. Raises as `prepare_reminder` and `Composer.address`.
    """
    usual = usual_text(reminder.step, last=last)
    subject = composer.subject(appointment, shared=shared)
    prepared = prepare_reminder(composer, reminder.wording or usual, subject, usual=usual, sent_at=at)
    box = prepared.reader.box
    if box is None or reminder.words is None or reminder.words_digest != composer.digest(prepared):
        return composer.address(prepared)
    kept = box.open(reminder.words, place=_place(reminder.id))
    return Words(text=kept, template=prepared.template, content_free=prepared.content_free)


def preview(
    composer: Composer,
    reminder: Reminder,
    appointment: Appointment,
    *,
    both: tuple[Appointment, Appointment] | None,
    last: str | None,
    shared: bool,
    at: datetime,
) -> str | None:
    """Return what a reminder would say then, of `both` meetings where it goes with another in one text; None if it
    cannot be put together as things are."""
    try:
        if both is not None:
            return composer.compose_two(COMBINED, *both, shared=shared, sent_at=at).text
        return words_of(composer, reminder, appointment, last=last, shared=shared, at=at).text
    except (EmptyVariable, NoValidTemplate):
        return None


def _write(composer: Composer, row: dict[str, Any], subject: Subject, *, last: str | None) -> None:
    usual = usual_text(row["step"], last=last)
    prepared = prepare_reminder(composer, row["wording"] or usual, subject, usual=usual, sent_at=row["due_at"])
    box = prepared.reader.box
    if prepared.original is None and box is not None:
        row["words"] = box.seal(prepared.named(), place=_place(row["id"]))
        row["words_digest"] = composer.digest(prepared)


def usual_text(step: str, *, last: str | None) -> str:
    """Return the key of a step's text where none was drawn for it: the last one before the meeting has its own."""
    return LAST if step == last else EARLY


def last_of(steps: Sequence[Step]) -> str | None:
    """Return the step that is the last before the meeting; None where the settings have no steps at all."""
    last = min(steps, key=lambda step: step.days, default=None)
    return last.key if last else None


def _place(reminder_id: uuid.UUID) -> Place:
    return Place("reminders", "words", reminder_id)

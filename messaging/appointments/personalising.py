"""A caseworker's own line in one planned reminder: sent after the approved words, which nobody changes.

It goes with this reminder and no other: what she wrote may have been about the old time. A meeting that is moved is
reminded of in the approved words, and her line is offered to her again beside them. A number that several share gets
nothing that is meant for one of them.
"""

import uuid
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from messaging.appointments.holding import NotWaiting, lock_reminder
from messaging.appointments.models import PersonalLine, Reminder
from messaging.appointments.states import WAITING, ReminderState
from messaging.conversations.content_gate import examine
from messaging.conversations.segments import make_gsm
from messaging.errors import Conflict, InvalidInput
from messaging.people.acting import Act
from messaging.people.reaching import reach
from messaging.vault.place import Place
from messaging.vault.vault import Vault

LONGEST = 160
"""Characters of a line: what one SMS takes."""


class SharedNumber(Conflict):
    """Several citizens have this number, so that nothing personal goes to it."""

    code = "shared_number"


def add_line(act: Act, *, reminder_id: uuid.UUID, line: str) -> None:
    """Add a line to a reminder that waits, in the place of the one it has.

    Raises NotFound, NotWaiting, SharedNumber, or InvalidInput for a line that may not leave by SMS.
    """
    line = check_line(line)
    reminder, appointment = lock_reminder(act, reminder_id)
    if reminder.state not in WAITING:
        raise NotWaiting("the reminder does not wait to be sent")
    if reach(act.session, appointment.citizen_id).shared:
        raise SharedNumber("the number is shared")
    if act.actor.id is None:
        raise ValueError("only somebody signed in adds a line")
    row = act.session.get(PersonalLine, reminder.id) or PersonalLine(reminder_id=reminder.id)
    row.line = act.seal(line, owner=appointment.citizen_id, table="personal_lines", column="line", row=reminder.id)
    row.added_by, row.added_at = act.actor.id, act.now
    act.session.add(row)
    _tell(act, reminder, "reminder.personalised")


def remove_line(act: Act, *, reminder_id: uuid.UUID) -> None:
    """Let the approved words go alone; does nothing where no line is. Raises NotFound or NotWaiting."""
    reminder, _ = lock_reminder(act, reminder_id)
    if reminder.state not in WAITING:
        raise NotWaiting("the reminder does not wait to be sent")
    act.session.execute(sa.delete(PersonalLine).filter_by(reminder_id=reminder.id))
    _tell(act, reminder, "reminder.line_removed")


def check_line(line: str) -> str:
    """Return the line as it is sent, in one row and in plain characters.

    Raises InvalidInput, with the reason as its field where the content gate would hold it.
    """
    line = make_gsm(" ".join(line.split()))
    if not line:
        raise InvalidInput("a line needs words", field="line")
    if len(line) > LONGEST:
        raise InvalidInput(f"a line has at most {LONGEST} characters", field="length")
    for hold in examine(line):
        raise InvalidInput("this may not leave by SMS", field=hold.reason)
    return line


def lines_of(session: Session, reminder_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PersonalLine]:
    """Return the lines of these reminders, unopened."""
    chosen = sa.select(PersonalLine).where(PersonalLine.reminder_id.in_(list(reminder_ids)))
    return {row.reminder_id: row for row in session.scalars(chosen)}


def lines_left_behind(session: Session, reminder_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PersonalLine]:
    """Return, unopened, the last line that the same step of an earlier time of the meeting had and never sent."""
    before = aliased(Reminder)
    rows = session.execute(
        sa.select(Reminder.id, PersonalLine)
        .join(before, sa.and_(before.appointment_id == Reminder.appointment_id, before.step == Reminder.step))
        .join(PersonalLine, PersonalLine.reminder_id == before.id)
        .where(
            Reminder.id.in_(list(reminder_ids)),
            before.revision < Reminder.revision,
            before.state == ReminderState.SKIPPED,
        )
        .order_by(before.revision)
    )
    return dict(rows.all())


def open_line(
    vault: Vault, lines: Mapping[uuid.UUID, PersonalLine], *, reminder_id: uuid.UUID, citizen_id: uuid.UUID
) -> str | None:
    """Return what one of these reminders is to say beside its approved words. Raises CannotOpen."""
    row = lines.get(reminder_id)
    if row is None:
        return None
    return vault.open(row.line, owner=citizen_id, place=Place("personal_lines", "line", row.reminder_id))


def _tell(act: Act, reminder: Reminder, action: str) -> None:
    act.audit(action, object_kind="reminder", object_id=reminder.id)
    act.announce("appointment.changed", object_id=reminder.appointment_id)

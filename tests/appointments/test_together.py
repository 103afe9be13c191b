"""Import, reminders, answers and outcomes at the same time: nothing is lost and nothing doubled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.states import OutcomeWord, ReminderState
from messaging.appointments.work import AnswerReader, ReminderLane
from messaging.conversations.models import Direction, Kind, Message
from messaging.conversations.states import MessageState
from messaging.errors import Conflict, DatabaseBusy
from messaging.people.actors import SYSTEM
from tests.appointments.conftest import Desk, wall

MANY = 30
LINES = [
    {"aftale_id": f"A{number}", "cpr": f"710101-{number + 1000}", "telefon": f"281020{number:02}"}
    for number in range(MANY)
]


def together(*things: Callable[[], object]) -> None:
    """Do all of it at once; what finds the database busy is tried again, as the runner does."""
    with ThreadPoolExecutor(len(things)) as pool:
        for done in [pool.submit(patiently, thing) for thing in things]:
            done.result()


def patiently(thing: Callable[[], object]) -> None:
    for _ in range(20):
        with suppress(DatabaseBusy):
            thing()
            return
    raise AssertionError("the database was busy all the time")


def test_reminders_that_two_workers_decide_on_are_sent_once(desk: Desk) -> None:
    desk.clock.moment = wall("2027-10-01 10:00")
    desk.take_in(*LINES)
    desk.clock.moment = wall("2027-10-11 10:31")

    together(*[ReminderLane(desk.runtime).drain for _ in range(4)])

    decided = [row for row in desk.every(Reminder) if row.step == "3_days"]
    assert {row.state for row in decided} == {ReminderState.SENT}
    assert len(desk.every(Message)) == len({row.message_id for row in decided}) == MANY


def test_import_reminders_answers_and_outcomes_do_not_stand_in_each_others_way(desk: Desk) -> None:
    desk.clock.moment = wall("2027-10-01 10:00")
    desk.take_in(*LINES)
    desk.reminds(at="2027-10-11 10:31")
    for number in range(MANY):
        desk.receives("2", sender=f"+45281020{number:02}")
    desk.clock.moment = wall("2027-10-13 10:31")
    meetings = [row.id for row in desk.every(Appointment)]

    def cancel_all() -> None:
        for meeting in reversed(meetings):
            with suppress(Conflict), desk.runtime.act(SYSTEM) as act:
                record_outcome(act, appointment_id=meeting, outcome=OutcomeWord.CANCELLED_BY_CITIZEN)

    together(
        lambda: desk.take_in(*({**line, "start": "15-10-2027 10:30"} for line in reversed(LINES))),
        ReminderLane(desk.runtime).drain,
        AnswerReader(desk.runtime).drain,
        cancel_all,
    )

    revisions = {row.id: row.revision for row in desk.every(Appointment)}
    waiting = {row.id for row in desk.every(Message) if row.kind is Kind.REMINDER and row.state is MessageState.QUEUED}
    outdated = [row for row in desk.every(Reminder) if row.revision < revisions[row.appointment_id]]
    assert set(revisions.values()) == {2}
    assert ReminderState.PLANNED not in {row.state for row in outdated}
    assert waiting.isdisjoint(row.message_id for row in outdated)
    answers = [row for row in desk.every(Message) if row.direction is Direction.IN]
    assert len(answers) == desk.events().count("reply.understood") == MANY

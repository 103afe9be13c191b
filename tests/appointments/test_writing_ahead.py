"""The words of a reminder, from when it is planned. The meeting is to. 14/10 kl. 10.30; its last reminder is the day
before."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from messaging.appointments.booking import change_appointment, meeting_of
from messaging.appointments.calling_off import call_off
from messaging.appointments.day import one_reminder
from messaging.appointments.holding import hold_reminder, let_go
from messaging.appointments.models import Appointment, MeetingText, Place, Reminder
from messaging.appointments.planning import ReminderRules, plan_reminders
from messaging.appointments.states import OutcomeWord, ReminderState
from messaging.conversations.models import Kind, Template, TemplateDraft
from messaging.database.base import table_of
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.card_models import Preference
from messaging.people.models import Caseworker, Citizen, PhoneNumber, Role
from messaging.people.wishes import mark_shared
from messaging.vault.errors import CannotOpen
from messaging.vault.place import Place as SealedAt
from tests.appointments.conftest import OFFICE, RULES, Desk, wall

BEFORE, EVE = "2027-10-04 10:00", "2027-10-13 10:31"
OTHER = "Noget andet end det, der ellers var kommet."


@pytest.fixture
def last(desk: Desk) -> Reminder:
    """The last reminder of the usual meeting, the others held back."""
    desk.books(at=BEFORE)
    *others, reminder = sorted(desk.every(Reminder), key=lambda row: row.due_at)
    with desk.runtime.act(mette(desk)) as act:
        for other in others:
            hold_reminder(act, reminder_id=other.id)
    return reminder


def mette(desk: Desk) -> Actor:
    staff = next(row for row in desk.every(Caseworker) if row.initials == "sb01")
    return Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)


def kept(desk: Desk, reminder: Reminder) -> str | None:
    """The words that stand beside a reminder."""
    row = next(one for one in desk.every(Reminder) if one.id == reminder.id)
    assert (row.words is None) == (row.words_digest is None)
    if row.words is None:
        return None
    owner = desk.appointment().citizen_id
    return desk.runtime.vault.open(row.words, owner=owner, place=SealedAt("reminders", "words", row.id))


def puts_aside(desk: Desk, reminder: Reminder) -> None:
    """Let other words stand beside a reminder as if they had been written there."""
    place = SealedAt("reminders", "words", reminder.id)
    sealed = desk.runtime.vault.seal(OTHER, owner=desk.appointment().citizen_id, place=place)
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Reminder).filter_by(id=reminder.id).values(words=sealed))


def shown(desk: Desk, reminder: Reminder, *, at: str) -> str | None:
    """What a caseworker reads of it beforehand."""
    with desk.runtime.database.read() as session:
        row = one_reminder(
            session,
            desk.runtime.vault,
            mette(desk),
            reminder_id=reminder.id,
            now=wall(at),
            rules=RULES,
            office=OFFICE,
        )
    assert row is not None
    return row.approved


def test_words_stand_sealed_beside_the_reminder_as_they_are_true_when_it_is_due(desk: Desk, last: Reminder) -> None:
    words = kept(desk, last)

    assert words is not None
    assert words.startswith("Hej Sara. Husk mødet i morgen kl. 10.30, ")
    assert words.encode() not in last.words.blob


def test_what_is_shown_beforehand_is_what_leaves(desk: Desk, last: Reminder) -> None:
    words = shown(desk, last, at="2027-10-08 12:00")
    desk.reminds(at=EVE)

    assert "i morgen kl. 10.30" in (words or "")
    assert desk.written(Kind.REMINDER) == [words]


def test_what_was_written_ahead_leaves_while_it_is_true(desk: Desk, last: Reminder) -> None:
    puts_aside(desk, last)
    desk.reminds(at=EVE)

    assert desk.written(Kind.REMINDER) == [OTHER]


def other_name(desk: Desk) -> None:
    citizen_id = desk.appointment().citizen_id
    sealed = desk.runtime.vault.seal("Zarah", owner=citizen_id, place=SealedAt("citizens", "first_name", citizen_id))
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Citizen).values(first_name=sealed))


def other_caseworker(desk: Desk) -> None:
    ahmed = next(row for row in desk.every(Caseworker) if row.initials == "sb02")
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Appointment).values(caseworker_id=ahmed.id))


def other_text(desk: Desk) -> None:
    with desk.runtime.database.write() as session:
        old = session.scalars(sa.select(Template).filter_by(key="M2", variant="in_person", language="da")).one()
        copied = {name: getattr(old, name) for name in set(table_of(Template).c.keys()) - {"id"}}
        changed = copied | {"version": old.version + 1, "text": f"{old.text} Nyt."}
        session.add(Template(**changed))


def changes(model: type, **values: str) -> Callable[[Desk], None]:
    def change(desk: Desk) -> None:
        with desk.runtime.database.write() as session:
            session.execute(sa.update(model).values(**values))

    return change


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (other_name, "Hej Zarah."),
        (other_caseworker, "Hej Sara."),
        (other_text, " Nyt."),
        (changes(Place, words="i gården"), "i gården"),
    ],
)
def test_words_that_are_true_no_more_are_composed_anew(
    desk: Desk, last: Reminder, change: Callable[[Desk], None], word: str
) -> None:
    puts_aside(desk, last)
    change(desk)
    desk.reminds(at=EVE)

    (text,) = desk.written(Kind.REMINDER)
    assert text != OTHER
    assert word in text


def test_a_change_that_the_text_does_not_tell_leaves_the_words_as_they_are(desk: Desk, last: Reminder) -> None:
    puts_aside(desk, last)
    changes(MeetingText, purpose="noget helt andet")(desk)  # the last reminder does not say what the meeting is about
    desk.reminds(at=EVE)

    assert desk.written(Kind.REMINDER) == [OTHER]


def test_reminder_that_goes_out_late_does_not_say_tomorrow(desk: Desk) -> None:
    desk.books(at=BEFORE, start="14-10-2027 14:30")
    desk.reminds(at="2027-10-14 10:00")  # nothing ran since: the last one goes out on the day itself

    (text,) = desk.written(Kind.REMINDER)
    assert "i dag kl. 14.30" in text


def test_number_that_turns_out_shared_gets_nothing_of_what_was_written_ahead(desk: Desk, last: Reminder) -> None:
    puts_aside(desk, last)
    with desk.runtime.act(mette(desk)) as act:
        mark_shared(act, number_id=act.session.scalars(sa.select(PhoneNumber.id)).one(), shared=True)
    desk.reminds(at=EVE)

    (text,) = desk.written(Kind.REMINDER)
    assert "Sara" not in text
    assert text != OTHER


def test_words_are_gone_when_the_reminder_has_been_sent(desk: Desk, last: Reminder) -> None:
    desk.reminds(at=EVE)

    assert kept(desk, last) is None


def test_words_are_gone_when_the_meeting_is_off(desk: Desk, last: Reminder) -> None:
    with desk.runtime.act(SYSTEM) as act:
        call_off(
            act,
            appointment_id=last.appointment_id,
            outcome=OutcomeWord.CANCELLED_BY_CITIZEN,
            reason="test",
            office=OFFICE,
        )

    assert desk.reminders()[last.step][0] == ReminderState.SKIPPED
    assert kept(desk, last) is None


def test_moved_meeting_has_words_of_its_new_time_only(desk: Desk, last: Reminder) -> None:
    with desk.runtime.act(SYSTEM) as act:
        meeting = meeting_of(act.session.get_one(Appointment, last.appointment_id))
        moved = type(meeting)(**{**vars(meeting), "starts_at": wall("2027-10-20 13:15")})
        change_appointment(act, appointment_id=last.appointment_id, meeting=moved, rules=RULES)
    new = [row for row in desk.every(Reminder) if row.revision == 2]

    assert kept(desk, last) is None
    assert ["13.15" in (kept(desk, row) or "") for row in new] == [True, True]


def test_words_that_cannot_be_put_together_are_left_for_when_it_is_due(desk: Desk) -> None:
    with desk.runtime.database.write() as session:
        session.execute(sa.delete(Template).filter_by(key="M1"))
    desk.books(at=BEFORE)
    first, last = sorted(desk.every(Reminder), key=lambda row: row.due_at)

    assert (kept(desk, first), first.state) == (None, ReminderState.PLANNED)
    assert kept(desk, last) is not None


def test_words_in_another_language_are_composed_when_they_are_due(desk: Desk) -> None:
    desk.books(at=BEFORE, aftale_id="A0", start="12-10-2027 10:30")
    with desk.runtime.act(SYSTEM) as act:
        act.session.add(
            Preference(citizen_id=desk.appointment("A0").citizen_id, language="en", changed_at=desk.clock.now())
        )
        for draft in act.session.scalars(sa.select(TemplateDraft).filter_by(key="M2", language="en")):
            columns = set(table_of(Template).c.keys()) & set(table_of(TemplateDraft).c.keys()) - {"id"}
            english = {name: getattr(draft, name) for name in columns}
            act.session.add(Template(**english, version=1, approved_by="test"))
    desk.books(at="2027-10-04 11:00", aftale_id="A1")
    meeting = desk.appointment("A1").id
    words = {row.step: row.words for row in desk.every(Reminder) if row.appointment_id == meeting}

    assert words["1_day"] is None  # it needs the Danish text beside it
    assert words["3_days"] is not None  # nobody has approved that one in English


def test_without_an_office_nothing_is_written_ahead(desk: Desk) -> None:
    appointment = desk.books(at=BEFORE)
    with desk.runtime.act(SYSTEM) as act:
        row = act.session.get_one(Appointment, appointment.id)
        row.revision += 1
        act.session.flush()
        plan_reminders(act, appointments=[row], rules=ReminderRules())

    assert [row.words for row in desk.every(Reminder) if row.revision == 2] == [None, None]


def test_name_that_is_changed_in_the_same_transaction_is_the_one_that_is_written(desk: Desk) -> None:
    meeting = desk.books(at=BEFORE)
    with desk.runtime.act(SYSTEM) as act:
        citizen = act.session.get_one(Citizen, meeting.citizen_id)
        citizen.first_name = act.seal("Zarah", owner=citizen.id, table="citizens", column="first_name", row=citizen.id)
        row = act.session.get_one(Appointment, meeting.id)
        row.revision += 1
        plan_reminders(act, appointments=[row], rules=RULES)

    words = [kept(desk, one) or "" for one in desk.every(Reminder) if one.revision == 2]
    assert [text.startswith("Hej Zarah.") for text in words] == [True, True]


def test_reminder_that_was_held_back_and_let_go_keeps_its_words(desk: Desk, last: Reminder) -> None:
    words = kept(desk, last)
    with desk.runtime.act(mette(desk)) as act:
        hold_reminder(act, reminder_id=last.id)
    with desk.runtime.act(mette(desk)) as act:
        let_go(act, reminder_id=last.id)

    assert kept(desk, last) == words


def test_words_open_beside_no_other_reminder(desk: Desk, last: Reminder) -> None:
    place = SealedAt("reminders", "words", uuid.uuid4())
    with pytest.raises(CannotOpen):
        desk.runtime.vault.open(last.words, owner=desk.appointment().citizen_id, place=place)

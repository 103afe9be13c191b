"""What the page of the day says of coming reminders is what becomes of them. Sara's meetings are on to. 14/10."""

from messaging.appointments.day import ComingReminder, coming_reminders
from messaging.appointments.holding import hold_reminder
from messaging.appointments.laying_plans import NewStep
from messaging.appointments.models import Reminder
from messaging.appointments.plan_hours import OwnHours
from messaging.appointments.plans import Scope
from messaging.appointments.states import ReminderState
from messaging.clock import COPENHAGEN
from messaging.conversations.models import Kind
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from tests.appointments.conftest import OFFICE, RULES, Desk, Lay, wall

BEFORE = "2027-10-13 08:00"
THREE = NewStep(days=3, texts=("M1",))
ONE = NewStep(days=1, texts=("M2",))


def foreseen(desk: Desk, *, at: str = BEFORE, until: str = "2027-10-15 00:00") -> list[ComingReminder]:
    desk.clock.moment = wall(at)
    staff = desk.every(Caseworker)[0]
    mette = Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)
    with desk.runtime.database.read() as session:
        return coming_reminders(
            session, desk.runtime.vault, mette, now=wall(at), until=wall(until), rules=RULES, office=OFFICE
        )


def comes_true(desk: Desk, rows: list[ComingReminder]) -> None:
    """Let the days pass, and see that what was said has come."""
    for row in rows:
        desk.reminds(at=f"{row.due_at.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}:30")
    became = {row.id: (row.state, row.reason) for row in desk.every(Reminder)}
    for row in rows:
        if row.obstacle:
            assert became[row.id] == (ReminderState.SKIPPED, row.obstacle)
        else:
            assert became[row.id][0] is ReminderState.SENT
    sent = desk.written(Kind.REMINDER)
    assert {row.text for row in rows if not row.obstacle} <= set(sent)


def test_who_has_confirmed_is_shown_as_reminded_no_more(desk: Desk, lays: Lay) -> None:
    lays(THREE, ONE)
    desk.books()
    desk.reminds(at="2027-10-11 10:31")
    desk.hears("1", at="2027-10-11 12:00")

    rows = foreseen(desk)

    assert [row.obstacle for row in rows] == ["confirmed"]
    comes_true(desk, rows)


def test_limit_of_a_meeting_counts_what_is_still_to_be_sent(desk: Desk, lays: Lay) -> None:
    lays(THREE, ONE, most_per_meeting=1)
    desk.books()

    rows = foreseen(desk, at="2027-10-11 08:00")

    assert [row.obstacle for row in rows] == [None, "enough_for_meeting"]
    comes_true(desk, rows)


def test_limit_of_a_day_is_of_each_day(desk: Desk, lays: Lay) -> None:
    lays(THREE, ONE, most_per_day=1)
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00")

    rows = foreseen(desk, at="2027-10-11 08:00")

    assert [row.obstacle for row in rows] == [None, "enough_today", None, "enough_today"]
    comes_true(desk, rows)


def test_reminder_that_will_yield_to_a_nearer_meeting_says_so(desk: Desk, lays: Lay) -> None:
    lays(THREE, ONE, most_per_day=1)
    desk.books(aftale_id="A1", start="13-10-2027 13:00")
    desk.books(aftale_id="B1", start="15-10-2027 10:00")
    desk.reminds(at="2027-10-10 13:01")

    rows = foreseen(desk, at="2027-10-12 08:00", until="2027-10-13 00:00")

    assert [row.obstacle for row in rows] == ["enough_today", None]
    comes_true(desk, rows)


def test_reminder_is_not_said_to_yield_to_one_that_cannot_go_on_that_day(desk: Desk, lays: Lay) -> None:
    by_phone = Scope(unit_id=None, meeting_type="Telefon", target_group=None)
    lays(NewStep(days=1, hour=10, texts=("M2",)), most_per_day=1)
    lays(NewStep(days=1, hour=11, texts=("M2",)), most_per_day=1, scope=by_phone, hours=OwnHours(opens=9, closes=12))
    desk.books(aftale_id="A1", start="14-10-2027 16:00")
    desk.books(aftale_id="A2", start="14-10-2027 15:00", samtaletype="Telefon")

    rows = foreseen(desk, at="2027-10-13 15:00", until="2027-10-14 00:00")

    assert [(row.starts_at, row.obstacle) for row in rows][:1] == [(wall("2027-10-14 16:00"), None)]


def test_what_was_sent_today_counts(desk: Desk, lays: Lay) -> None:
    lays(ONE, most_per_day=1)
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00")
    desk.reminds(at="2027-10-13 10:31")

    rows = foreseen(desk, at="2027-10-13 11:00")

    assert [row.obstacle for row in rows] == ["enough_today"]
    comes_true(desk, rows)


def test_both_meetings_of_one_text_are_shown_in_its_words(desk: Desk, lays: Lay) -> None:
    lays(ONE, combines=True)
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00")

    rows = foreseen(desk)

    assert [row.together_with for row in rows] == [wall("2027-10-14 13:00"), wall("2027-10-14 10:30")]
    assert {row.text for row in rows} == {rows[0].text}
    assert "Husk dine to møder" in (rows[0].text or "")
    comes_true(desk, rows)


def test_reminder_that_is_held_back_counts_for_nothing(desk: Desk, lays: Lay) -> None:
    lays(ONE, most_per_day=1)
    first = desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00")
    held = next(row for row in desk.every(Reminder) if row.appointment_id == first.id)
    with desk.runtime.act(SYSTEM) as act:
        hold_reminder(act, reminder_id=held.id)

    assert [(row.is_held, row.obstacle) for row in foreseen(desk)] == [(True, None), (False, None)]


def test_without_a_plan_nothing_stands_in_the_way(desk: Desk) -> None:
    desk.books()

    rows = foreseen(desk, at="2027-10-11 08:00")

    assert [(row.obstacle, row.together_with) for row in rows] == [(None, None)] * 2
    comes_true(desk, rows)

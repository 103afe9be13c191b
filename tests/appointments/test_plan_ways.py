"""By which ways a plan's reminders go: an order and a narrowing, under the arms of the trial, which always win."""

import uuid
from collections.abc import Collection, Sequence

import pytest

from messaging.appointments.day import coming_reminders
from messaging.appointments.laying_plans import NewPlan, write_plan
from messaging.appointments.models import Reminder
from messaging.appointments.planning import ReminderRules
from messaging.appointments.reminding import send_due_reminders
from messaging.appointments.states import ReminderState
from messaging.conversations.channel_choice import Has, Means
from messaging.conversations.models import Direction, Message
from messaging.conversations.office import Office
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.card_models import Medium
from messaging.people.models import Caseworker, Role
from messaging.trial.capabilities import Sort, Way
from messaging.trial.models import Arm, ArmDecision
from messaging.trial.taking_part import join
from tests.appointments.conftest import ANY, FIRST, OFFICE, RULES, TWO_DAYS, Desk, Lay, wall

SENT = (ReminderState.SENT, None)
DUE = "2027-10-12 10:31"
APP = Means(has=Has.PUSH, prefers=Medium.APP)
WANTS_SMS = Means(has=Has.PUSH, prefers=Medium.SMS, asked=True)
WANTS_APP = Means(has=Has.APP, prefers=Medium.APP, asked=True)


def reminds(desk: Desk, means: Means) -> None:
    desk.clock.moment = wall(DUE)

    def means_of(_: object, citizens: Collection[uuid.UUID]) -> dict[uuid.UUID, Means]:
        return dict.fromkeys(citizens, means)

    with desk.runtime.act(SYSTEM) as act:
        office = Office.from_config(desk.runtime.config)
        send_due_reminders(act, rules=ReminderRules(), office=office, means_of=means_of)


def went(desk: Desk) -> list[str]:
    return [row.medium for row in desk.every(Message) if row.direction is Direction.OUT]


def became(desk: Desk) -> Sequence[tuple[ReminderState, str | None]]:
    return [(row.state, row.reason) for row in desk.every(Reminder)]


@pytest.mark.parametrize(
    ("ways", "means", "way"),
    [
        ((), Means(), "sms"),
        ((), APP, "app"),
        (("app", "sms"), Means(), "sms"),
        (("app", "sms"), APP, "app"),
        (("app", "sms"), WANTS_SMS, "sms"),
        (("sms", "app"), APP, "sms"),
        (("sms", "app"), WANTS_APP, "app"),
        (("sms",), APP, "sms"),
        (("sms",), WANTS_APP, "sms"),
        (("app",), APP, "app"),
        (("app",), WANTS_SMS, "app"),
        (("app",), Means(), "app"),  # she is told by the SMS that says to log in
    ],
)
def test_reminder_goes_by_the_first_of_its_plans_ways_that_she_has_and_by_what_she_has_asked_for(
    desk: Desk, lays: Lay, ways: tuple[str, ...], means: Means, way: str
) -> None:
    lays(ways=ways)
    desk.books()
    reminds(desk, means)

    assert (became(desk), went(desk)) == ([SENT], [way])


@pytest.mark.parametrize(
    ("ways", "means", "way"),
    [
        (("sms", "app"), APP, "app"),
        (("app", "sms"), WANTS_SMS, "app"),
        (("sms",), APP, None),
        (("app",), Means(), None),  # nobody could tell her to log in
        (("app",), APP, "app"),
    ],
)
def test_whom_no_sms_reaches_is_reminded_in_the_app_where_the_plan_has_that_way(
    desk: Desk, lays: Lay, ways: tuple[str, ...], means: Means, way: str | None
) -> None:
    lays(ways=ways)
    desk.books()
    desk.hears("STOP", at="2027-10-10 10:00")
    before = len(went(desk))
    reminds(desk, means)

    assert became(desk) == [SENT if way else (ReminderState.SKIPPED, "opted_out")]
    assert went(desk)[before:] == ([way] if way else [])


@pytest.mark.parametrize("means", [Means(), APP, WANTS_SMS], ids=["number", "app", "wants sms"])
@pytest.mark.parametrize(
    ("arm", "ways", "way"),
    [
        (Arm.SMS, (), "sms"),
        (Arm.SMS, ("sms",), "sms"),
        (Arm.SMS, ("app", "sms"), "sms"),
        (Arm.SMS, ("app",), None),
        (Arm.APP, (), "app"),
        (Arm.APP, ("app",), "app"),
        (Arm.APP, ("sms", "app"), "app"),
        (Arm.APP, ("sms",), None),
        (Arm.CONTROL, (), None),
        (Arm.CONTROL, ("sms", "app"), None),
        (Arm.CONTROL, ("app",), None),
    ],
)
def test_plan_never_widens_what_an_arm_allows_and_what_is_left_of_neither_is_withheld_by_the_arm(
    desk: Desk, lays: Lay, arm: Arm, ways: tuple[str, ...], way: str | None, means: Means
) -> None:
    lays(ways=ways)
    citizen_id = desk.books().citizen_id
    with desk.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: arm})
    reminds(desk, means)

    assert went(desk) == ([way] if way else [])
    assert became(desk) == [SENT if way else (ReminderState.WITHHELD, f"{arm}_arm")]
    refused = Way.APP if ways == ("app",) else Way.SMS
    withheld = [] if way else [(arm, Sort.REMINDER, refused)]
    assert [(row.arm, row.sort, row.way) for row in desk.every(ArmDecision)] == withheld


def test_arm_is_asked_once_more_before_an_sms_of_a_plan_leaves(desk: Desk, lays: Lay) -> None:
    lays(ways=("sms",))
    citizen_id = desk.books().citizen_id
    reminds(desk, Means())
    with desk.runtime.act(SYSTEM) as act:
        join(act, {citizen_id: Arm.APP})
    desk.sends()

    assert desk.channel.sent == []
    assert [(row.state, row.reason) for row in desk.every(Message)] == [(MessageState.CANCELLED, "app_arm")]


@pytest.mark.parametrize(("ways", "alone"), [((), False), (("sms", "app"), True)])
def test_two_meetings_go_in_one_text_only_where_both_plans_have_the_same_ways(
    desk: Desk, lays: Lay, ways: tuple[str, ...], alone: bool
) -> None:
    lays(combines=True)
    lays(combines=True, ways=ways, scope=type(ANY)(unit_id=None, meeting_type="Telefon", target_group=None))
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 10:31", samtaletype="Telefon")
    reminds(desk, Means())

    assert len(went(desk)) == (2 if alone else 1)


@pytest.mark.parametrize(
    ("ways", "has_app", "arm", "obstacle"),
    [
        ((), False, None, "opted_out"),
        ((), True, None, None),
        (("sms",), True, None, "opted_out"),
        (("app",), False, None, "opted_out"),
        (("app", "sms"), True, None, None),
        (("sms",), True, Arm.APP, "app_arm"),
        (("app",), False, Arm.SMS, "sms_arm"),
    ],
)
def test_caseworker_is_shown_beforehand_what_will_not_go(
    desk: Desk, lays: Lay, ways: tuple[str, ...], has_app: bool, arm: Arm | None, obstacle: str | None
) -> None:
    lays(ways=ways)
    citizen_id = desk.books().citizen_id
    desk.hears("STOP", at="2027-10-10 10:00")
    if arm is not None:
        with desk.runtime.act(SYSTEM) as act:
            join(act, {citizen_id: arm})
    staff = desk.every(Caseworker)[0]
    mette = Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)
    with desk.runtime.database.read() as session:
        (row,) = coming_reminders(
            session,
            desk.runtime.vault,
            mette,
            now=desk.clock.moment,
            until=wall("2027-10-13 00:00"),
            rules=RULES,
            office=OFFICE,
            apps_of=lambda _, citizens: citizens if has_app else (),
        )
    reminds(desk, APP if has_app else Means())

    assert row.obstacle == obstacle
    assert became(desk)[0][1] == obstacle


@pytest.mark.parametrize("ways", [("push",), ("sms", "sms"), ("app", "letter"), ("login_sms",)])
def test_way_that_the_service_has_not_is_refused(desk: Desk, writer: Actor, ways: tuple[str, ...]) -> None:
    desk.clock.moment = wall("2027-09-01 08:00")
    with pytest.raises(InvalidInput) as refused, desk.runtime.act(writer) as act:
        write_plan(act, NewPlan(id=new_id(), scope=ANY, first_day=FIRST, steps=TWO_DAYS, ways=ways))

    assert refused.value.field == "ways"

"""Around the meetings of the trial: whom staying away cost another summons, and who else reminded."""

import uuid
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

import pytest

from messaging.appointments.exposure_models import Exposure
from messaging.appointments.models import Import
from messaging.appointments.planned_models import PlannedMeeting
from messaging.attendance.models import OfficialOutcome, OfficialWord
from messaging.conversations.channel_choice import Has
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm, TrialArm
from messaging.people.models import Caseworker
from messaging.trial.taking_part import join
from messaging.volumes.around_meetings import HIDDEN, Coverage, Resummons, Told, coverage, resummons
from tests.house import House


def meet(
    house: House,
    citizen_id: uuid.UUID,
    mette: Caseworker,
    word: OfficialWord | None,
    *,
    days: float,
    eligible: bool | None = None,
) -> uuid.UUID:
    """A meeting that counted, some days from now, and what the employment system said of it."""
    meeting = house.appointment(citizen_id, mette, in_days=days)
    with house.runtime.database.write() as session:
        planned = PlannedMeeting(
            appointment_id=meeting.id,
            planned_for=meeting.starts_at,
            stood=True,
            caseworker_id=mette.id,
            meeting_type=meeting.meeting_type,
            decided_at=meeting.booked_at,
            eligible=eligible,
        )
        session.add(planned)
        if word is not None:
            file = Import(id=new_id(), source="t", imported_at=meeting.booked_at, imported_by="t", lines=1, created=1,
                          changed=0, unchanged=0, rejected=0, missing=0)  # fmt: skip
            session.add(file)
            session.flush()
            told = {"planned_for": meeting.starts_at, "outcome": word, "imported_at": meeting.booked_at}
            session.add(OfficialOutcome(appointment_id=meeting.id, import_id=file.id, **told))
    return meeting.id


def period(house: House, *, days: float = 30) -> dict[str, datetime]:
    now = house.runtime.clock.now()
    return {"since": now, "until": now + timedelta(days=days)}


def test_a_no_show_that_is_followed_by_the_same_kind_of_meeting_was_a_resummons(house: House) -> None:
    mette = house.caseworker()
    for number in range(5):
        citizen_id = house.citizen(caseworker=mette, number=None)
        with house.runtime.act(SYSTEM) as act:
            join(act, {citizen_id: Arm.SMS})
        meet(house, citizen_id, mette, OfficialWord.NO_SHOW, days=1)
        meet(house, citizen_id, mette, OfficialWord.HELD, days=10)
        meet(house, citizen_id, mette, OfficialWord.NO_SHOW, days=20 + number)  # nothing follows
    with house.runtime.database.read() as session:
        sms, app, control = resummons(session, **period(house), apart=True)
        (everybody,) = resummons(session, **period(house))

    assert (sms, sms.rate) == (Resummons(arm=Arm.SMS, held=5, resummoned=5), 1.0)
    assert (app.held, app.rate, control.held) == (None, None, None)
    assert everybody == Resummons(arm=None, held=5, resummoned=5)


def test_only_meetings_that_the_trial_counts_are_counted(house: House) -> None:
    mette, now = house.caseworker(), house.runtime.clock.now()
    for _ in range(5):
        citizen_id = house.citizen(caseworker=mette, number=None)
        with house.runtime.database.write() as session:
            part = {"since": now + timedelta(days=10), "ended_at": now + timedelta(days=20)}
            session.add(TrialArm(citizen_id=citizen_id, arm=Arm.SMS, locked=True, **part))
        meet(house, citizen_id, mette, OfficialWord.NO_SHOW, days=9)  # before she joined
        meet(house, citizen_id, mette, OfficialWord.HELD, days=11, eligible=True)
        meet(house, citizen_id, mette, OfficialWord.HELD, days=12)
        meet(house, citizen_id, mette, OfficialWord.NO_SHOW, days=13, eligible=False)  # too old by then
        meet(house, citizen_id, mette, OfficialWord.HELD, days=21)  # after the end
    with house.runtime.database.read() as session:
        sms, _app, _control = resummons(session, **period(house), apart=True)

    assert sms == Resummons(arm=Arm.SMS, held=10, resummoned=0)


def test_no_arm_is_hidden_alone_beside_a_sum_that_was_told_before(house: House) -> None:
    mette = house.caseworker()
    for arm, meetings in ((Arm.SMS, 4), (Arm.APP, 7), (Arm.CONTROL, 9)):
        citizen_id = house.citizen(caseworker=mette, number=None)
        with house.runtime.act(SYSTEM) as act:
            join(act, {citizen_id: arm})
        for number in range(meetings):
            meet(house, citizen_id, mette, OfficialWord.HELD, days=1 + number)
    with house.runtime.database.read() as session:
        told = [one.held for one in resummons(session, **period(house), apart=True)]

    assert told == [None, None, 9]


Said = tuple[bool | None, bool | None, bool | None]


def begin(house: House, arm: Arm, *said: Said, delivered: int = 0, behind: int = 3) -> None:
    """Let a meeting of an arm begin for each of what sources said of others' reminders, with caseworkers in turn."""
    caseworkers = [house.caseworker(f"sb{number}") for number in range(behind)]
    citizen_id = house.citizen(caseworker=caseworkers[0], number=None)
    start = house.runtime.clock.now() + timedelta(days=1)
    for number, (huskeservice, nemsms, booking_system) in enumerate(said):
        appointment_id = meet(house, citizen_id, caseworkers[number % behind], None, days=2 + number / 24)
        with house.runtime.database.write() as session:
            session.add(
                Exposure(
                    appointment_id=appointment_id,
                    planned_for=start + timedelta(hours=number),
                    arm=arm,
                    has=Has.APP,
                    sms_sent=0,
                    sms_delivered=0,
                    app_placed=1 if number < delivered else 0,
                    app_shown=0,
                    withheld=0,
                    reminded_by_huskeservice=huskeservice,
                    reminded_by_nemsms=nemsms,
                    reminded_by_booking_system=booking_system,
                    recorded_at=start,
                )
            )


def covered(house: House) -> Sequence[Coverage]:
    with house.runtime.database.read() as session:
        return coverage(session, **period(house))


def test_coverage_counts_who_reminded_apart_from_what_nobody_tells(house: House) -> None:
    said: list[Said] = [(number < 6, None if number < 5 else True, None) for number in range(12)]
    begin(house, Arm.APP, *said, delivered=12)
    sms, app, _control = covered(house)

    assert app == Coverage(
        arm=Arm.APP,
        meetings=12,
        huskeservice=Told(reminded=6, told=12, untold=0),
        nemsms=Told(reminded=7, told=7, untold=5),
        booking_system=Told(reminded=0, told=0, untold=12),
        ours_delivered=12,
        withheld=0,
    )
    assert (sms.meetings, sms.huskeservice, sms.nemsms) == (None, HIDDEN, HIDDEN)


@pytest.mark.parametrize(
    ("yes", "no", "untold", "shown"),
    [
        (5, 5, 5, Told(reminded=5, told=10, untold=5)),
        (5, 0, 5, Told(reminded=5, told=5, untold=5)),
        (0, 5, 0, Told(reminded=0, told=5, untold=0)),
        (4, 8, 5, Told(reminded=None, told=12, untold=5)),  # few were reminded
        (8, 4, 5, Told(reminded=None, told=12, untold=5)),  # few were not
        (4, 1, 5, Told(reminded=None, told=5, untold=5)),
        (8, 8, 4, HIDDEN),  # of few nothing is told: the meetings less those told would say of how many
        (2, 2, 8, HIDDEN),  # of few anything is told
        (4, 0, 0, HIDDEN),  # few meetings at all
        (0, 0, 5, Told(reminded=0, told=0, untold=5)),
        (0, 0, 0, HIDDEN),
    ],
)
def test_few_are_hidden_and_whatever_would_tell_them(house: House, yes: int, no: int, untold: int, shown: Told) -> None:
    answers = [*[True] * yes, *[False] * no, *[None] * untold]
    begin(house, Arm.SMS, *((answer, answer, answer) for answer in answers))
    sms, *_others = covered(house)

    assert (sms.huskeservice, sms.nemsms, sms.booking_system) == (shown, shown, shown)


def test_nothing_is_shown_of_fewer_than_three_caseworkers(house: House) -> None:
    begin(house, Arm.SMS, *[(True, True, True)] * 12, behind=2)
    begin(house, Arm.APP, *[(True, None, None), (True, True, None), (True, True, None)] * 6)  # NemSMS: two of them
    sms, app, _control = covered(house)

    assert (sms.meetings, sms.huskeservice, sms.ours_delivered, sms.withheld) == (None, HIDDEN, None, None)
    assert app.huskeservice == Told(reminded=18, told=18, untold=0)
    assert (app.nemsms, app.booking_system) == (HIDDEN, Told(reminded=0, told=0, untold=18))


def test_what_an_arm_shows_depends_on_no_other(house: House) -> None:
    begin(house, Arm.SMS, *[(True, True, False)] * 6, *[(False, False, None)] * 6)
    alone, *_none = covered(house)
    begin(house, Arm.CONTROL, *[(True, None, True)] * 7)
    sms, _app, control = covered(house)

    assert sms == alone
    assert control.huskeservice == Told(reminded=7, told=7, untold=0)
    assert {one.name for one in fields(Coverage)}.isdisjoint({"difference", "ratio", "p"})

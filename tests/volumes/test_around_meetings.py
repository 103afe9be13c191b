"""Around the meetings of the trial: whom staying away cost another summons, and who else reminded."""

import uuid
from datetime import datetime, timedelta

from messaging.appointments.exposure_models import Exposure
from messaging.appointments.models import Import
from messaging.appointments.planned_models import PlannedMeeting
from messaging.attendance.models import OfficialOutcome, OfficialWord
from messaging.conversations.channel_choice import Has
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm
from messaging.people.models import Caseworker
from messaging.trial.taking_part import join
from messaging.volumes.around_meetings import Coverage, Resummons, coverage, resummons
from tests.house import House


def meet(
    house: House, citizen_id: uuid.UUID, mette: Caseworker, word: OfficialWord | None, *, days: float
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
        sms, app, control = resummons(session, **period(house))

    assert (sms, sms.rate) == (Resummons(arm=Arm.SMS, held=5, resummoned=5), 1.0)
    assert (app.held, app.rate, control.held) == (None, None, None)


def test_coverage_counts_who_reminded_and_hides_few(house: House) -> None:
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette, number=None)
    start = house.runtime.clock.now() + timedelta(days=1)
    for number in range(12):
        appointment_id = meet(house, citizen_id, mette, None, days=2 + number / 24)
        with house.runtime.database.write() as session:
            session.add(
                Exposure(
                    appointment_id=appointment_id,
                    planned_for=start + timedelta(hours=number),
                    arm=Arm.APP,
                    has=Has.APP,
                    sms_sent=0,
                    sms_delivered=0,
                    app_placed=1 if number < 10 else 0,
                    app_shown=0,
                    withheld=0,
                    reminded_elsewhere=number < 6,
                    recorded_at=start,
                )
            )
    with house.runtime.database.read() as session:
        sms, app, _control = coverage(session, **period(house))

    assert app == Coverage(arm=Arm.APP, meetings=12, huskeservice=6, ours_delivered=None, withheld=0)
    assert sms.meetings is None

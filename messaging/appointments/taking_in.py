"""What a batch of compared rows does: citizens registered, meetings booked, changed, renamed and restored."""

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from messaging.appointments.booking import (
    Meeting,
    NewAppointment,
    book_appointments,
    change_appointments,
    rename_appointments,
    seal_note,
)
from messaging.appointments.calling_off import let_stand_again
from messaging.appointments.comparing import Booking, Comparison
from messaging.appointments.planning import ReminderRules
from messaging.conversations.threads import lock_threads
from messaging.people.acting import Act
from messaging.people.models import CaseloadEntry, Citizen
from messaging.people.registering import Person, assign, name_number, register_citizens
from messaging.trial.placing import place_in_listed

Staff = Mapping[str, uuid.UUID]
"""Caseworkers by what files call them: initials, or e-mail addresses in lower case."""


def take_in(act: Act, found: Comparison, *, staff: Staff, source: str, rules: ReminderRules) -> None:
    """Do what a comparison says these rows change."""
    news = found.news
    citizens = _register(act, news)
    lock_threads(act.session, [citizen.id for citizen in citizens.values()])
    for cpr, e164 in found.numbers:
        name_number(act, citizen_id=citizens[cpr].id, e164=e164, source=source)
    _assign(act, news, citizens=citizens, staff=staff)
    fresh = [
        NewAppointment(
            citizen_id=citizens[booking.row.cpr].id,
            source=source,
            external_id=booking.row.external_id,
            meeting=_meeting(booking, staff),
            note=booking.row.note,
            row_digest=booking.digest,
        )
        for booking in news
        if booking.known is None
    ]
    book_appointments(act, fresh, rules=rules)
    changes = [(booking.known, booking) for booking in news if booking.known is not None]
    rename_appointments(act, [(known, booking.row.external_id) for known, booking in changes if booking.is_renamed])
    change_appointments(act, [(known, _meeting(booking, staff)) for known, booking in changes], rules=rules)
    let_stand_again(act, [known for known, booking in changes if booking.stands_again], rules=rules)
    for known, booking in changes:
        known.row_digest = booking.digest
        known.note = seal_note(act, booking.row.note, citizen_id=known.citizen_id, appointment_id=known.id)


def _register(act: Act, news: Sequence[Booking]) -> dict[str, Citizen]:
    people = [
        Person(cpr=booking.row.cpr, first_name=booking.row.first_name, last_name=booking.row.last_name)
        for booking in news
    ]
    return register_citizens(act, people=people)


def place_citizens(act: Act, cprs: Collection[str], groups: Mapping[str, str], *, source: str) -> None:
    """Note the target groups of these citizens where the file says them; what it does not say stays.

    The groups are those of the list as the file was read by.
    """
    named = {act.vault.cpr_index(cpr): groups[cpr] for cpr in cprs if cpr in groups}
    if not named:
        return
    found = act.session.execute(sa.select(Citizen.cpr_index, Citizen.id).where(Citizen.cpr_index.in_(named)))
    for row in found.all():
        place_in_listed(act, citizen_id=row.id, code=named[row.cpr_index], source=source)


def _assign(act: Act, news: Sequence[Booking], *, citizens: dict[str, Citizen], staff: Staff) -> None:
    """Give each citizen without a caseworker the one of her first meeting. Who has one keeps her: a stand-in who holds
    one meeting must not take over the citizen."""
    ids = [citizen.id for citizen in citizens.values()]
    looked_after = set(
        act.session.scalars(
            sa.select(CaseloadEntry.citizen_id).where(
                CaseloadEntry.citizen_id.in_(ids), CaseloadEntry.valid_to.is_(None)
            )
        )
    )
    first = {citizens[booking.row.cpr].id: staff[booking.row.caseworker] for booking in reversed(news)}
    for citizen_id, caseworker_id in first.items():
        if citizen_id not in looked_after:
            assign(act, citizen_id=citizen_id, caseworker_id=caseworker_id)


def _meeting(booking: Booking, staff: Staff) -> Meeting:
    row = booking.row
    return Meeting(
        caseworker_id=staff[row.caseworker],
        starts_at=row.starts_at,
        minutes=row.minutes,
        meeting_type=row.meeting_type,
        form=row.form,
        place=row.place or None,
        self_booked=row.self_booked,
        reminded_by_huskeservice=row.reminded_by_huskeservice,
        reminded_by_nemsms=row.reminded_by_nemsms,
        reminded_by_booking_system=row.reminded_by_booking_system,
    )

"""The booking system's file taken in: compared with what is here, nothing of a good row lost for a bad neighbour."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from messaging.appointments.importing import BATCH, import_appointments
from messaging.appointments.line_file import UnusableFile
from messaging.appointments.models import Appointment, Import, ImportLine, Reminder
from messaging.appointments.states import AppointmentState, ReminderState
from messaging.audit.models import AuditEntry
from messaging.clock import FixedClock
from messaging.database.engine import Database
from messaging.errors import DatabaseBusy
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, ContactPoint, Standing
from messaging.people.reaching import reach
from messaging.runtime import Runtime
from messaging.vault.keystore import OwnerKeyRow
from messaging.vault.place import Place
from tests.appointments.conftest import OFFICE, RULES, Importer, booking_file, codes

SEPTEMBER = datetime(2027, 9, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_september(clock: FixedClock) -> None:
    clock.moment = SEPTEMBER


def every(runtime: Runtime, model: type[Any]) -> Sequence[Any]:
    with runtime.database.read() as session:
        return session.scalars(sa.select(model)).all()


def one(runtime: Runtime, model: type[Any]) -> Any:
    rows = every(runtime, model)
    assert len(rows) == 1
    return rows[0]


def counts(runtime: Runtime, *models: type[Any]) -> list[int]:
    with runtime.database.read() as session:
        return [session.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for model in models]


def events(runtime: Runtime) -> list[str]:
    with runtime.database.read() as session:
        return list(session.scalars(sa.select(JournalEvent.type).order_by(JournalEvent.stream_id, JournalEvent.seq)))


def test_line_becomes_an_appointment_with_everything_in_it(staffed: Runtime, take_in: Importer) -> None:
    report = take_in({"selvbooket": "Ja"})

    appointment = one(staffed, Appointment)
    assert report.created == 1
    assert appointment.starts_at == datetime(2027, 10, 14, 8, 30, tzinfo=UTC)
    assert (appointment.minutes, appointment.meeting_type, appointment.form) == (30, "Jobsamtale", "in_person")
    assert (appointment.place, appointment.self_booked) == ("Mødested 1", True)
    assert appointment.reminded_by_huskeservice is False
    assert (appointment.state, appointment.revision, appointment.booked_at) == ("booked", 1, SEPTEMBER)


def test_free_text_of_the_booking_system_is_kept_sealed(staffed: Runtime, take_in: Importer) -> None:
    take_in({"formaal": "Må ikke ud af huset"})

    appointment = one(staffed, Appointment)
    note = staffed.vault.open(
        appointment.note, owner=appointment.citizen_id, place=Place("appointments", "note", appointment.id)
    )
    assert note == "Må ikke ud af huset"


def test_citizen_is_looked_after_by_the_caseworker_of_her_first_meeting(staffed: Runtime, take_in: Importer) -> None:
    take_in({}, {"aftale_id": "A2", "sagsbehandler": "sb02"})

    entry = one(staffed, CaseloadEntry)
    assert entry.caseworker_id == next(c.id for c in every(staffed, Caseworker) if c.initials == "sb01")


def test_same_file_again_changes_nothing(staffed: Runtime, take_in: Importer) -> None:
    take_in({}, {"aftale_id": "A2", "start": "15-10-2027 11:00"})
    tables = (Appointment, Reminder, JournalEvent, Citizen, ContactPoint)
    before = counts(staffed, *tables)

    report = take_in({}, {"aftale_id": "A2", "start": "15-10-2027 11:00"})

    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)
    assert counts(staffed, *tables) == before


def test_same_lines_in_another_order_are_unchanged(take_in: Importer) -> None:
    take_in({}, {"aftale_id": "A2"})

    report = take_in({"aftale_id": "A2"}, {})

    assert (report.changed, report.unchanged) == (0, 2)


def test_moved_meeting_gets_a_new_revision_and_new_reminders(staffed: Runtime, take_in: Importer) -> None:
    take_in({})

    report = take_in({"start": "20-10-2027 10:30"})

    assert report.changed == 1
    assert one(staffed, Appointment).revision == 2
    assert {(r.revision, r.step, r.state, r.reason) for r in every(staffed, Reminder)} == {
        (1, "3_days", ReminderState.SKIPPED, "moved"),
        (1, "1_day", ReminderState.SKIPPED, "moved"),
        (2, "3_days", ReminderState.PLANNED, None),
        (2, "1_day", ReminderState.PLANNED, None),
    }


def test_confirmed_meeting_that_is_moved_must_be_confirmed_anew(staffed: Runtime, take_in: Importer) -> None:
    take_in({})
    with staffed.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=AppointmentState.CONFIRMED))

    take_in({"start": "20-10-2027 10:30"})

    assert one(staffed, Appointment).state is AppointmentState.BOOKED


@pytest.mark.parametrize("change", [{"sted": "Mødested 2, 3. sal"}, {"afholdelsesform": "Video"}])
def test_change_of_place_or_form_keeps_the_answer_and_plans_anew(
    staffed: Runtime, take_in: Importer, change: dict[str, str]
) -> None:
    take_in({})
    with staffed.act(SYSTEM) as act:
        act.session.execute(sa.update(Appointment).values(state=AppointmentState.CONFIRMED))

    take_in(change)

    appointment = one(staffed, Appointment)
    assert (appointment.state, appointment.revision) == (AppointmentState.CONFIRMED, 2)


@pytest.mark.parametrize("change", [{"varighed_min": "45"}, {"sagsbehandler": "sb02"}, {"samtaletype": "CV-samtale"}])
def test_change_of_anything_else_keeps_the_plan(staffed: Runtime, take_in: Importer, change: dict[str, str]) -> None:
    take_in({})

    report = take_in(change)

    assert report.changed == 1
    assert one(staffed, Appointment).revision == 1
    assert all(reminder.state is ReminderState.PLANNED for reminder in every(staffed, Reminder))


def test_name_and_number_of_a_changed_line_are_taken_over_without_touching_the_meeting(
    staffed: Runtime, take_in: Importer
) -> None:
    take_in({})

    take_in({"fornavn": "Sarah"})

    citizen = one(staffed, Citizen)
    name = staffed.vault.open(citizen.first_name, owner=citizen.id, place=Place("citizens", "first_name", citizen.id))
    assert name == "Sarah"
    assert "appointment.changed" not in events(staffed)


def test_another_phone_is_proposed_and_reported_and_never_used(staffed: Runtime, take_in: Importer) -> None:
    take_in({})

    report = take_in({"telefon": "28 99 99 99"})

    assert codes(report.warnings) == {2: "another_phone"}
    assert sorted(point.standing for point in every(staffed, ContactPoint)) == [Standing.IN_USE, Standing.PROPOSED]


def test_number_of_two_citizens_is_reported_and_counts_as_shared(staffed: Runtime, take_in: Importer) -> None:
    report = take_in({}, {"aftale_id": "A2", "cpr": "720202-2345", "fornavn": "Ahmed"})

    assert codes(report.warnings) == {3: "shared_phone"}
    with staffed.database.read() as session:
        assert all(reach(session, citizen.id).shared for citizen in every(staffed, Citizen))


@pytest.mark.parametrize(("phone", "code"), [("", "no_phone"), ("ukendt", "unusable_phone"), ("112", "unusable_phone")])
def test_citizen_with_an_unusable_phone_is_taken_in_without_a_number(
    staffed: Runtime, take_in: Importer, phone: str, code: str
) -> None:
    report = take_in({"telefon": phone})

    assert (report.created, codes(report.warnings)) == (1, {2: code})
    assert counts(staffed, Citizen, ContactPoint) == [1, 0]


def test_place_without_approved_words_is_reported_where_one_has_to_come(take_in: Importer) -> None:
    report = take_in({"sted": "Et nyt sted"}, {"aftale_id": "A2", "sted": "Et nyt sted", "afholdelsesform": "Telefon"})

    assert (report.created, codes(report.warnings)) == (2, {2: "unapproved_place"})


def test_bad_line_costs_its_neighbours_nothing(staffed: Runtime, take_in: Importer) -> None:
    report = take_in(
        {}, {"aftale_id": "A2", "cpr": "3112"}, {"aftale_id": "A3", "sagsbehandler": "sb99"}, {"aftale_id": "A4"}
    )

    assert codes(report.rejected) == {3: "broken_cpr", 4: "unknown_caseworker"}
    assert sorted(appointment.external_id for appointment in every(staffed, Appointment)) == ["A1", "A4"]


def test_appointment_that_would_change_hands_is_left_alone_and_reported(staffed: Runtime, take_in: Importer) -> None:
    take_in({})
    owner = one(staffed, Appointment).citizen_id

    report = take_in({"cpr": "720202-2345", "fornavn": "Ahmed"})

    assert codes(report.rejected) == {2: "another_citizen"}
    assert one(staffed, Appointment).citizen_id == owner
    assert counts(staffed, Citizen) == [1]


def test_meeting_the_file_no_longer_names_is_reported_and_stays(staffed: Runtime, take_in: Importer) -> None:
    take_in({}, {"aftale_id": "A2"})

    report = take_in({"aftale_id": "A2"})

    assert report.missing == ("A1",)
    assert {appointment.state for appointment in every(staffed, Appointment)} == {AppointmentState.BOOKED}


def test_meeting_that_is_over_is_not_missed(take_in: Importer, clock: FixedClock) -> None:
    take_in({}, {"aftale_id": "A2", "start": "30-11-2027 10:00"})
    clock.moment = datetime(2027, 10, 20, 8, tzinfo=UTC)

    report = take_in({"aftale_id": "A2", "start": "30-11-2027 10:00"})

    assert report.missing == ()


def test_meeting_named_on_a_rejected_line_is_not_missed(take_in: Importer) -> None:
    take_in({})

    report = take_in({"varighed_min": "-30"})

    assert (codes(report.rejected), report.missing) == ({2: "impossible_duration"}, ())


def test_import_and_its_lines_are_kept(staffed: Runtime, take_in: Importer) -> None:
    report = take_in({"telefon": "ukendt"}, {"aftale_id": "A2", "cpr": "3112"})

    row = one(staffed, Import)
    assert (row.id, row.lines, row.created, row.rejected) == (report.import_id, 2, 1, 1)
    assert {(line.line, line.outcome, line.code) for line in every(staffed, ImportLine)} == {
        (2, "warning", "unusable_phone"),
        (3, "rejected", "broken_cpr"),
    }


def test_dry_run_reports_the_same_and_writes_nothing(staffed: Runtime, take_in: Importer) -> None:
    lines = (
        {"telefon": "ukendt"},
        {"aftale_id": "A2"},
        {"aftale_id": "A3", "telefon": "28 99 99 99"},
        {"aftale_id": "A4", "cpr": "3112"},
    )
    keys = count_keys(staffed)
    tables = (Appointment, Citizen, ContactPoint, Import, ImportLine, JournalEvent, AuditEntry)
    before = counts(staffed, *tables)

    dry = take_in(*lines, dry_run=True)

    assert counts(staffed, *tables) == before
    assert count_keys(staffed) == keys
    real = take_in(*lines)
    assert (dry.import_id, dry.created, dry.rejected, dry.warnings) == (
        None,
        real.created,
        real.rejected,
        real.warnings,
    )


def count_keys(runtime: Runtime) -> int:
    keystore = Database(runtime.config.keystore_url)
    with keystore.read() as session:
        keys = session.scalar(sa.select(sa.func.count()).select_from(OwnerKeyRow))
    keystore.close()
    return keys or 0


def test_every_new_and_changed_meeting_is_journaled_and_audited(staffed: Runtime, take_in: Importer) -> None:
    """R16"""
    take_in({})
    take_in({"start": "20-10-2027 10:30"})

    assert events(staffed) == [
        "citizen.registered",
        "appointment.imported",
        "appointment.changed",
        "reminder.skipped",
        "reminder.skipped",
    ]
    actions = [entry.action for entry in every(staffed, AuditEntry)]
    assert (actions.count("appointment.imported"), actions.count("appointment.changed")) == (1, 1)


def test_progress_is_told_batch_by_batch(staffed: Runtime) -> None:
    told: list[tuple[int, int]] = []
    lines = booking_file(*({"aftale_id": f"A{number}"} for number in range(BATCH + 1)))

    import_appointments(
        partial(staffed.act, SYSTEM),
        lines,
        rules=RULES,
        office=OFFICE,
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]


def test_import_that_was_cut_off_goes_on_when_it_is_run_again(staffed: Runtime) -> None:
    lines = booking_file(*({"aftale_id": f"A{number}"} for number in range(2 * BATCH)))

    def fail_in_the_second_batch(done: int, total: int) -> None:
        raise DatabaseBusy("cut off")

    acts = partial(staffed.act, SYSTEM)
    with pytest.raises(DatabaseBusy):
        import_appointments(acts, lines, rules=RULES, office=OFFICE, progress=fail_in_the_second_batch)
    report = import_appointments(acts, lines, rules=RULES, office=OFFICE)

    assert (report.unchanged, report.created) == (BATCH, BATCH)
    assert counts(staffed, Appointment, Reminder) == [2 * BATCH, 4 * BATCH]


def test_file_without_our_columns_is_refused_whole(staffed: Runtime) -> None:
    with pytest.raises(UnusableFile):
        import_appointments(partial(staffed.act, SYSTEM), b"id;navn\n1;Sara\n", rules=RULES, office=OFFICE)

    assert counts(staffed, Import) == [0]


def test_moment_of_booking_stays_when_the_meeting_is_changed(
    staffed: Runtime, take_in: Importer, clock: FixedClock
) -> None:
    take_in({})
    clock.advance(days=7)

    take_in({"start": "20-10-2027 10:30"})

    assert one(staffed, Appointment).booked_at == SEPTEMBER


FAULTY = {
    62: "duplicate",
    72: "superseded",
    82: "moved",
    102: "impossible_time",
    103: "impossible_time",
    104: "ambiguous_time",
    105: "broken_cpr",
    106: "impossible_duration",
    107: "unusable_name",
    109: "unknown_caseworker",
    110: "unusable_id",
    111: "wrong_number_of_fields",
    112: "impossible_time",
    113: "long_past",
    282: "no_phone",
    307: "unusable_phone",
    432: "shared_phone",
    442: "shared_phone",
    463: "unusable_phone",
    696: "no_phone",
    917: "no_phone",
}
"""Lines of the project's own file; citizens without a usable phone stand for the first of their lines."""


def test_every_faulty_line_of_the_real_file_is_reported_and_the_rest_taken_in(
    city: Runtime, shared: Path, clock: FixedClock
) -> None:
    clock.moment = datetime(2027, 1, 4, 8, tzinfo=UTC)
    data = (shared / "data/appointments.csv").read_bytes()
    begun = time.monotonic()

    report = import_appointments(partial(city.act, SYSTEM), data, rules=RULES, office=OFFICE)

    assert time.monotonic() - begun < 60, "the file takes 15 seconds at most where it has the machine to itself"
    reported = codes(report.rejected) | codes(report.warnings)
    assert {line: reported.get(line) for line in FAULTY} == FAULTY
    assert set(reported.values()) == set(FAULTY.values())
    assert (report.lines, report.created, len(report.rejected)) == (2473, 2460, 13)
    again = import_appointments(partial(city.act, SYSTEM), data, rules=RULES, office=OFFICE)
    assert (again.created, again.changed, again.unchanged, again.missing) == (0, 0, 2460, ())

"""A booking system that knows only its own ids: it tells of its meetings by them, and may say the same twice."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from messaging.appointments.cancelling import cancel_by_us
from messaging.appointments.external_ids import read_addressed
from messaging.appointments.models import Appointment, Reminder
from messaging.appointments.outcomes import record_outcome
from messaging.appointments.seeding import seed
from messaging.appointments.states import OutcomeWord, ReminderState
from messaging.audit.models import AuditEntry
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.states import MessageState
from messaging.people.actors import SYSTEM
from tests.house import House

InParallel = Callable[[Callable[[], Any], int], list[Any]]


@dataclass(kw_only=True)
class Source:
    """A booking system with a key of its own, and a meeting of Sara's in five days that it tells of."""

    house: House
    citizen_id: uuid.UUID
    headers: dict[str, str] = field(repr=False)
    said: dict[str, Any]

    def ask(self, method: str, called: str, *, more: str = "", **options: Any) -> TestResponse:
        path = f"/api/v1/appointments/by-external-id/{quote(called, safe='')}{more}"
        return self.house.app.test_client().open(path, method=method, headers=self.headers, **options)

    def put(self, called: str = "A1", **other: Any) -> TestResponse:
        return self.ask("PUT", called, json={**self.said, **other})

    def get(self, called: str = "A1") -> TestResponse:
        return self.ask("GET", called)

    def cancel(self, called: str = "A1") -> TestResponse:
        return self.ask("POST", called, more="/cancel", json={"reason": "sygdom"})

    def in_days(self, days: float) -> str:
        return (self.house.runtime.clock.now() + timedelta(days=days)).isoformat()


@pytest.fixture
def source(house: House) -> Source:
    mette = house.caseworker("mho")
    house.caseworker("far", name="Frans Arp")
    citizen_id = house.citizen(caseworker=mette)
    with house.runtime.act(SYSTEM) as act:
        seed(act.session)
    said = {
        "citizen_id": str(citizen_id),
        "caseworker": "mho",
        "starts_at": (house.runtime.clock.now() + timedelta(days=5)).isoformat(),
        "minutes": 45,
        "meeting_type": "Jobsamtale",
        "form": "phone",
        "note": "Har søgt tre job",
    }
    return Source(house=house, citizen_id=citizen_id, headers=house.key(), said=said)


def _meetings(house: House) -> int:
    with house.runtime.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Appointment)) or 0


def _without_audit(house: House) -> dict[str, Any]:
    return {name: rows for name, rows in house.everything().items() if name != "audit_entries"}


def test_new_meeting_is_booked_with_its_reminders(source: Source) -> None:
    answer = source.put()

    booked = answer.json["appointment"]
    assert (answer.status_code, answer.json["changed"]) == (201, [])
    assert (booked["external_id"], booked["caseworker"], booked["state"]) == ("A1", "mho", "booked")
    assert len(booked["reminders"]) == 2
    assert source.get().json == booked


def test_saying_the_same_again_does_nothing(house: House, source: Source) -> None:
    first = source.put().json["appointment"]
    before = _without_audit(house)
    again = source.put()

    assert (again.status_code, again.json) == (200, {"appointment": first, "changed": []})
    assert _without_audit(house) == before


def test_no_idempotency_key_is_asked_for_and_one_that_comes_is_of_no_account(house: House, source: Source) -> None:
    source.headers["Idempotency-Key"] = "a-key"

    assert [source.put().status_code, source.put(minutes=30).status_code] == [201, 200]
    assert source.put("A2").status_code == 201
    assert house.everything()["idempotency_keys"] == []


@pytest.mark.parametrize(
    "other",
    [{"minutes": 30}, {"caseworker": "far"}, {"note": "Har søgt fire job"}, {"note": ""}, {"self_booked": True}],
    ids=str,
)
def test_only_what_differs_is_changed_and_told(source: Source, other: dict[str, Any]) -> None:
    before = source.put().json["appointment"]
    answer = source.put(**other)

    assert (answer.status_code, answer.json["changed"]) == (200, list(other))
    assert answer.json["appointment"]["revision"] == 1
    assert answer.json["appointment"]["reminders"] == before["reminders"]
    assert source.put(**other).json["changed"] == []


def test_another_time_moves_the_meeting_and_its_reminders(house: House, source: Source) -> None:
    before = source.put().json["appointment"]
    answer = source.put(starts_at=source.in_days(9))

    moved = answer.json["appointment"]
    assert (answer.status_code, answer.json["changed"]) == (200, ["starts_at"])
    assert (moved["id"], moved["revision"]) == (before["id"], 2)
    assert [(row["revision"], row["state"], row["reason"]) for row in moved["reminders"]] == [
        (1, "skipped", "moved"),
        (1, "skipped", "moved"),
        (2, "planned", None),
        (2, "planned", None),
    ]
    assert _meetings(house) == 1


def test_what_was_booked_by_the_key_otherwise_is_known_by_its_id(house: House, source: Source) -> None:
    """A system may begin with the one way and go on with the other."""
    headers = {**source.headers, "Idempotency-Key": "a-key"}
    body = {**source.said, "external_id": "A1"}
    booked = house.app.test_client().post("/api/v1/appointments", json=body, headers=headers)

    assert source.put().json == {"appointment": booked.json, "changed": []}


def test_another_citizen_under_the_id_is_refused(house: House, source: Source) -> None:
    source.put()
    before = house.everything()
    ahmed = house.citizen(caseworker=house.caseworker("mho"), first_name="Ahmed", number=None)
    refused = source.put(citizen_id=str(ahmed))

    assert (refused.status_code, refused.json["code"]) == (409, "another_citizen")
    assert house.everything()["appointments"] == before["appointments"]


def test_somebody_nobody_knows_is_refused(house: House, source: Source) -> None:
    citizen = source.put(citizen_id=str(uuid.uuid4()))
    caseworker = source.put(caseworker="nobody")

    assert (citizen.status_code, caseworker.status_code, caseworker.json["field"]) == (404, 422, "caseworker")
    assert _meetings(house) == 0


def test_what_is_missing_or_unknown_in_the_body_is_refused(house: House, source: Source) -> None:
    without = {name: value for name, value in source.said.items() if name != "starts_at"}

    assert source.ask("PUT", "A1", json=without).status_code == 422
    assert source.put(external_id="A1").status_code == 422
    assert _meetings(house) == 0


def test_another_key_neither_sees_nor_changes_the_meeting(house: House, source: Source) -> None:
    mine = source.put().json["appointment"]
    other = Source(house=house, citizen_id=source.citizen_id, headers=house.key(), said=source.said)

    assert (other.get().status_code, other.cancel().status_code) == (404, 404)
    assert other.put(minutes=30).status_code == 201
    assert source.get().json == mine


def test_what_a_file_brought_in_is_not_met(house: House, source: Source) -> None:
    house.appointment(source.citizen_id, house.caseworker("mho"))
    with house.runtime.database.read() as session:
        external_id = session.scalars(sa.select(Appointment.external_id)).one()

    assert source.get(external_id).status_code == 404


STRANGE = {
    "slash": "2027/A/1",
    "slashes around": "/A//1/",
    "like our own paths": "A1/cancel",
    "blank": "AB 12",
    "danish": "Møde på Åen",
    "percent": "50%2F",
    "query": "A?b=c#d&e;f",
    "braces": "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
    "urn": "urn:uuid:12",
    "formula": "=1+1",
    "dots": "a/../b",
    "outlook": "040000008200E00074C5B7101A82E008" + "0" * 80,
    "longest": "æ" * 200,
    "uuid with ten digits": "a0101901-2345-4678-9012-010190123456",
    "a longer number": "20101901234567",
    "no birthday": "3102991234",
}


@pytest.mark.parametrize("external_id", STRANGE.values(), ids=STRANGE)
def test_strange_ids_are_ids(source: Source, external_id: str) -> None:
    booked = source.put(external_id)

    assert (booked.status_code, booked.json["appointment"]["external_id"]) == (201, external_id)
    assert source.put(external_id).status_code == 200
    assert source.get(external_id).json == booked.json["appointment"]
    assert source.cancel(external_id).json["appointment"]["state"] == "cancelled_by_us"


UNUSABLE = {
    "too long": "A" * 201,
    "blanks around": " A1 ",
    "line break": "A\nB",
    "nul": "A\0",
    "invisible": "A\u200b",
    "cpr": "0101901234",
    "cpr with hyphen": "010190-1234",
    "cpr within": "sag/010190-1234/2",
    "cpr behind letters": "J0101901234-20271013",
    "cpr in two parts": "010190/1234",
    "cpr with a dash": "010190\u20131234",
}


@pytest.mark.parametrize("external_id", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_ids_are_refused_clearly_and_not_repeated(house: House, source: Source, external_id: str) -> None:
    for answer in (source.put(external_id), source.get(external_id), source.cancel(external_id)):
        assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "unusable_id", "external_id")
        assert external_id not in answer.json["detail"]
    assert _meetings(house) == 0


@given(st.uuids())
def test_no_uuid_is_taken_for_a_cpr_number(external_id: uuid.UUID) -> None:
    assert read_addressed(str(external_id), today=date(2027, 3, 1)) == str(external_id)


def test_bytes_that_are_no_text_are_refused(house: House, source: Source) -> None:
    path = "/api/v1/appointments/by-external-id/A%FF"
    answer = house.app.test_client().put(path, json=source.said, headers=source.headers)

    assert (answer.status_code, answer.json["code"]) == (422, "unusable_id")


def test_ids_are_in_no_log(house: House, source: Source) -> None:
    """R: the log knows the route, not what stood in its address."""
    for external_id in ("kanarie/7", "0101901234", "kanarie\n8"):
        source.put(external_id)
        source.get(external_id)
        source.cancel(external_id)

    written = house.log.getvalue().decode()
    assert "kanarie" not in written
    assert "0101901234" not in written
    routes = {line["route"] for line in house.log_lines() if "by-external-id" in line["route"]}
    assert routes == {
        "/api/v1/appointments/by-external-id/<whole:external_id>",
        "/api/v1/appointments/by-external-id/<whole:external_id>/cancel",
    }


def test_cancelling_tells_the_citizen_and_cancelling_again_does_nothing(house: House, source: Source) -> None:
    source.put()
    first = source.cancel()
    before = _without_audit(house)
    again = source.cancel()

    assert (first.status_code, first.json["appointment"]["state"]) == (200, "cancelled_by_us")
    assert first.json["notice_id"] is not None
    assert {row["state"] for row in first.json["appointment"]["reminders"]} == {"skipped"}
    assert (again.status_code, again.json) == (200, first.json)
    assert _without_audit(house) == before


def test_that_somebody_must_ring_is_said_as_often_as_it_is_cancelled(house: House, source: Source) -> None:
    ahmed = house.citizen(caseworker=house.caseworker("mho"), first_name="Ahmed", number=None)
    source.put(citizen_id=str(ahmed))
    first, again = source.cancel(), source.cancel()

    assert (first.json["notice_id"], first.json["unreachable"]) == (None, "no_number")
    assert again.json == first.json


def test_what_the_citizen_cancelled_was_told_to_nobody(house: House, source: Source) -> None:
    booked = source.put().json["appointment"]
    with house.runtime.act(SYSTEM) as act:
        record_outcome(act, appointment_id=uuid.UUID(booked["id"]), outcome=OutcomeWord.CANCELLED_BY_CITIZEN)
    answer = source.cancel()

    assert (answer.status_code, answer.json["appointment"]["state"]) == (200, "cancelled_by_citizen")
    assert (answer.json["notice_id"], answer.json["unreachable"]) == (None, None)


@pytest.mark.parametrize("by_our_id", [False, True])
def test_what_its_source_cancelled_stands_again_when_it_is_told(source: Source, by_our_id: bool) -> None:
    booked = source.put().json["appointment"]
    if by_our_id:
        source.house.app.test_client().post(
            f"/api/v1/appointments/{booked['id']}/cancel", json={"reason": "sygdom"}, headers=source.headers
        )
    else:
        source.cancel()
    answer = source.put(minutes=30)

    again = answer.json["appointment"]
    assert (answer.status_code, answer.json["changed"]) == (200, ["minutes", "state"])
    assert (again["id"], again["state"], again["revision"]) == (booked["id"], "booked", 2)
    assert [row["state"] for row in again["reminders"] if row["revision"] == 2] == ["planned", "planned"]
    assert source.put(minutes=30).json["changed"] == []


def _cancelled_here(house: House) -> None:
    with house.runtime.act(SYSTEM) as act:
        appointment_id = act.session.scalars(sa.select(Appointment.id)).one()
        cancel_by_us(act, appointment_id=appointment_id, office=Office.from_config(house.runtime.config))


@pytest.mark.parametrize("other", [{}, {"minutes": 30}], ids=str)
def test_what_was_cancelled_here_stays_cancelled_and_its_source_is_told(
    house: House, source: Source, other: dict[str, Any]
) -> None:
    source.put()
    _cancelled_here(house)
    before = house.everything()
    refused = source.put(**other)

    assert (refused.status_code, refused.json["code"]) == (409, "already_cancelled")
    assert house.everything() == before


def test_what_was_cancelled_here_is_booked_anew_at_another_time(house: House, source: Source) -> None:
    source.put()
    _cancelled_here(house)
    answer = source.put(starts_at=source.in_days(9))

    anew = answer.json["appointment"]
    assert (answer.status_code, answer.json["changed"]) == (200, ["starts_at", "state"])
    assert (anew["state"], anew["revision"]) == ("booked", 2)
    assert [outcome["outcome"] for outcome in anew["outcomes"]] == ["cancelled_by_us"]


@pytest.mark.parametrize("outcome", [None, *(OutcomeWord.HELD, OutcomeWord.NO_SHOW)])
def test_what_has_begun_is_not_written_anew_but_may_be_said_again(
    house: House, source: Source, outcome: OutcomeWord | None
) -> None:
    before = source.put(starts_at=source.in_days(-1 / 24)).json["appointment"]
    if outcome:
        with house.runtime.act(SYSTEM) as act:
            record_outcome(act, appointment_id=uuid.UUID(before["id"]), outcome=outcome)
    begun = {"starts_at": before["starts_at"]}
    said, changed, earlier = (
        source.put(**begun),
        source.put(**begun, minutes=30),
        source.put(starts_at=source.in_days(-1)),
    )

    assert (said.status_code, said.json["changed"]) == (200, [])
    assert [(answer.status_code, answer.json["code"]) for answer in (changed, earlier)] == [(409, "already_begun")] * 2
    assert source.cancel().json["code"] == "already_begun"
    assert source.put(**begun, note="Kom ti minutter for sent").json["changed"] == ["note"]
    moved = source.put(starts_at=source.in_days(5))
    assert (moved.status_code, moved.json["appointment"]["state"]) == (200, "booked")


def test_every_change_is_audited(house: House, source: Source) -> None:
    actions = iter(
        [
            lambda: source.put(),
            lambda: source.put(minutes=30),
            lambda: source.put(minutes=30, note="Ny"),
            lambda: source.put(minutes=30, note="Ny"),
            lambda: source.get(),
            lambda: source.cancel(),
            lambda: source.cancel(),
        ]
    )

    assert list(_last_audited(house, actions)) == [
        "appointment.imported",
        "appointment.changed",
        "appointment.changed",
        "appointment.opened",
        "appointment.opened",
        "outcome.recorded",
        "appointment.opened",
    ]


def _last_audited(house: House, actions: Iterator[Callable[[], Any]]) -> Iterator[str]:
    for act in actions:
        with house.runtime.database.read() as session:
            before = set(session.scalars(sa.select(AuditEntry.id)))
        act()
        with house.runtime.database.read() as session:
            new = session.execute(
                sa.select(AuditEntry.action).where(
                    AuditEntry.object_kind == "appointment", AuditEntry.id.not_in(before)
                )
            )
            (action,) = set(new.scalars())
            yield action


def test_parallel_news_of_one_meeting_book_it_once(house: House, source: Source, in_parallel: InParallel) -> None:
    answers = in_parallel(source.put, 8)

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json["appointment"]["id"] for answer in answers}) == 1
    assert _meetings(house) == 1
    with house.runtime.database.read() as session:
        states = session.scalars(sa.select(Reminder.state)).all()
    assert states == [ReminderState.PLANNED] * 2


def test_parallel_news_of_one_id_for_two_citizens_book_it_for_one(
    house: House, source: Source, in_parallel: InParallel
) -> None:
    mette = house.caseworker("mho")
    others = [house.citizen(caseworker=mette, first_name="Ahmed", number=None) for _ in range(7)]
    turn = count()
    citizens = [source.citizen_id, *others]
    answers = in_parallel(lambda: source.put(citizen_id=str(citizens[next(turn)])), 8)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"another_citizen"}
    assert _meetings(house) == 1
    assert "failure" not in {line["event"] for line in house.log_lines()}


def test_parallel_changes_leave_one_set_of_reminders(house: House, source: Source, in_parallel: InParallel) -> None:
    source.put()
    moved = source.in_days(9)
    answers = in_parallel(lambda: source.put(starts_at=moved), 6)

    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json["changed"] == ["starts_at"] for answer in answers) == 1
    assert source.get().json["revision"] == 2
    assert len(source.get().json["reminders"]) == 4


def test_what_was_told_before_does_not_undo_what_was_changed_here_since(house: House, source: Source) -> None:
    meeting = source.put().json["appointment"]
    moved = source.in_days(8)
    client, path = house.app.test_client(), f"/api/v1/appointments/{meeting['id']}"
    client.patch(path, headers=source.headers, json={"starts_at": moved, "caseworker": "far"})

    again = source.put()
    assert (again.status_code, again.json["changed"]) == (200, [])
    assert again.json["appointment"]["caseworker"] == "far"
    assert source.put(minutes=50).json["changed"] == ["caseworker", "starts_at", "minutes"]


def test_of_others_reminders_it_may_be_told_once_the_meeting_has_begun(house: House, source: Source) -> None:
    source.put()
    house.runtime.clock.advance(days=5, hours=1)

    assert source.put(reminded_by_nemsms=True).json["changed"] == ["reminded_by_nemsms"]
    assert source.put(reminded_by_nemsms=True, minutes=50).status_code == 409


def test_what_was_told_of_others_reminders_is_not_told_of_another_time(house: House, source: Source) -> None:
    meeting = source.put(reminded_by_nemsms=True).json["appointment"]
    client, path = house.app.test_client(), f"/api/v1/appointments/{meeting['id']}"
    said = {"starts_at": source.in_days(8), "reminded_by_booking_system": True}
    moved = client.patch(path, headers=source.headers, json=said).json

    assert (moved["reminded_by_nemsms"], moved["reminded_by_booking_system"]) == (None, True)
    assert client.patch(path, headers=source.headers, json={"minutes": 50}).json["reminded_by_booking_system"] is True


def test_notice_of_a_cancellation_of_ours_is_called_back_when_its_source_takes_its_own_back(
    house: House, source: Source
) -> None:
    house.runtime.clock.advance(hours=12)  # at night the notice waits
    meeting = source.put().json["appointment"]
    with house.runtime.act(SYSTEM) as act:
        office = Office.from_config(house.runtime.config)
        cancel_by_us(act, appointment_id=uuid.UUID(meeting["id"]), reason="sygdom", office=office)
    house.runtime.clock.advance(minutes=5)
    cancelled = source.cancel().json
    house.runtime.clock.advance(minutes=5)
    source.put()

    with house.runtime.database.read() as session:
        notice = session.get_one(Message, uuid.UUID(cancelled["notice_id"]))
    assert notice.state is MessageState.CANCELLED


def test_a_system_whose_key_is_replaced_goes_on_as_the_same_source(source: Source) -> None:
    booked = source.put().json["appointment"]["id"]
    client = source.house.app.test_client()
    (old,) = client.get("/api/v1/keys", headers=source.headers).json["items"]
    wanted = {"name": "Booking, ny", "scopes": old["scopes"], "succeeds": old["id"]}
    new = client.post("/api/v1/keys", headers=source.headers, json=wanted).json
    client.delete(f"/api/v1/keys/{old['id']}", headers=source.headers)
    source.headers = {"Authorization": f"Bearer {new['secret']}"}

    assert new["system_id"] == old["system_id"] == old["id"]
    assert source.put(minutes=50).json["appointment"]["id"] == booked
    assert source.cancel().status_code == 200


def test_a_third_key_is_of_the_same_system_too(house: House) -> None:
    client, manager = house.app.test_client(), house.key("keys:manage")
    wanted = {"name": "Booking", "scopes": ["citizens:read"]}
    first = client.post("/api/v1/keys", headers=manager, json=wanted).json
    second = client.post("/api/v1/keys", headers=manager, json=wanted | {"name": "2", "succeeds": first["id"]}).json
    third = client.post("/api/v1/keys", headers=manager, json=wanted | {"name": "3", "succeeds": second["id"]}).json

    assert {first["system_id"], second["system_id"], third["system_id"]} == {first["id"]}


def test_a_key_that_never_was_cannot_be_succeeded(house: House) -> None:
    wanted = {"name": "Booking", "scopes": ["citizens:read"], "succeeds": str(uuid.uuid4())}
    answer = house.app.test_client().post("/api/v1/keys", headers=house.key("keys:manage"), json=wanted)

    assert (answer.status_code, answer.json["field"]) == (422, "succeeds")

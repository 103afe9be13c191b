"""Two who answer at the very same moment, and one who clicks twice: real threads, on both databases."""

import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from messaging.clock import COPENHAGEN
from messaging.conversations.models import Author, Direction, Message
from messaging.people.absence_models import AbsenceReason
from messaging.people.absences import Report, report_absence
from messaging.people.actors import Actor, ActorKind
from messaging.people.models import Caseworker, ContactPoint
from tests.house import House, csrf_token

ROUNDS = 3


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    """A citizen nobody has written with, whose meeting is today, so that a colleague who covers sees her."""
    citizen_id = house.citizen(caseworker=mette)
    house.appointment(citizen_id, mette, in_days=0.02)
    ali = house.caseworker("ali", name="Ali Demir")
    by_mette = Actor(kind=ActorKind.STAFF, id=mette.id, role=mette.role, unit_id=mette.unit_id)
    with house.runtime.act(by_mette) as act:
        today = act.now.astimezone(COPENHAGEN).date()
        last_day = today + timedelta(days=1)
        reason = AbsenceReason.LEAVE
        report_absence(
            act, Report(caseworker_id=mette.id, deputy_id=ali.id, first_day=today, last_day=last_day, reason=reason)
        )
    return citizen_id


def _post_at_once(house: House, citizen_id: uuid.UUID, *, forms: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Let each send a reply form, all at the same moment; return the answers, the lowest first."""
    with house.runtime.database.read() as session:
        point_id = session.scalars(sa.select(ContactPoint.id).filter_by(citizen_id=citizen_id)).one()
    page, start, answers = f"/conversations/{citizen_id}", Barrier(len(forms)), []
    ready = []
    for initials, form in forms:
        client = house.browser(initials)
        ready.append((client, {"confirmed": str(point_id), "csrf_token": csrf_token(client, page), **form}))

    def send(number: int) -> None:
        client, form = ready[number]
        start.wait()
        answers.append(client.post(f"{page}/messages", data=form).status_code)

    threads = [Thread(target=send, args=(number,)) for number in range(len(forms))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def _written(house: House, citizen_id: uuid.UUID) -> int:
    chosen = sa.select(sa.func.count()).select_from(Message)
    by_hand = chosen.filter_by(conversation_id=citizen_id, direction=Direction.OUT, author=Author.CASEWORKER)
    with house.runtime.database.read() as session:
        return session.scalar(by_hand) or 0


def _form(text: str, *, seen: int = 0) -> dict[str, str]:
    return {"message_id": str(uuid.uuid4()), "text": text, "seen": str(seen)}


def test_of_two_first_messages_at_once_one_goes_out_and_the_other_writer_is_told(house: House, sara: uuid.UUID) -> None:
    """There is no thread yet that either could take."""
    answers = _post_at_once(house, sara, forms=[("mho", _form("Vi ses")), ("ali", _form("Kom kl. 10"))])

    assert answers == [303, 409]
    assert _written(house, sara) == 1


def test_of_two_answers_at_once_one_goes_out_and_the_other_writer_is_told(house: House, sara: uuid.UUID) -> None:
    answers = []
    for number in range(ROUNDS):
        house.hears(f"Spørgsmål {number}")
        with house.runtime.database.read() as session:
            newest = session.scalar(sa.select(sa.func.max(Message.seq)).filter_by(conversation_id=sara)) or 0
        forms = [("mho", _form("Vi ses", seen=newest)), ("ali", _form("Kom kl. 10", seen=newest))]
        answers.append(_post_at_once(house, sara, forms=forms))

    assert answers == [[303, 409]] * ROUNDS
    assert _written(house, sara) == ROUNDS


def test_one_form_sent_several_times_at_once_is_one_message(house: House, sara: uuid.UUID) -> None:
    form = _form("Vi ses")
    answers = _post_at_once(house, sara, forms=[("mho", form)] * 4)

    assert answers == [303] * 4
    assert _written(house, sara) == 1


def test_the_id_of_a_foreign_message_makes_no_other_message_and_no_error_of_ours(house: House, sara: uuid.UUID) -> None:
    """S3."""
    far = house.citizen(caseworker=house.caseworker("far", unit="Team B"), number="+4529390626")
    house.hears("Kun til en anden", sender="+4529390626")
    with house.runtime.database.read() as session:
        foreign = session.scalars(sa.select(Message.id).filter_by(conversation_id=far)).one()
    answers = _post_at_once(house, sara, forms=[("mho", _form("Vi ses") | {"message_id": str(foreign)})])

    assert answers == [409]
    assert _written(house, sara) == 0

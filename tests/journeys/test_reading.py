"""A thread with all that can stand in it, read at a desk and on a telephone while things go on happening."""

import os
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from messaging.appointments.models import Reminder
from messaging.appointments.seeding import seed
from messaging.appointments.states import ReminderState
from messaging.conversations.marking_threats import mark_threat
from messaging.conversations.models import Author, Message
from messaging.conversations.note_models import NoteKind
from messaging.conversations.noting import NewNote, write_note
from messaging.conversations.sending import send_message
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Role
from messaging.people.wishes import opt_out
from tests.house import House
from tests.journeys.browsing import LISTENING, PATIENCE, at_desk_and_on_telephone, faults, sign_in

pytestmark = pytest.mark.browser

CPR = "010199-1234"


def _full_thread(house: House) -> uuid.UUID:
    """A citizen with a reminder, a threat, a personal number, notes and a marker in her thread."""
    staff = house.caseworker()
    citizen_id = house.citizen(caseworker=staff)
    appointment = house.appointment(citizen_id, staff)
    with house.runtime.act(SYSTEM) as act:
        seed(act.session)
        sent = send_message(act, citizen_id=citizen_id, text="Vi ses", author=Author.SYSTEM, template="M1/phone/da/2")
        of_step = sa.update(Reminder).filter_by(appointment_id=appointment.id, step="3_days")
        act.session.execute(of_step.values(state=ReminderState.SENT, decided_at=act.now, message_id=sent.id))
    house.hears("Jeg ved hvor du bor")
    house.hears(f"Mit nummer er {CPR}")
    with house.runtime.act(SYSTEM) as act:
        mine = replace(act, actor=Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER))
        threat = act.session.scalars(sa.select(Message.id).filter_by(direction="in").order_by(Message.seq)).first()
        assert threat is not None
        mark_threat(mine, citizen_id=citizen_id, message_id=threat, note="Skrev det efter mødet")
        new = NewNote(id=uuid.uuid4(), kind=NoteKind.INTERNAL, text="Træffes bedst efter kl. 12")
        write_note(mine, new, citizen_id=citizen_id)
        opt_out(act, citizen_id=citizen_id)
    return citizen_id


@at_desk_and_on_telephone
def test_a_full_thread_fits_and_keeps_what_was_begun_while_it_is_renewed(
    house: House,
    page: Page,
    address: str,
    axe: str,
    size: dict[str, int],
) -> None:
    citizen_id = _full_thread(house)
    page.set_viewport_size(size)
    sign_in(page, address)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.get_by_text("Markeret som trussel af").click()
    _look(page, f"thread-{size['width']}")
    wrong = faults(page, axe)

    page.get_by_role("button", name="Vis nummeret").click()
    expect(page.get_by_role("log")).to_contain_text(CPR)
    page.get_by_role("log").get_by_text("Markér som trussel").first.click()
    page.get_by_label("Hvad skete der?").first.fill("Han råbte")
    page.wait_for_timeout(LISTENING)
    house.hears("Er du der?")
    expect(page.get_by_role("log")).to_contain_text("Er du der?", timeout=PATIENCE)

    expect(page.get_by_role("log")).to_contain_text(CPR)
    expect(page.get_by_label("Hvad skete der?").first).to_have_value("Han råbte")
    assert wrong == []


def _look(page: Page, name: str) -> None:
    """Keep a picture where one is wanted."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_page_whose_stream_was_refused_asks_for_it_again(house: House, page: Page, address: str) -> None:
    citizen_id = house.citizen(caseworker=house.caseworker())
    refused: list[Route] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route)
            route.fulfill(status=503, headers={"Retry-After": "1"})

    sign_in(page, address)
    page.route("**/live", refuse_once)
    page.goto(f"{address}/conversations/{citizen_id}")
    page.wait_for_timeout(LISTENING)
    house.hears("Er du der?")

    expect(page.get_by_role("log")).to_contain_text("Er du der?", timeout=PATIENCE)
    assert len(refused) == 1

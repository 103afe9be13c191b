"""A citizen hears of her meetings in her language, where the municipality has approved it; Danish is kept beside it."""

import json
from dataclasses import replace
from html import unescape

import pytest
import sqlalchemy as sa

from messaging.appointments.composing import Composer
from messaging.appointments.models import Appointment, MeetingText
from messaging.appointments.readers import Words
from messaging.appointments.seeding import seed
from messaging.conversations.batch_planning import plan
from messaging.conversations.batches import create_batch, write_chunk
from messaging.conversations.models import Author, Template, TemplateDraft
from messaging.conversations.office import Office
from messaging.conversations.sending import send_message
from messaging.conversations.work import MessageLane
from messaging.database.base import new_id
from messaging.journal.models import JournalEvent
from messaging.journal.recording import payload_place
from messaging.people.actors import SYSTEM
from messaging.people.card_models import Preference
from messaging.work.breaker import Breaker
from messaging.work.lanes import Lane
from tests.house import House, csrf_token


@pytest.fixture
def meeting(house: House) -> Appointment:
    """Of a citizen who reads English."""
    mette = house.caseworker()
    citizen_id = house.citizen(caseworker=mette)
    with house.runtime.act(SYSTEM) as act:
        seed(act.session)
        act.session.add(Preference(citizen_id=citizen_id, language="en", changed_at=act.now))
    return house.appointment(citizen_id, mette)


def approve(house: House, key: str) -> None:
    """Let all English drafts of a key be versions."""
    with house.runtime.act(SYSTEM) as act:
        for draft in act.session.scalars(sa.select(TemplateDraft).filter_by(key=key, language="en")):
            act.session.add(
                Template(
                    key=key,
                    variant=draft.variant,
                    language="en",
                    version=1,
                    content_class=draft.content_class,
                    text=draft.text,
                    valid_from=act.now,
                    approved_by="test",
                )
            )


def composed(
    house: House, meeting: Appointment, key: str, *, variant: str | None = None, shared: bool = False
) -> Words:
    office = Office.from_config(house.runtime.config)
    with house.runtime.database.read() as session:
        composer = Composer(session, house.runtime.vault, [meeting], now=house.runtime.clock.now(), office=office)
        return composer.compose(key, meeting, variant=variant, shared=shared)


def test_unapproved_language_is_not_used(house: House, meeting: Appointment) -> None:
    words = composed(house, meeting, "M1", variant="phone")

    assert words.template == "M1/phone/da/1"
    assert words.original is None


def test_approved_language_is_used_with_its_days_and_words_and_the_danish_beside_it(
    house: House, meeting: Appointment
) -> None:
    approve(house, "M1")
    words = composed(house, meeting, "M1", variant="phone")

    assert words.template == "M1/phone/en/1"
    assert "your goals and the next weeks" in words.text
    assert words.original is not None
    assert "dine mål og de næste uger" in words.original


def test_purpose_without_a_translation_sends_the_danish_text(house: House, meeting: Appointment) -> None:
    approve(house, "M1")
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(MeetingText).values(purpose="noget helt nyt"))

    assert composed(house, meeting, "M1", variant="phone").template == "M1/phone/da/1"


def test_text_that_names_no_purpose_needs_no_translation_of_it(house: House, meeting: Appointment) -> None:
    approve(house, "M13")
    with house.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(MeetingText).values(purpose="noget helt nyt"))

    assert composed(house, meeting, "M13", variant="phone").template == "M13/phone/en/1"


def test_shared_number_hears_nothing_of_the_meeting_in_any_language(house: House, meeting: Appointment) -> None:
    approve(house, "M2")
    words = composed(house, meeting, "M2", shared=True)

    assert words.template == "M2/content_free/en/1"
    assert "Sara" not in words.text


def originals(house: House, *, template: str) -> list[str | None]:
    """Return the Danish that the journal has beside each message which was written from this text."""
    with house.runtime.database.read() as session:
        events = session.scalars(sa.select(JournalEvent).filter_by(type="message.queued")).all()
    opened = [
        json.loads(house.runtime.vault.open(event.payload, owner=event.stream_id, place=payload_place(event.id)))
        for event in events
    ]
    return [facts.get("original") for facts in opened if facts["template"] == template]


def test_closing_is_told_in_the_citizens_language_and_its_danish_is_journaled(
    house: House, meeting: Appointment
) -> None:
    approve(house, "closed")
    client, card = house.browser("mho"), f"/citizens/{meeting.citizen_id}"
    client.post(f"{card}/close", data={"csrf_token": csrf_token(client, card), "reason": "Kommet i arbejde"})
    (danish,) = originals(house, template="closed//en/1")

    assert danish is not None
    assert danish.startswith("Hej Sara")


def test_danish_of_a_welcome_in_another_language_is_journaled(house: House, meeting: Appointment) -> None:
    approve(house, "M7")
    runtime = replace(house.runtime, config=replace(house.runtime.config, welcome=True))
    with runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=meeting.citizen_id, text="Vi ses", author=Author.CASEWORKER)
    MessageLane(runtime=runtime, breaker=Breaker("test", waits=runtime.config.waits), lane=Lane.INTERACTIVE).drain()
    (danish,) = originals(house, template="M7//en/1")

    assert danish is not None
    assert "kan skrive sms med dig" in danish


def test_danish_of_a_text_that_a_caseworker_chose_is_journaled(house: House, meeting: Appointment) -> None:
    approve(house, "M9")
    house.hears("Hej")
    client, thread = house.browser("mho"), f"/conversations/{meeting.citizen_id}"
    form = {"csrf_token": csrf_token(client, thread), "message_id": str(new_id()), "seen": "9", "template": "M9"}
    page = client.post(f"{thread}/messages", data={**form, "action": "template"}).text
    text = unescape(page.partition('id="text"')[2].partition(">")[2].partition("</textarea>")[0])
    client.post(f"{thread}/messages", data={**form, "action": "send", "text": text})
    (danish,) = originals(house, template="M9//en/1")

    assert text.startswith("Hi Sara")
    assert danish is not None
    assert danish.startswith("Hej Sara")


def test_danish_of_a_text_to_several_is_journaled(house: House, meeting: Appointment) -> None:
    approve(house, "M9")
    with house.runtime.act(SYSTEM) as act:
        lines = plan(
            house.runtime,
            act.session,
            key="M9",
            citizen_ids=[meeting.citizen_id],
            writer_id=meeting.caseworker_id,
            meetings_of=None,
        )
        writer = replace(act, actor=replace(act.actor, id=meeting.caseworker_id))
        create_batch(writer, batch_id=new_id(), key="M9", lines=lines)
    with house.runtime.act(SYSTEM) as act:
        write_chunk(act)
    (danish,) = originals(house, template="M9//en/1")

    assert danish is not None

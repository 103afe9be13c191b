"""A citizen hears of her meetings in her language, where the municipality has approved it; Danish is kept beside it."""

import pytest
import sqlalchemy as sa

from messaging.appointments.composing import Composer, Words
from messaging.appointments.models import Appointment, MeetingText
from messaging.appointments.seeding import seed
from messaging.conversations.models import Template, TemplateDraft
from messaging.conversations.office import Office
from messaging.people.actors import SYSTEM
from messaging.people.card_models import Preference
from tests.house import House


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

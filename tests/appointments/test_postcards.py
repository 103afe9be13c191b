"""Reminders are postcards: which texts may be one, and for whom. The meeting is to. 14/10 kl. 10.30."""

import pytest
import sqlalchemy as sa

from messaging.appointments.laying_plans import KeptFromSms, NewStep, sign_plan
from messaging.appointments.models import Form, Reminder
from messaging.appointments.plan_texts import count_unsent, kept_from_sms, reminder_texts, texts_missing
from messaging.appointments.states import ReminderState
from messaging.appointments.work import ReminderLane
from messaging.conversations.channel_choice import Has, Means
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Kind, Message, Template
from messaging.conversations.rendering import CONTENT_FREE
from messaging.people.actors import SYSTEM, Actor
from messaging.people.card_models import Medium, Preference
from messaging.people.models import Citizen
from tests.appointments.conftest import Desk, Lay, wall

ONE_DAY = "2027-10-13 10:31"
SENT = (ReminderState.SENT, None)
MINOR = {"cpr": "141009-4123"}
"""Comes of age on the day of the meeting."""


def approves(desk: Desk, key: str, content_class: ContentClass, *, version: int = 1, language: str = "da") -> None:
    """Let a text of this class be valid from long ago."""
    with desk.runtime.act(SYSTEM) as act:
        act.session.add_all(
            Template(
                key=key,
                variant=variant,
                language=language,
                version=version,
                content_class=content_class,
                text=f"{key} {content_class} {language}: {{day_word}} {{time}}.",
                valid_from=wall("2027-01-01 00:00"),
                valid_to=None,
                approved_by="test",
            )
            for variant in (*Form, CONTENT_FREE)
        )


@pytest.mark.parametrize("content_class", [ContentClass.LOGIN_ONLY, ContentClass.SENSITIVE])
def test_plan_cannot_name_a_text_that_may_only_be_read_after_login(
    desk: Desk,
    lays: Lay,
    content_class: ContentClass,
) -> None:
    approves(desk, "K1", content_class)

    with pytest.raises(KeptFromSms, match=f"K1 .{content_class}") as refused:
        lays(NewStep(days=1, texts=("M2", "K1")))

    assert refused.value.field == "texts"
    assert refused.value.texts == {"K1": content_class}
    with desk.runtime.database.read() as session:
        day = wall("2027-09-01 08:00").date()
        assert "K1" not in reminder_texts(session, day=day)
        assert kept_from_sms(session, day=day) == {"K1": content_class}


def test_plan_cannot_be_signed_when_its_text_has_come_behind_a_login(
    desk: Desk,
    lays: Lay,
    signer: Actor,
) -> None:
    approves(desk, "K1", ContentClass.SMS_OK)
    plan_id = lays(NewStep(days=1, texts=("K1",)), signed=False)
    approves(desk, "K1", ContentClass.LOGIN_ONLY, version=2)

    with pytest.raises(KeptFromSms), desk.runtime.act(signer) as act:
        sign_plan(act, plan_id=plan_id)


@pytest.mark.parametrize("in_app", [False, True])
def test_text_that_has_come_behind_a_login_is_not_sent_any_more_and_somebody_is_told(
    desk: Desk,
    lays: Lay,
    in_app: bool,
) -> None:
    approves(desk, "K1", ContentClass.SMS_OK)
    lays(NewStep(days=1, texts=("K1",)))
    desk.books()
    assert next(iter(desk.every(Reminder))).words is not None
    approves(desk, "K1", ContentClass.SENSITIVE, version=2)

    desk.clock.moment = wall(ONE_DAY)
    means = {desk.every(Citizen)[0].id: Means(has=Has.PUSH, prefers=Medium.APP)} if in_app else {}
    ReminderLane(desk.runtime, means_of=lambda _session, _ids: means).drain()

    assert desk.reminders() == {"1_day": (ReminderState.SKIPPED, "not_by_sms")}
    assert [message for message in desk.every(Message) if message.kind is Kind.REMINDER] == []
    with desk.runtime.database.read() as session:
        at = wall(ONE_DAY)
        assert (count_unsent(session, at=at), texts_missing(session, at=at)) == (1, ["K1"])


def test_text_that_says_what_may_follow_goes_to_who_is_of_age(desk: Desk, lays: Lay) -> None:
    approves(desk, "K1", ContentClass.CONSEQUENCE)
    lays(NewStep(days=1, texts=("K1",)))
    desk.books()

    desk.reminds(at=ONE_DAY)

    assert [message.text for message in desk.channel.sent] == ["K1 consequence da: i morgen 10.30."]


def test_who_is_under_18_gets_the_usual_text_instead(desk: Desk, lays: Lay) -> None:
    approves(desk, "K1", ContentClass.CONSEQUENCE)
    lays(NewStep(days=1, texts=("K1",)))
    desk.books(**MINOR)
    written_ahead = next(iter(desk.every(Reminder))).words

    desk.reminds(at=ONE_DAY)

    (sent,) = desk.channel.sent
    assert sent.text.startswith("Hej Sara. Husk mødet i morgen kl. 10.30")
    assert written_ahead is not None
    (reminder,) = desk.every(Reminder)
    (message,) = [message for message in desk.every(Message) if message.kind is Kind.REMINDER]
    assert (reminder.wording, (message.template or "")[:3]) == ("K1", "M2/")


def test_on_the_18th_birthday_she_is_of_age(desk: Desk, lays: Lay) -> None:
    approves(desk, "K1", ContentClass.CONSEQUENCE)
    lays(NewStep(days=0, hour=9, texts=("K1",)))
    desk.books(**MINOR, start="14-10-2027 14:00")

    desk.reminds(at="2027-10-14 09:01")

    assert [message.text for message in desk.channel.sent] == ["K1 consequence da: i dag 14.00."]


def test_where_the_usual_text_says_what_may_follow_too_who_is_under_18_gets_none(desk: Desk) -> None:
    with desk.runtime.act(SYSTEM) as act:
        act.session.execute(sa.update(Template).values(content_class=ContentClass.CONSEQUENCE))
    desk.books(**MINOR)
    desk.books(aftale_id="A2", cpr="720202-2345", fornavn="Ahmed", telefon="28 99 99 99")

    desk.reminds(at=ONE_DAY)

    assert [message.text[:10] for message in desk.channel.sent] == ["Hej Ahmed."]
    reasons = {row.reason for row in desk.every(Reminder) if row.appointment_id == desk.appointment("A1").id}
    assert "under_age" in reasons


def test_translation_of_another_class_than_the_danish_text_does_not_stand_in_for_it(
    desk: Desk,
    lays: Lay,
) -> None:
    approves(desk, "K1", ContentClass.SMS_OK)
    approves(desk, "K1", ContentClass.SENSITIVE, language="en")
    lays(NewStep(days=1, texts=("K1",)))
    desk.books()
    speaks_english(desk)

    desk.reminds(at=ONE_DAY)

    assert [message.text for message in desk.channel.sent] == ["K1 sms_ok da: i morgen 10.30."]


def speaks_english(desk: Desk) -> None:
    with desk.runtime.act(SYSTEM) as act:
        act.session.add(Preference(citizen_id=desk.every(Citizen)[0].id, language="en", changed_at=act.now))


def test_text_for_two_meetings_that_may_not_stand_on_a_postcard_is_not_used(desk: Desk, lays: Lay) -> None:
    with desk.runtime.act(SYSTEM) as act:
        of_two = sa.update(Template).where(Template.key == "M14")
        act.session.execute(of_two.values(content_class=ContentClass.LOGIN_ONLY))
    lays(NewStep(days=1, texts=("M2",)), combines=True)
    desk.books(aftale_id="A1")
    desk.books(aftale_id="A2", start="14-10-2027 13:00")

    desk.reminds(at="2027-10-13 13:01")

    assert [message.text[:25] for message in desk.channel.sent] == ["Hej Sara. Husk mødet i mo"] * 2

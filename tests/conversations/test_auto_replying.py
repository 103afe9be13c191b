"""Outside the hours a citizen is told when we read: once in each closed period."""

from datetime import timedelta

import pytest

from messaging.conversations.auto_replying import is_automatic, reply_outside_hours, take_period
from messaging.conversations.automatic_models import AutoReply
from messaging.conversations.office import Office
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.trial.models import Arm
from messaging.trial.taking_part import join


@pytest.fixture
def night(clock):
    """Ten in the evening."""
    clock.advance(hours=12)


def replies(town) -> list[str]:
    office = Office.from_config(town.runtime.config)
    with town.runtime.act(SYSTEM) as act:
        reply_outside_hours(act, message=town.messages()[-1], office=office)
    town.sends()
    return [message.text for message in town.runtime.channel.sent]


def test_nothing_is_said_while_somebody_reads(town, templates):
    town.citizen()
    town.hears("hej")

    assert replies(town) == []


@pytest.mark.usefixtures("night")
def test_at_night_the_hours_and_the_numbers_for_emergencies_are_named_once(town, templates):
    town.citizen()
    town.hears("hej")
    replies(town)
    town.hears("er der nogen?")

    (told,) = replies(town)

    assert all(words in told for words in ("hverdage kl. 8-16", "112", "70 201 201", "89 40 00 00"))


def test_the_next_closed_period_is_told_again(town, templates, clock):
    town.citizen()
    clock.advance(hours=12)
    town.hears("hej")
    replies(town)
    clock.advance(days=1)
    town.hears("hej igen")

    assert len(replies(town)) == 2


@pytest.mark.usefixtures("night")
def test_whoever_has_taken_the_period_is_the_only_one_to_answer(town, templates):
    town.citizen()
    town.hears("2")
    with town.runtime.act(SYSTEM) as act:
        assert take_period(act, message=town.messages()[-1], office=Office.from_config(town.runtime.config))

    assert replies(town) == []
    assert len(town.rows(AutoReply)) == 1


@pytest.mark.usefixtures("night")
def test_a_sign_of_danger_gets_the_numbers_that_answer_at_night(town, templates):
    town.citizen()
    town.hears("jeg vil ikke leve mere")

    (told,) = replies(town)

    assert "112" in told
    assert "70 201 201" in told


@pytest.mark.usefixtures("night")
def test_nothing_is_said_to_somebody_who_wants_no_sms(town, templates):
    sara = town.citizen()
    town.hears("hej")
    with town.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)

    assert replies(town) == []


@pytest.mark.usefixtures("night")
def test_help_in_danger_that_goes_by_sms_in_the_apps_arm_respects_stop_too(town, templates):
    """What else is answered there lies in the app, for which STOP is no obstacle."""
    sara = town.citizen()
    town.hears("jeg vil ikke leve mere")
    with town.runtime.act(SYSTEM) as act:
        join(act, {sara: Arm.APP})
        wishes.opt_out(act, citizen_id=sara)

    assert replies(town) == []
    assert town.rows(AutoReply) == []


def test_a_weekend_is_one_period(town, templates, clock):
    town.citizen()
    clock.advance(days=3, hours=8)
    town.hears("fredag aften")
    replies(town)
    clock.advance(days=1)
    town.hears("lørdag")
    replies(town)
    clock.moment += timedelta(days=1)
    town.hears("søndag")

    assert len(replies(town)) == 1


AUTOMATIC = [
    "Autosvar: Jeg er på ferie",
    "Automatisk svar: jeg læser din besked i morgen",
    "Automatic reply: I am away",
    "I'm driving right now - I'll call you later",
    "Jeg kører lige nu, så jeg ser din besked senere",
    "Kører bil",
    "Jeg kan ikke tage telefonen lige nu. Jeg ringer tilbage",
    "Ringer dig tilbage",
    "Out of office",
]

HUMAN = [
    "hej",
    "Kan du ringe tilbage til mig?",
    "Min telefon er gået i stykker",
    "Hvordan kører det?",
    "Kan I svare på mit spørgsmål?",
    "Jeg tager bilen",
    "Can you text me back?",
]


@pytest.mark.parametrize("text", AUTOMATIC)
def test_what_a_telephone_writes_by_itself_is_known(text):
    assert is_automatic(text)


@pytest.mark.parametrize("text", HUMAN)
def test_what_a_human_writes_is_not_taken_for_a_machines(text):
    assert not is_automatic(text)


@pytest.mark.usefixtures("night")
def test_a_telephone_that_answers_by_itself_gets_nothing_and_takes_nobodys_turn(town, templates):
    town.citizen()
    town.hears("Autosvar: Jeg kan ikke tage telefonen")
    machine = replies(town)
    town.hears("Hej, er der nogen?")
    human = replies(town)

    assert (machine, len(human)) == ([], 1)


@pytest.mark.usefixtures("night")
def test_a_sign_of_danger_is_answered_whoever_seems_to_have_written_it(town, templates):
    town.citizen()
    town.hears("Jeg kan ikke tage telefonen mere, jeg vil ikke leve mere")

    assert len(replies(town)) == 1

"""Who is away with no deputy, or does not work now, says once by itself when she reads."""

from datetime import time, timedelta

import pytest

from messaging.clock import begin_of_day
from messaging.conversations.auto_replying import reply_outside_hours
from messaging.conversations.office import Office
from messaging.errors import InvalidInput, NotAllowed
from messaging.people import registering
from messaging.people.absence_models import Absence, AbsenceReason
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Caseworker, Role
from messaging.people.working_hours import hours_of, set_hours


def replies(town) -> list[str]:
    office = Office.from_config(town.runtime.config)
    with town.runtime.act(SYSTEM) as act:
        reply_outside_hours(act, message=town.messages()[-1], office=office)
    town.sends()
    return [message.text for message in town.runtime.channel.sent]


def mette(town) -> Actor:
    (staff,) = town.rows(Caseworker, initials="sb01")
    return Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.CASEWORKER, unit_id=staff.unit_id)


def away(town, *, days: int, deputy: bool = False) -> None:
    """The caseworker is away today and the days after."""
    absent = mette(town)
    with town.runtime.act(SYSTEM) as act:
        covers = registering.register_caseworker(
            act, initials="ali", name="Ali Demir", email=None, unit_id=absent.unit_id, role=Role.CASEWORKER
        )
        today = act.now.date()
        act.session.add(
            Absence(
                caseworker_id=absent.id,
                deputy_id=covers.id if deputy else None,
                since=begin_of_day(today),
                until=begin_of_day(today + timedelta(days=days)),
                reason=AbsenceReason.LEAVE,
                reported_by=absent.id,
                reported_at=act.now,
            )
        )


def works(town, **hours: tuple[int, int]) -> None:
    """The caseworker works on these weekdays, from and to these hours."""
    days = {"monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4}
    with town.runtime.act(mette(town)) as act:
        set_hours(act, week={days[name]: (time(begins), time(ends)) for name, (begins, ends) in hours.items()})


def test_who_is_away_with_no_deputy_says_once_when_she_is_back_and_whom_to_ring(town, templates, clock):
    town.citizen()
    away(town, days=3)
    town.hears("hej")
    replies(town)
    clock.advance(hours=12)
    town.hears("er der nogen?")

    (told,) = replies(town)

    assert "Mette læser den fr. 5/3 kl. 08.00. Haster det, så ring 89 40 00 00." in told


def test_back_means_the_next_working_day(town, templates):
    town.citizen()
    away(town, days=4)
    town.hears("hej")

    assert "Mette læser den ma. 8/3 kl. 08.00." in replies(town)[0]


def test_with_a_deputy_nothing_is_said_in_the_hours(town, templates):
    town.citizen()
    away(town, days=3, deputy=True)
    town.hears("hej")

    assert replies(town) == []


def test_a_deputy_who_is_away_herself_reads_nothing_either(town, templates):
    town.citizen()
    away(town, days=3, deputy=True)
    (ali,) = town.rows(Caseworker, initials="ali")
    (absence,) = town.rows(Absence)
    with town.runtime.database.write() as session:
        session.add(
            Absence(
                caseworker_id=ali.id,
                since=absence.since,
                until=absence.until,
                reason=AbsenceReason.UNPLANNED,
                reported_by=ali.id,
                reported_at=absence.reported_at,
            )
        )
    town.hears("hej")

    assert "Mette læser den fr. 5/3 kl. 08.00." in replies(town)[0]


def test_with_a_deputy_the_office_is_closed_at_night_as_ever(town, templates, clock):
    town.citizen()
    away(town, days=3, deputy=True)
    clock.advance(hours=12)
    town.hears("hej")

    assert "hverdage kl. 8-16" in replies(town)[0]


def test_outside_her_own_hours_she_says_when_she_reads(town, templates):
    town.citizen()
    works(town, tuesday=(12, 15), thursday=(8, 15))
    town.hears("hej")

    assert "Mette læser den i dag kl. 12.00." in replies(town)[0]


def test_in_her_own_hours_she_reads(town, templates):
    town.citizen()
    works(town, tuesday=(8, 15))
    town.hears("hej")

    assert replies(town) == []


def test_a_shared_number_hears_no_name(town, templates):
    town.citizen()
    away(town, days=3)
    town.hears("hej")
    town.citizen()  # the same number from now on

    assert replies(town)[0].startswith("Tak for din sms. Vi læser den fr. 5/3 kl. 08.00. Er nogen i fare")


def test_a_sign_of_danger_gets_the_numbers_and_no_promise(town, templates):
    town.citizen()
    away(town, days=3)
    town.hears("jeg vil ikke leve mere")

    (told,) = replies(town)

    assert "112" in told
    assert "Mette" not in told


def test_hours_that_end_before_they_begin_are_refused(town):
    town.citizen()
    with pytest.raises(InvalidInput), town.runtime.act(mette(town)) as act:
        set_hours(act, week={0: (time(15), time(8))})


def test_hours_are_taken_back_by_leaving_them_empty(town):
    town.citizen()
    works(town, tuesday=(8, 15))
    works(town)

    with town.runtime.database.read() as session:
        assert hours_of(session, mette(town).id) == {}


def test_only_a_caseworker_has_hours(town):
    with pytest.raises(NotAllowed), town.runtime.act(SYSTEM) as act:
        set_hours(act, week={})

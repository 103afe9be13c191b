"""Interviews are counted by wave, arm and side, with themes of a few words in which no person stands."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.clock import FixedClock
from messaging.errors import Conflict, InvalidInput
from messaging.experience.interview_models import Interview, InterviewTheme, Side
from messaging.experience.interviewing import Held, progress, read_themes, record, themes_of, withdraw
from messaging.experience.models import Wave
from messaging.experience.waves import set_days
from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm
from messaging.people.models import Role
from messaging.runtime import Runtime
from tests.house import House, csrf_token

BEFORE = Held(wave=Wave.BEFORE, arm=Arm.SMS, side=Side.CITIZEN)


def hold(runtime: Runtime, held: Held = BEFORE, *themes: str, id_: uuid.UUID | None = None) -> bool:
    with runtime.act(SYSTEM) as act:
        return record(act, held, interview_id=id_ or uuid.uuid4(), themes=themes)


def test_what_is_held_and_missing_is_told_by_wave_arm_and_side(runtime: Runtime, clock: FixedClock) -> None:
    for held in (BEFORE, BEFORE, Held(wave=Wave.BEFORE, arm=Arm.APP, side=Side.STAFF)):
        hold(runtime, held)
    with runtime.database.read() as session:
        found = progress(session, at=clock.now())

    assert len(found) == 6
    assert sum(one.missing for one in found) == 3 * 3 * 2 * 3 - 3
    assert (found[0].wave, found[0].side, found[0].held[Arm.SMS], found[0].missing) == (Wave.BEFORE, Side.CITIZEN, 2, 7)


def test_more_than_asked_for_make_up_for_none_that_are_missing(runtime: Runtime, clock: FixedClock) -> None:
    for _ in range(5):
        hold(runtime)
    with runtime.database.read() as session:
        assert progress(session, at=clock.now())[0].missing == 6


def test_a_wave_that_is_over_with_interviews_missing_is_late(runtime: Runtime, clock: FixedClock) -> None:
    today = clock.now().date()
    with runtime.act(SYSTEM) as act:
        set_days(act, wave=Wave.BEFORE, first_day=today, last_day=today)
    with runtime.database.read() as session:
        now, later = (progress(session, at=clock.now() + timedelta(days=days)) for days in (0, 1))

    assert [one.is_late for one in now] == [False] * 6
    assert [one.is_late for one in later] == [True, True, False, False, False, False]


def test_themes_are_counted_by_wave_and_by_arm_and_the_same_form_counts_once(runtime: Runtime) -> None:
    id_ = uuid.uuid4()
    assert hold(runtime, BEFORE, "hurtigere svar", "glemte koder", id_=id_)
    assert not hold(runtime, BEFORE, "hurtigere svar", id_=id_)
    hold(runtime, Held(wave=Wave.AFTER, arm=Arm.APP, side=Side.CITIZEN), "hurtigere svar")
    with runtime.database.read() as session:
        first, second = themes_of(session)

    assert (first.theme, first.mentions, second.theme, second.mentions) == ("hurtigere svar", 2, "glemte koder", 1)
    assert (first.by_wave[Wave.AFTER], first.by_arm[Arm.SMS], first.by_arm[Arm.CONTROL]) == (1, 1, 0)


def test_an_interview_counted_wrongly_goes_with_its_themes(runtime: Runtime) -> None:
    hold(runtime, BEFORE, "koder", "tid")
    hold(runtime, BEFORE, "tid")
    with pytest.raises(Conflict), runtime.act(SYSTEM) as act:
        withdraw(act, BEFORE, themes=["tid", "telefon"])
    with runtime.act(SYSTEM) as act:
        withdraw(act, BEFORE, themes=["koder", "tid"])

    with runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Interview)) == 1
        assert session.execute(sa.select(InterviewTheme.theme, InterviewTheme.mentions)).all() == [("tid", 1)]


@pytest.mark.parametrize(
    "text",
    ["ring 24101921", "010199-1234", "et tema med alt for mange ord", "a" * 41, "mail@kk.dk", ",".join("abcdefghijk")],
)
def test_what_is_no_theme_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_themes(text)


def test_themes_are_read_in_small_letters_each_once() -> None:
    assert read_themes(" Hurtigere  svar, SMS;\nsms, ") == ("hurtigere svar", "sms")


def test_a_theme_that_names_staff_is_refused_and_the_page_keeps_what_was_typed(house: House) -> None:
    house.caseworker()
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    client, page = house.browser("sus"), "/administration/interviews"
    form = {
        "csrf_token": csrf_token(client, page),
        "interview_id": str(uuid.uuid4()),
        "wave": "before",
        "arm": "app",
        "side": "staff",
    }
    for named in ("god støtte fra Mette", "mho hjalp"):
        answer = client.post(page, data=form | {"themes": named})
        assert (answer.status_code, named in answer.text) == (422, True)
    assert client.post(page, data=form | {"themes": "færre opkald"}).status_code == 303
    shown = client.get(page).text

    assert "færre opkald" in shown
    assert "1 af 3" in shown
    assert "53 mangler." in shown
    assert client.post(page, data=form | {"do": "withdraw", "themes": "færre opkald"}).status_code == 303
    assert client.post(page, data=form | {"do": "withdraw"}).status_code == 409
    assert "Ingen temaer endnu." in client.get(page).text

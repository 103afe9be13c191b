"""Opening hours are dated data: they hold from their day, in every reader, and the settings hold before."""

from datetime import date, time, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.planning import reminder_rules
from messaging.clock import COPENHAGEN
from messaging.conversations.office import Office
from messaging.conversations.open_hours import Span
from messaging.conversations.opening_times import settings_now
from messaging.database.base import new_id
from messaging.people.models import Role
from tests.house import House, csrf_token

TIMES = {
    "office_opens": "9",
    "office_closes": "15",
    "weekdays_opens": "10",
    "weekdays_closes": "18",
    "weekends_opens": "11",
    "weekends_closes": "16",
}


def post(client: FlaskClient, path: str, **form: object) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": csrf_token(client, "/administration/hours")})


@pytest.fixture
def client(house: House) -> FlaskClient:
    house.caseworker("chief", role=Role.SUPERUSER)
    return house.browser("chief")


def today(house: House) -> date:
    return house.runtime.clock.now().astimezone(COPENHAGEN).date()


def test_new_hours_hold_at_once_in_what_citizens_are_told_and_in_reminders(house: House, client: FlaskClient) -> None:
    answer = post(client, "/administration/hours", times_id=new_id(), first_day=today(house), **TIMES)
    settings = settings_now(house.runtime)

    assert answer.status_code == 303
    assert Office.from_config(settings).opening_hours == "på hverdage kl. 9-15"
    assert reminder_rules(settings).hours.weekday == Span(opens=time(10), closes=time(18))


def test_hours_from_a_later_day_wait_for_it(house: House, client: FlaskClient) -> None:
    tomorrow = today(house) + timedelta(days=1)
    post(client, "/administration/hours", times_id=new_id(), first_day=tomorrow, **TIMES)
    before = settings_now(house.runtime).office_hours
    house.runtime.clock.advance(days=1)  # type: ignore[attr-defined]

    assert before == house.runtime.config.office_hours
    assert settings_now(house.runtime).office_hours == (9, 15)


def test_closed_day_is_closed_until_it_is_opened_again(house: House, client: FlaskClient) -> None:
    day = today(house) + timedelta(days=1)
    post(client, "/administration/closed-days", day=day, do="close")
    closed = Office.from_config(settings_now(house.runtime)).hours.is_open_day(day)
    post(client, "/administration/closed-days", day=day, do="open")

    assert not closed
    assert Office.from_config(settings_now(house.runtime)).hours.is_open_day(day)


def test_hours_that_end_before_they_begin_change_nothing(house: House, client: FlaskClient) -> None:
    form = TIMES | {"office_closes": "9"}
    answer = post(client, "/administration/hours", times_id=new_id(), first_day=today(house), **form)

    assert answer.status_code == 422
    assert "Intet er ændret" in answer.text
    assert settings_now(house.runtime).office_hours == house.runtime.config.office_hours


def test_past_days_stay_as_they_were(house: House, client: FlaskClient) -> None:
    yesterday = today(house) - timedelta(days=1)

    assert post(client, "/administration/closed-days", day=yesterday, do="close").status_code == 422
    assert post(client, "/administration/hours", times_id=new_id(), first_day=yesterday, **TIMES).status_code == 422

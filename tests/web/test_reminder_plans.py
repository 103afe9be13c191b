"""The page of reminder plans: one writes, another signs, and coming meetings follow; what is wrong is said."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.appointments.models import Reminder
from messaging.appointments.work import ReminderLane
from messaging.clock import COPENHAGEN
from messaging.conversations.models import Template
from messaging.conversations.opening_times import NewTimes, set_times
from messaging.database.base import new_id
from messaging.people.actors import SYSTEM
from tests.house import House, csrf_token

PAGE = "/administration/reminder-plans"


def post(client: FlaskClient, path: str = PAGE, **form: object) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client, PAGE), **form})


def lay(house: House, client: FlaskClient, **form: object) -> str:
    """Write a plan of one reminder two days before; return its path."""
    plan_id = str(new_id())
    today = house.runtime.clock.now().astimezone(COPENHAGEN).date()
    usual = {"plan_id": plan_id, "first_day": today, "days_0": "2", "hour_0": "12", "texts_0": ["M1", "M2"]}
    assert post(client, **usual | form).status_code == 303
    return f"{PAGE}/{plan_id}"


def steps(house: House) -> set[str]:
    ReminderLane(house.runtime).follow_plans()
    with house.runtime.database.read() as session:
        return set(session.scalars(sa.select(Reminder.step).where(Reminder.state == "planned")))


def test_plan_that_somebody_else_signs_is_followed_by_coming_meetings(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    plan = lay(house, writer)
    before = steps(house)
    post(signer, f"{plan}/sign")

    page = signer.get(PAGE).text
    assert (before, steps(house)) == ({"3_days", "1_day"}, {"2_days_at_12"})
    assert "2 dage før kl. 12: M1 / M2" in page
    assert "(lodtrækning)" in page
    assert "skrevet af super1, underskrevet af super2" in page


def test_writer_is_told_that_another_signs(house: House, writer: FlaskClient) -> None:
    plan = lay(house, writer)

    assert "En anden superbruger skal skrive under." in writer.get(PAGE).text
    assert "1 plan venter" in writer.get("/administration").text
    refused = post(writer, f"{plan}/sign")
    assert (refused.status_code, "Du har selv skrevet planen" in refused.text) == (409, True)


def test_plan_is_withdrawn_or_ended_on_a_day(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    first, second = lay(house, writer), lay(house, writer, meeting_type="Jobsamtale", most_per_day="1")
    post(signer, f"{first}/sign")
    post(writer, f"{second}/withdraw")
    end = (house.runtime.clock.now() + timedelta(days=1)).astimezone(COPENHAGEN).date()
    post(writer, f"{first}/end", last_day=end)

    assert steps(house) == {"3_days", "1_day"}
    assert "Jobsamtale" not in re.sub(r"<option.*?</option>", "", writer.get(PAGE).text)
    assert post(writer, f"{first}/end", last_day="2020-01-01").status_code == 422
    assert post(writer, f"{second}/end", last_day=end).status_code == 409


def test_page_says_when_and_by_which_ways_the_reminders_of_a_plan_go(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    as_the_service = writer.get(PAGE).text
    plan = lay(house, writer, opens="9", closes="15", spares_weekends="yes", ways="sms")
    waiting = writer.get(PAGE).text
    post(signer, f"{plan}/sign")
    lay(house, writer, opens="9", closes="15", ways="app sms")
    page = signer.get(PAGE).text

    assert "Sendes på hverdage kl. 9–20 og i weekender kl. 10–18, aldrig på helligdage og lukkedage." in as_the_service
    for shown in (waiting, page):
        assert "Sendes på hverdage kl. 9–15, aldrig i weekender eller på helligdage og lukkedage." in shown
        assert "Kun som sms, også til dem, der har appen. I et forsøg får app-gruppen ingen påmindelser" in shown
    assert "Sendes på hverdage kl. 9–15 og i weekender kl. 10–15, aldrig" in page
    assert "I appen til dem, der har den, undtagen dem, der selv ønsker sms. Til alle andre som sms." in page


def test_plan_that_the_service_s_hours_leave_nothing_of_says_so_and_cannot_be_signed(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    first, second = (lay(house, writer, opens="9", closes="11", hour_0="10", meeting_type=type_) for type_ in "AB")
    post(signer, f"{first}/sign")
    today = house.runtime.clock.now().astimezone(COPENHAGEN).date()
    new = NewTimes(id=new_id(), first_day=today, office=(8, 16), weekdays=(12, 20), weekends=(12, 18))
    with house.runtime.act(SYSTEM) as act:
        set_times(act, new)
    house.runtime.settings.drop("now")

    refused = post(signer, f"{second}/sign")
    assert (refused.status_code, "tjenestens: på hverdage kl. 12–20. Intet" in refused.text) == (409, True)
    assert "Sendes på hverdage kl. 12–20" in refused.text
    assert "Det er tjenestens timer, for planens egne ligger uden for dem." in refused.text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"first_day": ""}, "Vælg en første dag"),
        ({"last_day": "snart"}, "Den sidste dag"),
        ({"days_0": ""}, "Skriv mindst én påmindelse"),
        ({"hour_0": "middag"}, "Skriv mindst én påmindelse"),
        ({"texts_0": "M8"}, "Vælg tekster fra listen"),
        ({"unit": "x"}, "Vælg en enhed"),
        ({"target_group": "x"}, "Målgruppen findes ikke"),
        ({"most_per_meeting": "99"}, "Et loft er fra 1 til 9"),
        ({"opens": "10"}, "Skriv både fra og til"),
        ({"opens": "ti", "closes": "12"}, "Skriv både fra og til"),
        ({"opens": "7", "closes": "12"}, "inden for tjenestens: på hverdage kl. 9–20."),
        ({"opens": "10", "closes": "12", "hour_0": "12"}, "inden for planens egne timer"),
        ({"ways": "push"}, "Vælg en vej fra listen"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(
    house: House, writer: FlaskClient, form: dict[str, str], sentence: str
) -> None:
    today = house.runtime.clock.now().astimezone(COPENHAGEN).date()
    usual = {"plan_id": str(new_id()), "first_day": today, "days_0": "6", "texts_0": "M1", "meeting_type": "Noget"}
    answer = post(writer, **usual | form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Noget"' in answer.text


def test_text_that_may_not_leave_by_sms_is_named_with_the_reason(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    plan = lay(house, writer)
    with house.runtime.database.write() as session:
        session.execute(sa.update(Template).where(Template.key == "M1").values(content_class="login_only"))

    written = post(
        writer,
        plan_id=new_id(),
        first_day=house.runtime.clock.now().astimezone(COPENHAGEN).date(),
        days_0="2",
        texts_0="M1",
    )
    signed = post(signer, f"{plan}/sign")
    assert (written.status_code, signed.status_code) == (422, 409)
    assert all("M1 må kun læses efter login" in answer.text for answer in (written, signed))
    assert 'value="M1"' not in signer.get(PAGE).text


def test_plans_whose_text_is_gone_are_alarming(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    post(signer, f"{lay(house, writer)}/sign")
    with house.runtime.database.write() as session:
        session.execute(sa.update(Template).where(Template.key == "M1").values(valid_to=house.runtime.clock.now()))

    assert "kan ikke sendes nu eller om 14 dage: M1." in writer.get(PAGE).text
    assert "1 tekst mangler eller udløber" in writer.get("/administration").text

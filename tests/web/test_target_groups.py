"""The page of target groups: one writes, another signs, and what holds, comes, waits and was is told."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.trial.group_models import GroupEntry
from messaging.trial.models import Design, Trial
from messaging.trial.target_groups import read_list
from tests.house import House, csrf_token

PAGE = "/administration/target-groups"
PLANS = "/administration/reminder-plans"


def today(house: House) -> date:
    return house.runtime.clock.now().astimezone(COPENHAGEN).date()


def post(client: FlaskClient, path: str = PAGE, **form: object) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": csrf_token(client, PAGE)})


def writes(house: House, client: FlaskClient, *, first: int = 0, **more: object) -> str:
    """Write a group; return the path of its entry."""
    entry_id = new_id()
    usual = {"code": "fleksjob", "name": "Fleksjobbere", "first_day": today(house) + timedelta(days=first)}
    assert post(client, entry_id=entry_id, **usual | more).status_code == 303
    return f"{PAGE}/{entry_id}"


def writes_end(house: House, client: FlaskClient, code: str, *, first: int = 0) -> str:
    """Write that a group ends; return the path of its entry."""
    entry_id = new_id()
    form = {"ended": code, "ends_on": today(house) + timedelta(days=first)}
    assert post(client, f"{PAGE}/end", entry_id=entry_id, **form).status_code == 303
    return f"{PAGE}/{entry_id}"


def section(client: FlaskClient, name: str) -> str:
    """What a section of the page says, in plain words; empty if it is not there."""
    found = re.search(rf'aria-labelledby="{name}">(.*?)</section>', client.get(PAGE).text, re.DOTALL)
    return " ".join(re.sub("<.*?>", " ", found[1]).split()) if found else ""


def groups(house: House) -> set[str]:
    with house.runtime.database.read() as session:
        return set(read_list(session).on(today(house)))


def test_group_holds_once_somebody_else_has_signed_it(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    before = groups(house)
    entry = writes(house, writer, takes_part="yes")
    waits = section(writer, "waiting")
    own = post(writer, f"{entry}/sign")
    answer = post(signer, f"{entry}/sign")

    assert "Fleksjobbere fleksjob Med i forsøget fra" in waits
    assert "En anden superbruger skal skrive under." in waits
    assert (own.status_code, "Du har selv skrevet det" in own.text) == (409, True)
    assert (answer.status_code, groups(house) - before) == (303, {"fleksjob"})
    assert "skrevet af super1, underskrevet af super2" in section(writer, "now")
    with house.runtime.database.read() as session:
        done = session.query(AuditEntry.action).filter(AuditEntry.object_kind == "target_group").order_by(AuditEntry.id)
        assert [row.action for row in done] == ["target_group.drafted", "target_group.signed"]


def test_group_ends_by_an_entry_that_somebody_else_signs(
    house: House, writer: FlaskClient, signer: FlaskClient
) -> None:
    end = writes_end(house, writer, "sygedagpenge", first=1)
    post(signer, f"{end}/sign")
    comes, before = section(writer, "coming"), groups(house)
    house.runtime.clock.advance(days=1)  # type: ignore[attr-defined]

    assert "På sygedagpenge sygedagpenge Slut gælder ikke fra" in comes
    assert before - groups(house) == {"sygedagpenge"}


def test_what_is_withdrawn_is_told_and_decided(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    entry = writes(house, writer)
    waiting = "1 ændring venter på underskrift" in writer.get("/administration").text
    post(signer, f"{entry}/withdraw")

    assert waiting
    assert section(writer, "waiting") == ""
    assert "Trukket tilbage" in writer.get(PAGE).text
    assert post(signer, f"{entry}/sign").status_code == 409
    assert post(signer, f"{PAGE}/{new_id()}/sign").status_code == 404


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"code": "to ord"}, "Koden har højst 40"),
        ({"name": ""}, "Navnet har 2 til 60"),
        ({"first_day": "2020-01-01"}, "Vælg en første dag"),
        ({"first_day": ""}, "Vælg en første dag"),
        ({"last_day": "2020-01-01"}, "Den sidste dag"),
    ],
)
def test_what_is_wrong_is_said_and_stays_in_the_form(
    house: House, writer: FlaskClient, form: dict[str, str], sentence: str
) -> None:
    usual = {"code": "fleksjob", "name": "Fleksjobbere", "first_day": today(house), "takes_part": "yes"}
    answer = post(writer, entry_id=new_id(), **usual | form)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'value="yes" checked' in answer.text


@pytest.mark.parametrize(("code", "days"), [("fleksjob", 0), ("jobparat", -1), ("jobparat", 800)])
def test_end_that_cannot_be_is_refused(house: House, writer: FlaskClient, code: str, days: int) -> None:
    ends_on = today(house) + timedelta(days=days)

    assert post(writer, f"{PAGE}/end", entry_id=new_id(), ended=code, ends_on=ends_on).status_code == 422
    assert section(writer, "waiting") == ""


def test_plan_may_be_for_a_group_from_the_day_it_comes(house: House, writer: FlaskClient, signer: FlaskClient) -> None:
    post(signer, f"{writes(house, writer, first=5)}/sign")
    plan = {"target_group": "fleksjob", "days_0": "2", "hour_0": "12", "texts_0": "M1"}
    offered = "Fleksjobbere</option>" in writer.get(PLANS).text
    answers = [
        post(writer, PLANS, plan_id=new_id(), first_day=today(house) + timedelta(days=days), **plan).status_code
        for days in (4, 5)
    ]

    assert (offered, answers) == (True, [422, 303])
    assert "<h3>Fleksjobbere</h3>" in writer.get(PLANS).text


def test_page_says_which_list_a_trial_under_way_follows(house: House, writer: FlaskClient) -> None:
    before = section(writer, "now")
    now = house.runtime.clock.now()
    with house.runtime.database.write() as session:
        ends_at = now + timedelta(days=200)
        session.add(Trial(design=Design.CASEWORKER, seed=7, locked_at=now, ends_at=ends_at, under_way=True))

    assert "Et forsøg er i gang" not in before
    assert f"da det blev låst {today(house):%d-%m-%Y}" in section(writer, "now")


def test_end_of_a_packaged_group_keeps_its_danish_name_whatever_its_writer_reads(
    house: House, writer: FlaskClient
) -> None:
    post(writer, "/language", language="en")
    writes_end(house, writer, "sygedagpenge")
    with house.runtime.database.read() as session:
        kept = session.query(GroupEntry.name).filter_by(code="sygedagpenge").scalar()

    assert (kept, "On sickness benefit" in section(writer, "now")) == ("På sygedagpenge", True)

"""The page of the evaluation shows what was made and waits for nothing; it is for those who run the service."""

import re
from datetime import timedelta

import pytest

from messaging.administration.pages import evaluation
from messaging.clock import FixedClock
from messaging.evaluation import asking
from messaging.evaluation.reporting import make_report
from messaging.people.actors import SYSTEM
from messaging.people.models import Role
from tests.evaluation.kept import OPENS, keep
from tests.evaluation.reported import keep_report
from tests.evaluation.test_reporting import COMPARING, helped
from tests.house import House, csrf_token

PAGE = "/administration/evaluation"
FILES = (".pdf", ".html", ".csv")


@pytest.fixture
def house(house: House) -> House:
    """With a superuser and an auditor."""
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    house.caseworker("rev", name="Rikke Vad", role=Role.AUDITOR)
    return house


def test_before_there_is_a_report_a_superuser_asks_for_one_and_sees_how_far_it_is(house: House) -> None:
    client = house.browser("sus")
    assert "Der er endnu ingen rapport." in client.get(PAGE).text
    assert [client.get(PAGE + ending).status_code for ending in FILES] == [409] * 3
    client.post(PAGE, data={"csrf_token": csrf_token(client, PAGE)})
    assert "Rapporten er bestilt" in client.get(PAGE).text
    with house.runtime.act(SYSTEM) as act:
        run_id = asking.begin(act)
        assert run_id
        asking.tell(act, run_id, done=3, total=14)

    shown = client.get(PAGE).text
    assert "3 af 14 sammenligninger er regnet." in shown
    assert '<progress id="progress" value="3" max="14">' in shown
    assert "Lav rapporten på ny" not in shown


def test_a_report_is_shown_with_its_plots_and_given_as_three_files(house: House) -> None:
    keep_report(house.runtime)
    client = house.browser("rev")
    shown = client.get(PAGE).text

    assert "Målet på 20 % kan ikke afgøres." in shown
    assert "ADVARSEL" in shown
    assert shown.count("<svg ") == 2
    assert "style=" not in shown
    assert "Lav rapporten på ny" not in shown
    for ending in FILES:
        answer = client.get(PAGE + ending)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="evaluering-2028-04-20{ending}"'
        assert answer.data


def test_before_its_time_the_page_compares_nothing(house: House, clock: FixedClock) -> None:
    keep(house.runtime, helped())
    clock.moment = OPENS - timedelta(days=1)
    with house.runtime.act(SYSTEM) as act:
        asking.ask(act)
        run_id = asking.begin(act)
    report = make_report(house.runtime)
    with house.runtime.act(SYSTEM) as act:
        assert run_id
        asking.finish(act, run_id, report)
    client = house.browser("rev")

    for text in (client.get(PAGE).text, client.get(PAGE + ".csv").text):
        assert "oktober 2027" in text
        assert not COMPARING.search(re.sub(r"<title.*?</title>", "", text))


def test_what_failed_is_told(house: House) -> None:
    with house.runtime.act(SYSTEM) as act:
        run = asking.ask(act)
        asking.fail(act, run.id, error="not_found")

    assert "kunne ikke laves (not_found)" in house.browser("rev").get(PAGE).text


def test_where_nothing_can_be_calculated_it_says_what_to_install_and_shows_what_there_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "can_calculate", lambda: False)
    keep_report(house.runtime)
    shown = house.browser("sus").get(PAGE).text

    assert "Driften installerer borgerdialog[evaluation]." in shown
    assert "Lav rapporten på ny" not in shown
    assert "Målet på 20 % kan ikke afgøres." in shown

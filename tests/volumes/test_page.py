"""The page of volumes: counts, to those who run the service, and nobody's name."""

from datetime import timedelta

from messaging.people.actors import SYSTEM
from messaging.people.arm_models import Arm
from messaging.people.models import Role
from messaging.volumes.importing import import_calls
from tests.house import House
from tests.volumes.test_around_meetings import begin


def test_it_tells_what_there_is_and_what_nobody_tells(house: House) -> None:
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    mette = house.caseworker()
    for number in range(5):
        sms = f"+452410192{number}"
        house.citizen(caseworker=mette, number=sms)
        house.hears("Hej", sender=sms)
    with house.runtime.act(SYSTEM) as act:
        import_calls(act, b"uge;linje;opkald;besvaret\n2027-W08;Unge;1234;1200\n")
    house.runtime.clock.moment += timedelta(minutes=1)
    shown = house.browser("sus").get("/administration/volumes").text

    assert '<th scope="row">2027-W08</th><td>1234</td><td>1200</td>' in shown
    assert '<th scope="row">Team A</th>' in shown
    assert "hverken et ja eller et nej" in shown
    assert "Holm" not in shown
    assert "Sara" not in shown


def test_it_tells_by_arm_of_how_many_meetings_others_reminded_and_of_how_many_nobody_tells(house: House) -> None:
    house.caseworker("sus", name="Susanne Uhd", role=Role.SUPERUSER)
    begin(house, Arm.SMS, *[(True, True, None)] * 6, *[(False, None, None)] * 7)
    begin(house, Arm.APP, *[(True, False, None)] * 4)
    house.runtime.clock.moment += timedelta(days=80)
    shown = house.browser("sus").get("/administration/volumes").text

    assert "<td>6 af 13 oplyste, 0 ikke oplyst</td><td>6 af 6 oplyste, 7 ikke oplyst</td><td>ikke oplyst</td>" in (
        " ".join(shown.replace("\u00a0", " ").split())
    )
    assert f'<th scope="row">App</th>{"<td>–</td>" * 6}' in shown

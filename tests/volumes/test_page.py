"""The page of volumes: counts, to those who run the service, and nobody's name."""

from datetime import timedelta

from messaging.people.actors import SYSTEM
from messaging.people.models import Role
from messaging.volumes.importing import import_calls
from tests.house import House


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
    assert "ikke oplyst" in shown
    assert "Holm" not in shown
    assert "Sara" not in shown

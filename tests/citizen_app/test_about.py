"""What everybody may read about the app: our use of personal data, how to recognise us, and who can use it."""

import hashlib
import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from messaging.app import create_app
from messaging.audit.models import AuditEntry
from messaging.citizen_app import data_use
from messaging.citizen_app.models import DataUseShown
from messaging.clock import FixedClock
from tests.house import House, csrf_token
from tools.catalogue import ROOT

WORDS = {1: "2f8442ed165af52c"}
"""Digest of what each version of the notice says, by its number."""


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker())


def _shown(house: House) -> list[DataUseShown]:
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(DataUseShown)))


def _with(house: House, **settings: object) -> House:
    """The same house with other settings."""
    runtime = replace(house.runtime, config=replace(house.runtime.config, **settings))
    return replace(house, runtime=runtime, app=create_app(runtime, log_file=house.log))


def test_the_words_are_those_of_the_version_they_are_called() -> None:
    template = ROOT / "messaging" / "citizen_app" / "html" / "citizen_app" / "privacy.html"
    words = re.findall(r'_\("(.+?)"', template.read_text(encoding="utf-8"))
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]

    assert max(WORDS) == data_use.VERSION
    assert digest == WORDS[data_use.VERSION], (
        "who changes the words begins a new version in messaging/citizen_app/data_use.py"
    )


@pytest.mark.parametrize("path", ["/app/privacy", "/app/recognise", "/app/accessibility"])
def test_everybody_may_read_it_and_finds_it_from_every_page(house: House, path: str) -> None:
    visitor = house.browser()

    assert visitor.get(path).status_code == 200
    assert f'href="{path}"' in visitor.get("/app/login").text
    assert _shown(house) == []


def test_the_notice_says_who_is_responsible_and_how_to_reach_them(house: House) -> None:
    config = house.runtime.config
    page = house.browser().get("/app/privacy").text

    for told in (config.municipality, config.municipality_contact, config.dpo_contact, config.unit_phone):
        assert told in page
    assert "Datatilsynet" in page
    assert "Udgave 1 fra 29. nov. 2026." in page


@pytest.mark.parametrize(("settings", "place"), [({}, "Irland"), ({"region": "us1"}, "USA")])
def test_the_notice_names_who_carries_the_sms_and_where_they_are_kept(
    house: House, settings: dict[str, str], place: str
) -> None:
    assert "Twilio" not in house.browser().get("/app/privacy").text
    twilio = _with(house, sms_channel="twilio_sms", adapters={"twilio_sms": settings})

    assert f"Det gemmer sms’erne i {place}." in twilio.browser().get("/app/privacy").text


def test_the_first_showing_of_a_version_is_kept_and_no_other(house: House, sara: uuid.UUID, clock: FixedClock) -> None:
    phone, at = house.phone(sara), clock.moment
    phone.get("/app/privacy")
    clock.moment += timedelta(days=1)
    phone.get("/app/privacy")

    assert [(row.citizen_id, row.version, row.shown_at) for row in _shown(house)] == [(sara, data_use.VERSION, at)]
    with house.runtime.database.read() as session:
        noted = session.scalars(sa.select(AuditEntry.object_id).filter_by(action="data_use.shown")).all()
    assert noted == [sara]


def test_the_thread_offers_the_notice_until_it_was_shown(
    house: House, sara: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, offer = house.phone(sara), "Læs, hvordan vi bruger dine oplysninger"
    assert offer in phone.get("/app").text
    phone.get("/app/privacy")

    assert offer not in phone.get("/app").text
    monkeypatch.setattr(data_use, "VERSION", data_use.VERSION + 1)
    assert offer in phone.get("/app").text


def test_how_to_recognise_us_names_our_number_and_address(house: House) -> None:
    ours = _with(house, adapters={"simulator": {"from_number": "+4589400000"}}, public_url="http://localhost")
    page = ours.browser().get("/app/recognise").text

    assert "Vi sender sms fra nummeret 89 40 00 00." in page
    assert "Appen ligger kun på localhost." in page
    assert "Vi sender sms fra nummeret" not in house.browser().get("/app/recognise").text


def test_the_official_statement_is_linked_where_there_is_one(house: House) -> None:
    address = "https://was.digst.dk/app-ungecenteret-dk"

    assert f'href="{address}"' in _with(house, accessibility_statement=address).browser().get("/app/accessibility").text
    assert "was.digst.dk" not in house.browser().get("/app/accessibility").text


def test_the_pages_are_in_english_too(house: House) -> None:
    visitor = house.browser()
    visitor.post("/language", data={"language": "en", "csrf_token": csrf_token(visitor, "/app/login")})

    assert "How we use your information" in visitor.get("/app/privacy").text
    assert "29 November 2026" in visitor.get("/app/privacy").text

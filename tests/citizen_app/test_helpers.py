"""Somebody reads along with a citizen: by what right, from when on, what of her messages, and until when."""

import re
import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.citizen_app.helper_access import LASTING_OF_HELPERS
from messaging.citizen_app.models import Opened
from messaging.citizen_app.pairing import LASTS, token_of
from messaging.clock import FixedClock
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.states import MessageState
from messaging.database.base import new_id
from messaging.journal.models import JournalEvent
from messaging.people.actors import SYSTEM
from messaging.people.helper_models import Basis, Helper, HelperKind
from messaging.people.models import Caseworker
from tests.documents import files
from tests.documents.conftest import form_with_files
from tests.house import House, csrf_token

UNDER_AGE = "0303094123"
"""Turns 18 on 3 March 2027, the day after that on which the tests' clock stands."""


@pytest.fixture
def mette(house: House) -> Caseworker:
    return house.caseworker()


@pytest.fixture
def sara(house: House, mette: Caseworker) -> uuid.UUID:
    return house.citizen(caseworker=mette)


@pytest.fixture
def lars(house: House, mette: Caseworker, sara: uuid.UUID) -> uuid.UUID:
    """Sara's mentor."""
    return house.helper(sara, mette)


def _writes(
    house: House,
    citizen_id: uuid.UUID,
    text: str,
    *,
    content_class: ContentClass = ContentClass.SMS_OK,
    after: timedelta | None = None,
) -> uuid.UUID:
    with house.runtime.act(SYSTEM) as act:
        return send_in_app(
            act,
            citizen_id=citizen_id,
            text=text,
            content_class=content_class,
            author=Author.CASEWORKER,
            due_at=act.now + after if after else None,
        ).id


def _reads(phone: FlaskClient) -> str:
    answer = phone.get("/app/helping", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def _add(house: House, citizen_id: uuid.UUID, initials: str = "mho", **form: str) -> TestResponse:
    """Send the form of the desk."""
    desk = house.browser(initials)
    page = f"/citizens/{citizen_id}/helpers"
    filled = {"helper_id": str(new_id()), "name": "Lars Lund", "kind": "mentor", "basis": "consent_at_desk", **form}
    return desk.post(page, data={**filled, "csrf_token": csrf_token(desk, page)}, follow_redirects=True)


def _post(client: FlaskClient, path: str, *, page: str, **form: str) -> TestResponse:
    return client.post(path, data={**form, "csrf_token": csrf_token(client, page)})


def _by_citizen(phone: FlaskClient, helper_id: uuid.UUID, what: str, **form: str) -> TestResponse:
    return _post(phone, f"/app/helpers/{helper_id}/{what}", page="/app/more", **form)


def _bubbles(hers: FlaskClient) -> list[str]:
    """The messages on the citizen's page."""
    return re.findall(r'id="m\d+"[^>]*>.*?</li>', hers.get("/app").text, flags=re.DOTALL)


def _row(house: House, helper_id: uuid.UUID) -> Helper:
    with house.runtime.database.read() as session:
        return session.get_one(Helper, helper_id)


def _only_row(house: House) -> Helper:
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(Helper)).one()


def _journaled(house: House) -> list[str]:
    chosen = sa.select(JournalEvent.type).where(JournalEvent.type.startswith("helper."))
    with house.runtime.database.read() as session:
        return list(session.scalars(chosen.order_by(JournalEvent.seq)))


def test_a_mentor_reads_from_that_day_on_and_nothing_from_before(
    house: House, mette: Caseworker, sara: uuid.UUID, clock: FixedClock
) -> None:
    _writes(house, sara, "Det var før")
    _writes(house, sara, "Skrevet før, lagt i appen efter", after=timedelta(hours=2))
    clock.advance(hours=1)
    phone = house.helpers_phone(sara, house.helper(sara, mette), mette)
    clock.advance(hours=3)
    _place(house)
    _writes(house, sara, "Det er efter")
    house.hears("Og det her svarer jeg")

    shown = _reads(phone)
    assert "Det er efter" in shown
    assert "Og det her svarer jeg" in shown
    assert "Det var før" not in shown
    assert "Skrevet før" not in shown


def _place(house: House) -> None:
    """Let what was written ahead lie in the app."""
    with house.runtime.database.write() as session:
        session.execute(
            sa.update(Message)
            .where(Message.state == MessageState.SCHEDULED)
            .values(state=MessageState.SENT, state_since=house.runtime.clock.now())
        )


@pytest.mark.parametrize("named", [True, False])
def test_what_takes_a_sign_in_is_read_only_by_who_was_named_for_it(
    house: House, mette: Caseworker, sara: uuid.UUID, named: bool
) -> None:
    phone = house.helpers_phone(sara, house.helper(sara, mette, sees_login_only=named), mette)
    _writes(house, sara, "Din ydelse", content_class=ContentClass.LOGIN_ONLY)
    _writes(house, sara, "Din diagnose", content_class=ContentClass.SENSITIVE)

    shown = _reads(phone)
    assert ("Din ydelse" in shown) is named
    assert "Din diagnose" not in shown


def test_who_reads_along_sees_neither_notes_nor_personal_numbers(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    phone = house.helpers_phone(sara, lars, mette)
    desk, page = house.browser("mho"), f"/conversations/{sara}"
    _post(desk, f"{page}/notes", page=page, note_id=str(new_id()), note="Kun til kolleger")
    house.hears("Mit nummer er 010199-4123")

    shown = _reads(phone)
    assert "Mit nummer er ••••••-••••" in shown
    assert "Kun til kolleger" not in shown


def test_a_sign_of_danger_and_a_paper_are_for_no_helper(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    phone = house.helpers_phone(sara, house.helper(sara, mette, sees_login_only=True), mette)
    hers = house.phone(sara)
    house.hears("Jeg vil ikke leve mere")
    house.hears("Kan du ringe?")
    fields = {"document_id": str(uuid.uuid4()), "csrf_token": csrf_token(hers, "/app/papers")}
    content = (files.pdf(), "diagnose.pdf", "application/pdf")
    assert hers.post("/app/papers", **form_with_files(fields, content)).status_code == 303

    shown, bubbles = _reads(phone), _bubbles(hers)
    assert "Kan du ringe?" in shown
    assert "Jeg vil ikke leve mere" not in shown
    assert "diagnose" not in shown
    assert ["Kan også læses af" in bubble for bubble in bubbles] == [False, True, False]


def test_that_somebody_else_reads_says_nothing_of_the_citizen(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    message_id = _writes(house, sara, "Hej Sara")
    _reads(house.helpers_phone(sara, lars, mette))

    with house.runtime.database.read() as session:
        assert session.get_one(Message, message_id).state is MessageState.SENT


def test_who_reads_along_is_never_taken_for_the_citizen(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    phone = house.helpers_phone(sara, lars, mette)
    answer = _post(phone, "/app/messages", page="/app/login", message_id=str(new_id()), text="Jeg er Sara")

    assert phone.get("/app").location.startswith("/app/login")
    assert answer.location.startswith("/app/login")
    shown = _reads(phone)
    assert "/app/messages" not in shown
    assert re.findall(r"<script[^>]* src=\"([^\"]+)\"", shown) == ["/static/js/app_leave.js"]
    assert shown.count("<script") == 1
    assert "manifest" not in shown


def test_nobody_reads_along_with_another_citizen(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    emil = house.citizen(caseworker=mette, first_name="Emil", number="+4529390626")
    other = house.helper(emil, mette)
    _writes(house, emil, "Hej Emil")
    phone = house.helpers_phone(sara, lars, mette)

    assert phone.get(f"/app/helping/{other}").location == "/app/helping"
    assert "Hej Emil" not in _reads(phone)


def test_one_browser_reads_along_with_two_citizens_each_by_its_own_code(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    emil = house.citizen(caseworker=mette, first_name="Emil", number="+4529390626")
    with_emil = house.helper(emil, mette)
    phone = house.helpers_phone(sara, lars, mette)
    house.helpers_phone(emil, with_emil, mette, client=phone)
    _writes(house, emil, "Hej Emil")

    listed = _reads(phone)
    assert "Sara" in listed
    assert "Emil" in listed
    assert "Hej Emil" in phone.get(f"/app/helping/{with_emil}").text
    assert "Hej Emil" not in phone.get(f"/app/helping/{lars}").text
    _post(phone, "/app/helping/sign-out", page="/app/helping")
    assert "Du kan ikke læse med nu" in _reads(phone)


def test_the_citizen_ends_it_with_one_tap_and_only_the_desk_takes_that_back(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    phone, hers = house.helpers_phone(sara, lars, mette), house.phone(sara)
    assert "Lars Lund (mentor)" in hers.get("/app/helpers").text

    assert _by_citizen(hers, lars, "end").status_code == 303
    assert "Du kan ikke læse med nu" in _reads(phone)
    assert _by_citizen(hers, lars, "agree").status_code == 404
    assert _by_citizen(hers, lars, "end").status_code == 404
    assert _journaled(house) == ["helper.added", "helper.let_in", "helper.ended"]
    assert "Borgeren sagde nej." in house.browser("mho").get(f"/citizens/{sara}/helpers").text


def test_staff_end_it_too_and_can_close_a_phone_alone(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    desk, page = house.browser("mho"), f"/citizens/{sara}/helpers"
    first = house.helpers_phone(sara, lars, mette)
    assert "Sidst brugt" in desk.get(page).text
    _post(desk, f"{page}/{lars}/sign-out", page=page)
    assert "Du kan ikke læse med nu" in _reads(first)
    second = house.helpers_phone(sara, lars, mette)
    assert "Beskeder til og fra Sara" in _reads(second)
    _post(desk, f"{page}/{lars}/end", page=page)

    assert "Du kan ikke læse med nu" in _reads(second)


def test_a_new_code_closes_the_phone_before(house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID) -> None:
    first = house.helpers_phone(sara, lars, mette)
    second = house.helpers_phone(sara, lars, mette)

    assert "Du kan ikke læse med nu" in _reads(first)
    assert "Beskeder til og fra Sara" in _reads(second)


def test_a_code_lets_one_phone_in_within_ten_minutes(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID, clock: FixedClock
) -> None:
    desk, page, offer_id = house.browser("mho"), f"/citizens/{sara}/helpers", new_id()
    shown = _post(desk, f"{page}/{lars}/offers", page=page, offer_id=str(offer_id), seen_as="photo_id")
    address = f"/app/helping/start/{token_of(house.runtime.vault, offer_id)}"
    assert "QR-kode, som personens telefon kan læse" in desk.get(shown.location).text
    assert house.browser().get(address).status_code == 200
    clock.moment += LASTS

    assert house.browser().get(address).status_code == 410
    assert _post(house.browser(), address, page="/app/login").status_code == 410


def test_a_code_lets_nobody_in_once_it_has_ended(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    desk, page, offer_id = house.browser("mho"), f"/citizens/{sara}/helpers", new_id()
    _post(desk, f"{page}/{lars}/offers", page=page, offer_id=str(offer_id), seen_as="known")
    _by_citizen(house.phone(sara), lars, "end")

    address = f"/app/helping/start/{token_of(house.runtime.vault, offer_id)}"
    assert _post(house.browser(), address, page="/app/login").status_code == 410


def test_no_code_is_shown_before_one_says_who_sits_there(house: House, sara: uuid.UUID, lars: uuid.UUID) -> None:
    desk, page = house.browser("mho"), f"/citizens/{sara}/helpers"
    answer = _post(desk, f"{page}/{lars}/offers", page=page, offer_id=str(new_id()))

    assert answer.status_code == 422
    assert "Vælg, hvordan du ved, hvem der sidder hos dig." in answer.text


def test_the_citizen_says_yes_in_her_app_and_allows_less_than_was_asked(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    _add(house, sara, basis="consent_in_app", sees_login_only="yes")
    asked = _only_row(house).id
    hers = house.phone(sara)
    assert "Nogen vil gerne læse med hos dig." in hers.get("/app").text
    assert _journaled(house) == []

    assert _by_citizen(hers, asked, "agree").status_code == 303
    row = _row(house, asked)
    assert row.from_at == house.runtime.clock.now()
    assert not row.sees_login_only
    assert _journaled(house) == ["helper.added"]
    assert "Kan læse med: Lars Lund (mentor)" in hers.get("/app").text


def test_the_citizen_allows_all_that_was_asked_and_no_more(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    hers = house.phone(sara)
    more = house.helper(sara, mette, basis=Basis.CONSENT_IN_APP, sees_login_only=True)
    less = house.helper(sara, mette, basis=Basis.CONSENT_IN_APP)
    for helper_id in (more, less):
        _by_citizen(hers, helper_id, "agree", sees_login_only="yes")

    assert _row(house, more).sees_login_only
    assert not _row(house, less).sees_login_only


def test_nobody_is_let_in_before_the_citizens_yes(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    asked = house.helper(sara, mette, basis=Basis.CONSENT_IN_APP)
    desk, page = house.browser("mho"), f"/citizens/{sara}/helpers"
    answer = _post(desk, f"{page}/{asked}/offers", page=page, offer_id=str(new_id()), seen_as="known")

    assert answer.status_code == 404


def test_a_code_by_sms_is_not_enough_to_say_yes_but_to_say_no(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    asked = house.helper(sara, mette, basis=Basis.CONSENT_IN_APP)
    visit = house.phone(sara, opened=Opened.CODE)
    _by_citizen(visit, asked, "agree")
    assert _row(house, asked).from_at is None
    _by_citizen(visit, asked, "end")

    assert _row(house, asked).ended_by == "citizen"
    assert _journaled(house) == []


def test_a_no_to_who_was_prepared_is_not_journaled_as_an_end(house: House, mette: Caseworker, sara: uuid.UUID) -> None:
    asked = house.helper(sara, mette, basis=Basis.CONSENT_IN_APP)
    hers = house.phone(sara)
    _by_citizen(hers, asked, "end")

    assert _by_citizen(hers, asked, "agree").status_code == 404
    assert "begyndte aldrig" in house.browser("mho").get(f"/citizens/{sara}/helpers").text


def test_no_citizen_touches_anothers(house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID) -> None:
    emil = house.citizen(caseworker=mette, first_name="Emil", number="+4529390626")
    before = _row(house, lars)

    assert _by_citizen(house.phone(emil), lars, "end").status_code == 404
    assert _row(house, lars).ended_at == before.ended_at
    assert "Lars" not in house.phone(emil).get("/app/helpers").text


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"name": "Lars 2"}, "Skriv navnet"),
        ({"kind": "chef"}, "Vælg, hvem der skal læse med."),
        ({"basis": "mandate", "words": "Fuldmagt"}, "Kun forælder eller værge"),
        ({"basis": "mandate", "kind": "guardian"}, "Skriv, hvad der giver ret"),
        ({"basis": "nothing"}, "Vælg, hvad der giver ret"),
        ({"until": "2027-03-01"}, "Vælg en sidste dag"),
        ({"until": "i morgen"}, "Vælg en sidste dag"),
        ({"words": "x" * 301}, "Højst 300 tegn"),
    ],
)
def test_a_form_without_a_right_lets_nobody_read_along(
    house: House, sara: uuid.UUID, form: dict[str, str], wrong: str
) -> None:
    answer = _add(house, sara, **form)

    assert answer.status_code == 422
    assert wrong in answer.text
    with house.runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Helper)) == 0


def test_the_same_form_again_lets_nobody_else_read_along(house: House, sara: uuid.UUID) -> None:
    helper_id = str(new_id())
    for _ in range(2):
        assert _add(house, sara, helper_id=helper_id).status_code == 200

    assert str(_only_row(house).id) == helper_id


def test_a_mandate_over_who_is_under_age_ends_on_the_18th_birthday(
    house: House, mette: Caseworker, clock: FixedClock
) -> None:
    young = house.citizen(caseworker=mette, cpr=UNDER_AGE)
    page = house.browser("mho").get(f"/citizens/{young}/helpers").text
    assert "Det slutter af sig selv, når borgeren fylder 18." in page
    karen = house.helper(
        young,
        mette,
        kind=HelperKind.GUARDIAN,
        name="Karen Holm",
        basis=Basis.MANDATE,
        words="Forældremyndighed efter CPR",
        until=date(2027, 12, 24),
    )
    phone = house.helpers_phone(young, karen, mette)
    clock.moment = clock.moment.replace(hour=22)
    assert "Beskeder til og fra Sara" in _reads(phone)
    clock.advance(hours=1)

    assert "Du kan ikke læse med nu" in _reads(phone)
    assert "Karen Holm (forælder eller værge)" in house.phone(young).get("/app/helpers").text


def test_a_last_day_is_the_last(house: House, mette: Caseworker, sara: uuid.UUID, clock: FixedClock) -> None:
    _add(house, sara, until="2027-03-03")
    phone = house.helpers_phone(sara, _only_row(house).id, mette)
    clock.advance(days=1)
    assert "Beskeder til og fra Sara" in _reads(phone)
    clock.advance(days=1)

    assert "Du kan ikke læse med nu" in _reads(phone)


def test_who_does_not_come_for_long_is_out(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID, clock: FixedClock
) -> None:
    phone = house.helpers_phone(sara, lars, mette)
    clock.moment += LASTING_OF_HELPERS.idle - timedelta(minutes=1)
    assert "Beskeder til og fra Sara" in _reads(phone)
    clock.moment += LASTING_OF_HELPERS.idle

    assert "Du kan ikke læse med nu" in _reads(phone)


def test_each_message_says_who_else_could_read_it(
    house: House, mette: Caseworker, sara: uuid.UUID, clock: FixedClock
) -> None:
    _writes(house, sara, "Før")
    clock.advance(hours=1)
    lars = house.helper(sara, mette)
    house.helper(sara, mette, name="Ida Dam", kind=HelperKind.INTERPRETER, sees_login_only=True)
    _writes(house, sara, "Til alle")
    _writes(house, sara, "Bag login", content_class=ContentClass.LOGIN_ONLY)
    _writes(house, sara, "Fortroligt", content_class=ContentClass.SENSITIVE)
    clock.advance(hours=1)
    hers = house.phone(sara, opened=Opened.MITID)
    _by_citizen(hers, lars, "end")
    _writes(house, sara, "Efter")

    told = [bubble.rpartition("Kan også læses af: ")[2] for bubble in _bubbles(hers)]
    assert "Lars" not in told[0]
    assert "Ida" not in told[0]
    assert told[1].startswith("Lars Lund (mentor), Ida Dam (tolk)")
    assert told[2].startswith("Ida Dam (tolk)")
    assert "Ida" not in told[3]
    assert told[4].startswith("Ida Dam (tolk)")


def test_the_caseworker_sees_in_the_thread_who_reads_along(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID, clock: FixedClock
) -> None:
    page = f"/conversations/{sara}"
    assert "Lars Lund (mentor) kan læse med herfra" in house.browser("mho").get(page).text
    clock.advance(hours=1)
    _by_citizen(house.phone(sara), lars, "end")

    assert "Lars Lund (mentor) kan ikke læse med mere" in house.browser("mho").get(page).text


def test_the_citizen_sees_who_answers_her(house: House, sara: uuid.UUID) -> None:
    shown = house.phone(sara).get("/app/helpers").text

    assert "Mette, din sagsbehandler" in shown
    assert "Ingen andre kan læse dem." in shown


def test_whoever_reads_along_leaves_entries_of_her_own(
    house: House, mette: Caseworker, sara: uuid.UUID, lars: uuid.UUID
) -> None:
    _reads(house.helpers_phone(sara, lars, mette))

    with house.runtime.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).filter_by(action="helper.thread_opened")).one()
    assert (entry.actor_kind, entry.actor_id, entry.object_id) == ("helper", lars, sara)


def test_names_rights_and_tokens_are_not_readable_in_the_database(
    house: House, mette: Caseworker, sara: uuid.UUID
) -> None:
    helper_id = house.helper(sara, mette, name="Kanariefugl", words="kanarieord")
    phone = house.helpers_phone(sara, helper_id, mette)
    token = next(cookie.value for cookie in phone._cookies.values() if "helping" in cookie.key)

    kept = repr(house.everything())
    assert "Kanariefugl" not in kept
    assert "kanarieord" not in kept
    assert token not in kept
    assert not any("Kanariefugl" in repr(line) or token in repr(line) for line in house.log_lines())

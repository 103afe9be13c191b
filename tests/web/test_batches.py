"""Several at once: the same approved text to many, each in her own thread, nobody twice, nobody who may not."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.audit.models import AuditEntry
from messaging.conversations import batches
from messaging.conversations.batch_models import Batch, BatchRecipient, BatchState, RecipientState
from messaging.conversations.models import Conversation, Message
from messaging.conversations.states import MessageState
from messaging.conversations.work import ConversationWork
from messaging.people import wishes
from messaging.people.actors import SYSTEM
from messaging.people.models import Caseworker, Role
from messaging.trial.models import Arm, ArmDecision
from messaging.trial.taking_part import join
from messaging.work.lanes import Lane
from tests.house import House, csrf_token


@pytest.fixture
def browser(house: House, mette: Caseworker) -> FlaskClient:
    return house.browser(mette.initials)


def caseload(house: House, mette: Caseworker, many: int) -> list[uuid.UUID]:
    return [
        house.citizen(caseworker=mette, first_name=f"Borger{chr(65 + number % 26)}", number=f"+4520{number:06}")
        for number in range(many)
    ]


def previewed(browser: FlaskClient, citizens: list[uuid.UUID], *, template: str = "M9") -> TestResponse:
    form = {
        "csrf_token": csrf_token(browser, "/batches/new"),
        "batch_id": str(uuid.uuid4()),
        "template": template,
        "citizen": [str(citizen_id) for citizen_id in citizens],
    }
    return browser.post("/batches/preview", data=form)


def test_participants_of_a_meeting_are_chosen_together(house: House, mette: Caseworker, browser: FlaskClient) -> None:
    together, alone = caseload(house, mette, 3), house.citizen(caseworker=mette, first_name="Alene", number=None)
    colleague = house.caseworker("far", unit="Team B")
    elsewhere = house.citizen(caseworker=colleague, first_name="Fremmed", number=None)
    for citizen_id in (*together, elsewhere):
        house.appointment(citizen_id, colleague if citizen_id == elsewhere else mette, in_days=4)
    house.appointment(alone, mette, in_days=5)
    offered = re.findall(r'href="(/batches/new\?meeting=[^"]+)"', browser.get("/batches/new").text)
    shown = browser.get(offered[0]).text
    checked = re.findall(r'name="citizen" value="([^"]+)" checked', shown)

    assert len(offered) == 1
    assert {uuid.UUID(id_) for id_ in checked} == set(together)
    assert "3 deltagere er valgt" in shown


def form_of(preview: TestResponse) -> dict[str, object]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', preview.text)
    return {**dict(fields), "citizen": [value for name, value in fields if name == "citizen"]}


def written(house: House) -> list[Message]:
    while ConversationWork(runtime=house.runtime).write_batches():
        pass
    with house.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message).filter_by(direction="out")))


def batch(house: House) -> Batch:
    with house.runtime.database.read() as session:
        return session.scalars(sa.select(Batch)).one()


def test_each_gets_one_private_message_in_her_own_thread(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    citizens = caseload(house, mette, 3)
    preview = previewed(browser, citizens)
    browser.post("/batches", data=form_of(preview))
    messages = written(house)

    assert "Hej BorgerA. Du har en ny besked" in preview.text
    assert "3 borgere får beskeden." in preview.text
    assert "Det er 3 sms’er (1,05 kr.)." in preview.text
    assert sorted(message.conversation_id for message in messages) == sorted(citizens)
    assert {(message.template, message.lane) for message in messages} == {("M9//da/1", Lane.BULK)}
    assert batch(house).state is BatchState.WRITTEN


def test_message_to_many_settles_nothing_that_waits(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    house.citizen(caseworker=mette)
    house.hears("Jeg vil ikke leve mere")
    with house.runtime.database.read() as session:
        (citizen_id,) = session.scalars(sa.select(Conversation.id)).all()
    browser.post("/batches", data=form_of(previewed(browser, [citizen_id])))
    written(house)
    with house.runtime.database.read() as session:
        thread = session.get_one(Conversation, citizen_id)

    assert thread.danger_since is not None


def test_who_is_left_out_is_told_why(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    sara, out = caseload(house, mette, 2)
    none = house.citizen(caseworker=mette, first_name="Uden", number=None)
    with house.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=out)
    preview = previewed(browser, [sara, out, none])
    browser.post("/batches", data=form_of(preview))

    assert "Borgeren har frameldt sms." in preview.text
    assert "Vi kender intet mobilnummer til borgeren." in preview.text
    assert [message.conversation_id for message in written(house)] == [sara]


def test_control_arm_of_the_trial_is_left_out(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    sara, control = caseload(house, mette, 2)
    with house.runtime.act(SYSTEM) as act:
        join(act, {control: Arm.CONTROL})
    preview = previewed(browser, [sara, control])
    browser.post("/batches", data=form_of(preview))

    assert "Borgeren er i forsøgets kontrolgruppe" in preview.text
    assert [message.conversation_id for message in written(house)] == [sara]
    with house.runtime.database.read() as session:
        assert [row.citizen_id for row in session.scalars(sa.select(ArmDecision))] == [control]


def test_apps_arm_of_the_trial_gets_it_in_the_app(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    sara, in_app = caseload(house, mette, 2)
    with house.runtime.act(SYSTEM) as act:
        join(act, {in_app: Arm.APP})
    preview = previewed(browser, [sara, in_app])
    browser.post("/batches", data=form_of(preview))

    assert {(message.conversation_id, message.medium) for message in written(house)} == {(sara, "sms"), (in_app, "app")}


def test_empty_variable_leaves_out_and_is_named(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    with_meeting, without = caseload(house, mette, 2)
    house.appointment(with_meeting, mette)
    preview = previewed(browser, [with_meeting, without], template="M6")

    assert "mødets dag mangler" in preview.text
    assert "1 borger får beskeden." in preview.text


def test_same_form_twice_is_one_batch(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    form = form_of(previewed(browser, caseload(house, mette, 2)))
    answers = [browser.post("/batches", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(written(house)) == 2


def test_what_was_not_shown_is_not_sent(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    first, second = caseload(house, mette, 2)
    form = form_of(previewed(browser, [first, second]))
    with house.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=second)
    answer = browser.post("/batches", data=form)

    assert answer.status_code == 409
    assert "Noget er ændret, siden du så teksterne." in answer.text
    assert written(house) == []


def test_another_caseworkers_citizen_is_not_there(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    foreign = house.citizen(caseworker=house.caseworker("far", unit="Team B"))

    assert previewed(browser, [foreign]).status_code == 404


def test_over_fifty_waits_for_a_second_person(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    browser.post("/batches", data=form_of(previewed(browser, caseload(house, mette, 51))))
    waiting, before = batch(house), len(written(house))
    token = {"csrf_token": csrf_token(browser, "/batches/new")}
    herself = browser.post(f"/batches/{waiting.id}/approve", data=token).status_code
    house.caseworker("far", unit="Team B")
    far = house.browser("far")
    stranger = far.post(
        f"/batches/{waiting.id}/approve", data={"csrf_token": csrf_token(far, "/batches/new")}
    ).status_code
    house.caseworker("lead", role=Role.TEAM_LEADER)
    leader = house.browser("lead")
    page = leader.get(f"/batches/{waiting.id}").text
    approved = leader.post(f"/batches/{waiting.id}/approve", data={"csrf_token": csrf_token(leader, "/batches")})

    assert (before, herself, stranger, approved.status_code) == (0, 403, 404, 303)
    assert "BorgerA" not in page
    assert len(written(house)) == 51


def test_batch_is_cancelled_until_it_is_sent(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    browser.post("/batches", data=form_of(previewed(browser, caseload(house, mette, batches.CHUNK + 5))))
    ConversationWork(runtime=house.runtime).write_batches()
    token = {"csrf_token": csrf_token(browser, "/batches/new")}
    browser.post(f"/batches/{batch(house).id}/cancel", data=token)
    messages = written(house)
    with house.runtime.database.read() as session:
        states = set(session.scalars(sa.select(BatchRecipient.state)))

    assert [message.state for message in messages] == [MessageState.CANCELLED] * batches.CHUNK
    assert states == {RecipientState.WRITTEN, RecipientState.CANCELLED}
    assert batch(house).state is BatchState.CANCELLED


def test_workers_side_by_side_write_to_nobody_twice(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    citizens = caseload(house, mette, 30)
    browser.post("/batches", data=form_of(previewed(browser, citizens)))
    work = ConversationWork(runtime=house.runtime)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: work.write_batches(), range(8)))

    assert sorted(message.conversation_id for message in written(house)) == sorted(citizens)


def test_who_says_stop_after_the_form_gets_nothing(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    (sara,) = caseload(house, mette, 1)
    browser.post("/batches", data=form_of(previewed(browser, [sara])))
    with house.runtime.act(SYSTEM) as act:
        wishes.opt_out(act, citizen_id=sara)

    assert written(house) == []
    assert "Borgeren har frameldt sms." in browser.get(f"/batches/{batch(house).id}").text


def test_what_is_done_about_a_batch_is_in_the_trail(house: House, browser: FlaskClient, mette: Caseworker) -> None:
    browser.post("/batches", data=form_of(previewed(browser, caseload(house, mette, 1))))
    browser.get(f"/batches/{batch(house).id}")
    with house.runtime.database.read() as session:
        actions = set(session.scalars(sa.select(AuditEntry.action)))

    assert {"batch.previewed", "batch.created", "batch.opened"} <= actions

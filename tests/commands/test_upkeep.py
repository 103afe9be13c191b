"""migrate and doctor."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from adapters.channels.vapid import new_key
from adapters.stubs.world import RunningStub
from messaging.citizen_app.push_models import Notice
from messaging.commands.examining import examine
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Template
from messaging.conversations.sending_in_app import send_in_app
from messaging.database.moments import database_now
from messaging.people.actors import SYSTEM
from messaging.work.models import Heartbeat
from tests.commands.conftest import Deployment, Refused
from tests.conftest import NewDatabaseUrl
from tests.conversations.conftest import Town
from tests.fakes import FakeChannel, FakePush


def test_migrate_makes_a_bare_deployment_ready_and_may_be_run_again(
    bare: Deployment, new_database_url: NewDatabaseUrl
) -> None:
    bare.settings["DATABASE_URL"] = new_database_url("service")
    bare.settings["KEYSTORE_URL"] = new_database_url("keystore")
    bare.run("keys", "create")

    for _ in range(2):
        assert "newest version" in bare.run("migrate").output
    runtime = bare.runtime()
    with runtime.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Template)) > 0
    runtime.close()


def test_command_before_the_first_migration_names_what_to_run(
    bare: Deployment, new_database_url: NewDatabaseUrl
) -> None:
    bare.settings["DATABASE_URL"] = new_database_url("service")
    bare.settings["KEYSTORE_URL"] = new_database_url("keystore")
    bare.run("keys", "create")

    assert "run borgerdialog migrate" in bare.run("doctor", code=2).stderr


def test_doctor_names_a_database_that_is_not_at_the_newest_version(
    deployment: Deployment, new_sqlite_url: NewDatabaseUrl
) -> None:
    deployment.settings["DATABASE_URL"] = new_sqlite_url("empty")

    assert "SPÆRRER schema" in deployment.run("doctor", code=1).output


def test_doctor_finds_nothing_that_blocks_where_nothing_does(
    deployment: Deployment, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    with town.runtime.database.write() as session:
        session.add(Heartbeat(name="send.interactive", pid=1, beat_at=database_now(), errors=0))

    assert examine(replace(town.runtime, channel=FakeChannel(), push=FakePush())) == 0
    assert capsys.readouterr().out == "Intet spærrer for drift.\n"


def test_doctor_refuses_production_until_the_providers_keyword_handling_is_confirmed(deployment: Deployment) -> None:
    deployment.settings["TWILIO_SMS_KEYWORD_HANDLING"] = "unconfirmed"

    said = deployment.run("doctor", code=1).output
    assert "SPÆRRER keyword_handling" in said
    assert all(word in said for word in ("STOP", "END", "QUIT", "CANCEL"))


@pytest.mark.parametrize("confirmed", ["off", "mirrored"])
def test_doctor_says_nothing_of_keyword_handling_that_is_confirmed(confirmed: str, deployment: Deployment) -> None:
    deployment.settings["TWILIO_SMS_KEYWORD_HANDLING"] = confirmed

    assert "keyword_handling" not in deployment.run("doctor", code=1).output


def test_doctor_says_that_a_stub_reaches_nobody(deployment: Deployment) -> None:
    assert "SPÆRRER stub" in deployment.run("doctor", code=1).output


def test_doctor_says_that_no_worker_lives(deployment: Deployment) -> None:
    assert "worker_missing" in deployment.run("doctor", code=1).output


def test_doctor_names_a_loop_that_keeps_failing(deployment: Deployment, town: Town) -> None:
    with town.runtime.database.write() as session:
        session.add(Heartbeat(name="journal", pid=1, beat_at=database_now(), errors=3, error_code="KeyError"))

    said = deployment.run("doctor", code=1).output
    assert "loop_failing: journal er fejlet 3 gange i træk: KeyError" in said


def test_doctor_has_nothing_personal_to_say(deployment: Deployment, town: Town) -> None:
    """S15."""
    citizen = town.citizen("+4524101921")
    town.writes(citizen, "hemmelig besked")

    said = deployment.run("doctor", code=1).output
    assert "hemmelig" not in said
    assert "24101921" not in said


@pytest.mark.usefixtures("town")
def test_doctor_names_a_provider_that_does_not_answer(deployment: Deployment) -> None:
    deployment.settings["TWILIO_SMS_BASE_URL"] = deployment.settings["STUB_ORIGINS"] = "http://127.0.0.1:9"

    assert "SPÆRRER connect" in deployment.run("doctor", code=1).output


def test_refusal_is_one_sentence(deployment: Deployment, refused: Refused) -> None:
    deployment.settings["UNIT_PHONE"] = ""

    assert refused("doctor").count("\n") == 1


def test_doctor_names_sms_to_log_in_that_nobody_writes(deployment: Deployment, town: Town) -> None:
    citizen_id = town.citizen()
    with town.runtime.act(SYSTEM) as act:
        message = send_in_app(
            act, citizen_id=citizen_id, text="Hej", content_class=ContentClass.SMS_OK, author=Author.SYSTEM
        )
        act.session.flush()
        an_hour_ago = act.now - timedelta(hours=1)
        notice = Notice(citizen_id=citizen_id, message_id=message.id, begun_at=an_hour_ago, sms_due_at=an_hour_ago)
        act.session.add(notice)

    assert "sms om at logge ind: 1 venter for længe" in deployment.run("doctor", code=1).output


def test_doctor_says_that_pushes_are_off_and_of_a_push_service_that_is_a_stub(
    deployment: Deployment, stub: RunningStub
) -> None:
    before = deployment.run("doctor", code=1).output
    settings = stub.settings.app_push(stub.url, key=new_key())
    deployment.settings |= {f"APP_PUSH_{name.upper()}": value for name, value in settings.items()}
    after = deployment.run("doctor", code=1).output

    assert "bemærk  push_off: " in before
    assert "push_off" not in after
    assert "SPÆRRER push_rehearsal: " in after

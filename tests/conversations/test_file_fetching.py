"""Files that came by MMS become documents of the citizen, once and through the same inspection."""

import uuid

import pytest
import sqlalchemy as sa

from adapters.contract import MediaReference
from adapters.errors import AdapterError, MediaRefused, Misconfigured, TryLater
from messaging.conversations.assigning import assign_message
from messaging.conversations.attachment_models import Attachment
from messaging.conversations.file_fetching import FileLane
from messaging.conversations.file_models import FetchState, ProviderFile
from messaging.conversations.models import Conversation
from messaging.conversations.states import Waiting
from messaging.documents.models import Document, Origin
from messaging.documents.states import DocumentState
from messaging.documents.work import DocumentWork
from messaging.people.actors import SYSTEM
from tests.conversations.conftest import AHMED, SARA, Town
from tests.documents import files
from tests.fakes import FakeChannel

PHOTO = MediaReference(url="https://provider/1", content_type="image/jpeg")
OTHER = MediaReference(url="https://provider/2", content_type="image/jpeg")


@pytest.fixture(autouse=True)
def at_the_provider(channel: FakeChannel) -> None:
    channel.files = {PHOTO.url: files.photo(), OTHER.url: files.photo(left="blue")}


def fetches(town: Town) -> int:
    """Fetch until nothing is due; return how many files were looked at."""
    lane, rounds = FileLane(town.runtime), 0
    while lane.drain():
        rounds += 1
        assert rounds < 50, "the lane never comes to rest"
    return rounds


def test_file_becomes_a_document_beside_its_message(town: Town) -> None:
    citizen_id = town.citizen()
    assert town.hears("Her er min lønseddel", media=(PHOTO, OTHER))
    fetches(town)
    while DocumentWork(runtime=town.runtime).drain():
        pass

    documents = town.rows(Document)
    assert {document.origin for document in documents} == {Origin.MMS}
    assert {document.citizen_id for document in documents} == {citizen_id}
    assert {document.state for document in documents} == {DocumentState.CLEAN}
    message_ids = {row.message_id for row in town.rows(Attachment)}
    assert message_ids == {town.messages()[0].id}
    assert {file.state for file in town.rows(ProviderFile)} == {FetchState.FETCHED}
    assert town.rows(Conversation)[0].waiting is Waiting.FOR_US
    assert fetches(town) == 0


def test_message_that_comes_twice_has_its_file_once(town: Town) -> None:
    town.citizen()
    for _ in range(2):
        town.hears("Se her", media=(PHOTO,), id_="SM1")
    fetches(town)

    assert len(town.rows(Document)) == 1


def test_file_of_nobody_is_fetched_only_when_somebody_says_whose_it_is(town: Town) -> None:
    citizen_id = town.citizen(AHMED)
    town.hears("Se her", sender=SARA, media=(PHOTO,))

    assert fetches(town) == 0
    with town.runtime.act(SYSTEM) as act:
        assign_message(act, message_id=town.messages()[0].id, citizen_id=citizen_id)
    fetches(town)
    assert [document.citizen_id for document in town.rows(Document)] == [citizen_id]


@pytest.mark.parametrize("failure", [TryLater("http_500"), Misconfigured("http_401")])
def test_file_that_cannot_be_had_now_is_tried_again(failure: AdapterError, town: Town, channel: FakeChannel) -> None:
    town.citizen()
    town.hears("Se her", media=(PHOTO,))
    channel.failures.append(failure)

    assert fetches(town) == 1
    assert [(file.state, file.tries) for file in town.rows(ProviderFile)] == [(FetchState.WAITING, 1)]
    town.age(ProviderFile, next_try_at=None)
    fetches(town)
    assert len(town.rows(Document)) == 1


def test_file_that_can_never_be_had_is_given_up_with_its_reason(town: Town, channel: FakeChannel) -> None:
    town.citizen()
    town.hears("Se her", media=(PHOTO,))
    channel.failures.append(MediaRefused("media_too_large"))
    fetches(town)

    assert [(file.state, file.reason) for file in town.rows(ProviderFile)] == [(FetchState.FAILED, "media_too_large")]
    assert town.rows(Document) == []


def test_file_of_a_type_that_we_do_not_take_is_given_up(town: Town, channel: FakeChannel) -> None:
    town.citizen()
    channel.files["https://provider/3"] = b"BEGIN:VCARD"
    town.hears("Se her", media=(MediaReference(url="https://provider/3", content_type="text/vcard"),))
    fetches(town)

    assert [file.reason for file in town.rows(ProviderFile)] == ["not_taken:type"]


def test_claim_of_the_dead_is_freed_and_the_file_is_still_one(town: Town) -> None:
    town.citizen()
    town.hears("Se her", media=(PHOTO,))
    town.age(ProviderFile, lease_token=uuid.uuid4(), lease_until=town.runtime.clock.now())
    town.upkeep.start()
    fetches(town)

    assert len(town.rows(Document)) == 1


def test_stop_that_brings_a_file_is_still_a_stop(town: Town) -> None:
    town.citizen()
    town.hears("STOP", media=(PHOTO,))

    with town.runtime.database.read() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM opt_outs")) == 1
    assert len(town.rows(ProviderFile)) == 1

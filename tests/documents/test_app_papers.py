"""Papers as the citizen sends and sees them in her app."""

import uuid
from random import Random

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.citizen_app.models import Opened
from messaging.conversations.attachment_models import Attachment
from messaging.conversations.models import Conversation, Message
from messaging.conversations.states import Waiting
from messaging.documents import limits
from messaging.documents.asking import ask_for
from messaging.documents.limits import PIECE_BYTES
from messaging.documents.models import Document, Origin
from messaging.documents.states import DocumentState
from tests.documents import files
from tests.documents.conftest import Desk, form_with_files
from tests.house import csrf_token

PDF = files.pdf(text=Random(1).randbytes(640_000))


@pytest.fixture
def phone(desk: Desk) -> FlaskClient:
    return desk.house.phone(desk.citizen_id)


def asked(desk: Desk, words: str = "lønseddel") -> uuid.UUID:
    with desk.runtime.act(desk.staff) as act:
        return ask_for(act, citizen_id=desk.citizen_id, words=[words])[0]


def sends(phone: FlaskClient, *contents: tuple[bytes, str, str], **form: str) -> TestResponse:
    fields = {"document_id": str(uuid.uuid4()), "csrf_token": csrf_token(phone, "/app/papers"), **form}
    return phone.post("/app/papers", **form_with_files(fields, *contents))


def in_pieces(phone: FlaskClient, document_id: uuid.UUID, path: str, **more: object) -> TestResponse:
    headers = {"X-CSRFToken": csrf_token(phone, "/app/papers")}
    return phone.post(f"/app/papers/{document_id}/{path}", headers=headers, **more)


def begins(phone: FlaskClient, document_id: uuid.UUID, content: bytes = PDF, **form: str) -> TestResponse:
    about = {"name": "lønseddel.pdf", "type": "application/pdf", "size": str(len(content)), **form}
    return in_pieces(phone, document_id, "begin", data=about)


def documents(desk: Desk) -> list[Document]:
    with desk.runtime.database.read() as session:
        return list(session.scalars(sa.select(Document)))


def messages(desk: Desk) -> list[Message]:
    with desk.runtime.database.read() as session:
        return list(session.scalars(sa.select(Message)))


def test_paper_sent_by_a_form_stands_in_the_thread_and_waits_for_us(desk: Desk, phone: FlaskClient) -> None:
    asked_id = asked(desk)
    answer = sends(phone, (PDF, "IMG 1.pdf", "application/pdf"), asked=str(asked_id))

    assert answer.status_code == 303
    assert "Vi har fået dit papir" in phone.get("/app/papers").text
    assert "Papir: lønseddel (IMG 1.pdf)" in phone.get("/app").text
    with desk.runtime.database.read() as session:
        assert session.scalars(sa.select(Conversation.waiting)).one() is Waiting.FOR_US
    staff = desk.house.browser("mho").get(f"/conversations/{desk.citizen_id}").text
    assert "Papir: lønseddel (IMG 1.pdf)" in staff
    assert "Bliver undersøgt" in staff
    desk.inspects()
    document = documents(desk)[0]
    assert f"/documents/{document.id}" in desk.house.browser("mho").get(f"/conversations/{desk.citizen_id}").text


def test_several_photos_of_a_form_become_one_paper(desk: Desk, phone: FlaskClient) -> None:
    photo = files.photo(size=(200, 300))
    assert sends(phone, (photo, "1.jpg", "image/jpeg"), (photo, "2.jpg", "image/jpeg")).status_code == 303
    desk.inspects()

    assert desk.content(documents(desk)[0].id).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        ([], "Vælg en fil"),
        ([(b"MZ", "x.exe", "application/x-msdownload")], "den slags fil"),
        ([(bytes(limits.LARGEST + 1), "a.pdf", "application/pdf")], "25 MB"),
    ],
)
def test_paper_that_cannot_be_taken_is_refused_in_plain_words(
    contents: list[tuple[bytes, str, str]], why: str, desk: Desk, phone: FlaskClient
) -> None:
    answer = sends(phone, *contents)

    assert answer.status_code == 422
    assert why in answer.text
    assert messages(desk) == []


def test_paper_sent_in_pieces_over_a_line_that_drops_comes_once(desk: Desk, phone: FlaskClient) -> None:
    document_id = uuid.uuid4()

    assert begins(phone, document_id).json == {"missing": [0, 1, 2], "piece": PIECE_BYTES}
    for number in (1, 1):
        part = PDF[number * PIECE_BYTES :][:PIECE_BYTES]
        assert in_pieces(phone, document_id, f"pieces/{number}", data=part).status_code == 200
    assert in_pieces(phone, document_id, "finish").status_code == 422
    assert messages(desk) == []
    assert begins(phone, document_id).json == {"missing": [0, 2], "piece": PIECE_BYTES}
    for number in (0, 2):
        part = PDF[number * PIECE_BYTES :][:PIECE_BYTES]
        assert in_pieces(phone, document_id, f"pieces/{number}", data=part).status_code == 200
    for _ in range(2):
        assert in_pieces(phone, document_id, "finish").json == {"to": "/app/papers"}
    assert [message.id for message in messages(desk)] == [document_id]
    assert desk.content(document_id) == PDF
    with desk.runtime.database.read() as session:
        assert session.scalars(sa.select(Attachment.document_id)).all() == [document_id]


def test_piece_that_is_another_one_or_too_long_is_refused(desk: Desk, phone: FlaskClient) -> None:
    document_id = uuid.uuid4()
    begins(phone, document_id)

    assert in_pieces(phone, document_id, "pieces/0", data=PDF[:PIECE_BYTES]).status_code == 200
    assert in_pieces(phone, document_id, "pieces/0", data=bytes(PIECE_BYTES)).status_code == 422
    assert in_pieces(phone, document_id, "pieces/1", data=bytes(PIECE_BYTES + 1)).status_code == 422
    assert in_pieces(phone, document_id, "pieces/9", data=b"x").status_code == 422


@pytest.mark.parametrize("form", [{"type": "text/html"}, {"size": "0"}, {"size": "x"}, {"asked": "x"}])
def test_beginning_that_does_not_fit_is_refused(form: dict[str, str], phone: FlaskClient) -> None:
    answer = begins(phone, uuid.uuid4(), **form)

    assert answer.status_code == 422
    assert answer.json["why"]


def test_what_is_asked_of_another_citizen_is_not_answered(desk: Desk, phone: FlaskClient) -> None:
    other = desk.house.citizen(caseworker=desk.caseworker, number=None)
    with desk.runtime.act(desk.staff) as act:
        asked_id = ask_for(act, citizen_id=other, words=["CV"])[0]

    assert begins(phone, uuid.uuid4(), asked=str(asked_id)).status_code == 422


def test_another_citizen_can_do_nothing_with_a_document(desk: Desk, phone: FlaskClient) -> None:
    document_id = uuid.uuid4()
    begins(phone, document_id)
    stranger = desk.house.phone(desk.house.citizen(caseworker=desk.caseworker, number=None))

    assert in_pieces(stranger, document_id, "pieces/0", data=PDF[:PIECE_BYTES]).status_code == 404
    assert in_pieces(stranger, document_id, "finish").status_code == 404
    assert begins(stranger, document_id).status_code == 422


def test_receipt_tells_when_it_came_and_who_has_seen_it(desk: Desk, phone: FlaskClient) -> None:
    document_id = desk.keeps(PDF)

    assert "Modtaget" in phone.get("/app/papers").text
    assert "set af" not in phone.get("/app/papers").text
    desk.house.browser("mho").get(f"/citizens/{desk.citizen_id}/documents/{document_id}")
    assert "set af Mette" in phone.get("/app/papers").text


def test_refused_paper_is_told_with_what_to_do(desk: Desk, phone: FlaskClient) -> None:
    desk.keeps(files.locked_pdf())

    assert "Fjern koden, eller tag et billede af papiret" in phone.get("/app/papers").text


def test_paper_from_us_is_saved_and_noted_as_opened(desk: Desk, phone: FlaskClient) -> None:
    document_id = desk.sends(PDF, origin=Origin.STAFF, name="afgørelse.pdf")

    assert "afgørelse" not in phone.get("/app/papers").text
    desk.inspects()
    assert "afgørelse.pdf" in phone.get("/app/papers").text
    assert phone.get(f"/app/papers/{document_id}").data == PDF
    assert desk.document(document_id).opened_at is not None


def test_code_opens_sending_but_no_earlier_paper_and_no_list(desk: Desk) -> None:
    document_id = desk.keeps(PDF, name="hemmelig.pdf")
    asked(desk, "straffeattest")
    visit = desk.house.phone(desk.citizen_id, opened=Opened.CODE)
    shown = visit.get("/app/papers").text

    assert "hemmelig" not in shown
    assert "straffeattest" not in shown
    assert visit.get(f"/app/papers/{document_id}").status_code == 404
    assert sends(visit, (PDF, "cv.pdf", "application/pdf")).status_code == 303


def test_message_with_a_paper_is_found_again_by_that(desk: Desk, phone: FlaskClient) -> None:
    sends(phone, (PDF, "lønseddel.pdf", "application/pdf"))
    desk.house.hears("Jeg har sendt min lønseddel")
    browser = desk.house.browser("mho")
    form = {"papers": "yes", "csrf_token": csrf_token(browser, "/search")}
    found = browser.post("/search", data=form).text

    assert "Papir: lønseddel.pdf" in found
    assert "Jeg har sendt" not in found


def test_document_of_an_mms_is_not_the_citizens_to_finish(desk: Desk, phone: FlaskClient) -> None:
    new = desk.new(PDF, origin=Origin.CITIZEN)
    desk.begins(new)
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).values(origin=Origin.MMS))

    assert in_pieces(phone, new.id, "finish").status_code == 404
    assert documents(desk)[0].state is DocumentState.RECEIVING

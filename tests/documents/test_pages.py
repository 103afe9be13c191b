"""Papers as staff meet them: beside the thread, on their own page, and as files to save."""

import re
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.documents.kinds import Declared
from messaging.documents.limits import LARGEST
from messaging.documents.models import AskedDocument, Document, DocumentPiece, Origin
from messaging.documents.states import DocumentState
from messaging.people.actors import SYSTEM
from messaging.trial.capabilities import TABLE, Sort, Way
from messaging.trial.models import Arm, ArmDecision
from messaging.trial.taking_part import join
from tests.documents import files
from tests.documents.conftest import Desk, form_with_files
from tests.house import csrf_token


@pytest.fixture
def browser(desk: Desk) -> FlaskClient:
    return desk.house.browser("mho")


def page(desk: Desk) -> str:
    return f"/citizens/{desk.citizen_id}/documents"


def posts(browser: FlaskClient, path: str, **form: object) -> TestResponse:
    return browser.post(path, data={"csrf_token": csrf_token(browser, "/citizens"), **form})


def asks(browser: FlaskClient, desk: Desk, words: str, ask_id: uuid.UUID | None = None) -> TestResponse:
    return posts(browser, f"{page(desk)}/asked", words=words, ask_id=str(ask_id or uuid.uuid4()))


def asked(desk: Desk) -> list[AskedDocument]:
    with desk.runtime.database.read() as session:
        return list(session.scalars(sa.select(AskedDocument).order_by(AskedDocument.id)))


def test_what_is_asked_for_stands_on_the_page_and_beside_the_thread(desk: Desk, browser: FlaskClient) -> None:
    answer = asks(browser, desk, "lønseddel for marts, CV\n\n  CV \nstraffeattest")

    assert answer.status_code == 303
    assert len(asked(desk)) == 3
    shown = browser.get(page(desk)).text
    assert all(words in shown for words in ("lønseddel for marts", "CV", "straffeattest", "Mangler", "Mette Holm"))
    thread = browser.get(f"/conversations/{desk.citizen_id}").text
    assert "Mangler: lønseddel for marts, CV, straffeattest." in thread


def test_form_sent_twice_asks_once(desk: Desk, browser: FlaskClient) -> None:
    ask_id = uuid.uuid4()
    for _ in range(2):
        assert asks(browser, desk, "CV", ask_id).status_code == 303

    assert len(asked(desk)) == 1


@pytest.mark.parametrize("words", ["", " , \n,", "x" * 81, ",".join(map(str, range(21)))])
def test_list_that_cannot_be_used_is_shown_again_with_a_reason(words: str, desk: Desk, browser: FlaskClient) -> None:
    answer = asks(browser, desk, words)

    assert answer.status_code == 422
    assert "Skriv, hvad vi mangler" in answer.text
    assert asked(desk) == []


def test_what_is_withdrawn_is_asked_for_no_more(desk: Desk, browser: FlaskClient) -> None:
    asks(browser, desk, "straffeattest")
    for _ in range(2):
        assert posts(browser, f"{page(desk)}/asked/{asked(desk)[0].id}/withdraw").status_code == 303

    assert "straffeattest" not in browser.get(page(desk)).text


def test_document_that_answers_is_told_as_received(desk: Desk, browser: FlaskClient) -> None:
    asks(browser, desk, "lønseddel")
    document_id = desk.sends(files.pdf(), asked_id=asked(desk)[0].id)

    assert "Bliver undersøgt" in browser.get(page(desk)).text
    desk.inspects()
    shown = browser.get(page(desk)).text
    assert "mark--good" in shown
    assert f"/documents/{document_id}" in shown
    assert "Mangler:" not in browser.get(f"/conversations/{desk.citizen_id}").text


def test_document_is_handed_out_as_a_file_to_save_and_nothing_a_browser_runs(desk: Desk, browser: FlaskClient) -> None:
    content = files.pdf(text=b"q Q " * 100_000)
    document_id = desk.keeps(content, name='Løn"; filename=x.html\r\nX: y.pdf')
    answer = browser.get(f"{page(desk)}/{document_id}")

    assert answer.data == content
    assert answer.headers["Content-Type"] == "application/pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.endswith("filename*=UTF-8''L%C3%B8n%20%3B%20filename%3Dx.htmlX%20y.pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policies = answer.headers.getlist("Content-Security-Policy")
    assert any("sandbox" in policy for policy in policies)
    assert int(answer.headers["Content-Length"]) == len(content)


def test_first_opening_is_noted_with_who_and_when(desk: Desk, browser: FlaskClient) -> None:
    document_id = desk.keeps(files.pdf())

    assert "Ikke åbnet" in browser.get(page(desk)).text
    for _ in range(2):
        browser.get(f"{page(desk)}/{document_id}")
    document = desk.document(document_id)
    assert (document.opened_at, document.opened_by) == (desk.runtime.clock.now(), desk.caseworker.id)
    assert "af Mette Holm" in browser.get(page(desk)).text
    with desk.runtime.database.read() as session:
        openings = session.scalar(sa.text("SELECT count(*) FROM audit_entries WHERE action = 'document.opened'"))
    assert openings == 2


@pytest.mark.parametrize("state", [DocumentState.WAITING, DocumentState.REFUSED])
def test_document_that_is_not_clean_cannot_be_opened(state: DocumentState, desk: Desk, browser: FlaskClient) -> None:
    document_id = desk.sends(files.pdf()) if state is DocumentState.WAITING else desk.keeps(files.pdf_with_script())

    assert desk.document(document_id).state is state
    assert browser.get(f"{page(desk)}/{document_id}").status_code == 404


def test_refused_document_is_shown_with_its_reason(desk: Desk, browser: FlaskClient) -> None:
    desk.keeps(files.locked_pdf())

    assert "Filen er låst med en kode" in browser.get(page(desk)).text


def test_document_of_another_citizen_is_not_found_under_this_one(desk: Desk, browser: FlaskClient) -> None:
    document_id = desk.keeps(files.pdf())
    other = desk.house.citizen(caseworker=desk.caseworker, number=None)

    assert browser.get(f"/citizens/{other}/documents/{document_id}").status_code == 404


def test_incomplete_document_is_no_short_document(desk: Desk, browser: FlaskClient) -> None:
    document_id = desk.keeps(files.pdf(text=b"q Q " * 200_000))
    with desk.runtime.database.write() as session:
        session.execute(sa.delete(DocumentPiece).filter_by(document_id=document_id, number=0))

    assert browser.get(f"{page(desk)}/{document_id}").status_code == 500


def sends(browser: FlaskClient, desk: Desk, *contents: tuple[bytes, str, str], document_id: uuid.UUID) -> TestResponse:
    fields = {"csrf_token": csrf_token(browser, "/citizens"), "document_id": str(document_id)}
    return browser.post(page(desk), **form_with_files(fields, *contents))


def test_staff_send_a_file_to_the_citizen(desk: Desk, browser: FlaskClient) -> None:
    document_id, content = uuid.uuid4(), files.pdf(text=b"\x01\x02\x03" * 400_000)
    for _ in range(2):
        answer = sends(browser, desk, (content, "afgørelse.pdf", "application/pdf"), document_id=document_id)
        assert answer.status_code == 303
    desk.inspects()

    assert desk.content(document_id) == content
    assert desk.document(document_id).origin is Origin.STAFF
    assert "sendt af Mette Holm" in browser.get(page(desk)).text


def joins(desk: Desk, arm: Arm) -> None:
    with desk.runtime.act(SYSTEM) as act:
        join(act, {desk.citizen_id: arm})


@pytest.mark.parametrize("arm", list(Arm))
def test_what_we_put_among_her_papers_is_what_the_table_of_the_arms_lets_into_her_app(
    desk: Desk, browser: FlaskClient, arm: Arm
) -> None:
    joins(desk, arm)
    sent = sends(browser, desk, (files.pdf(), "afgørelse.pdf", "application/pdf"), document_id=uuid.uuid4())
    answers = {Sort.FREE: sent, Sort.DOCUMENT_REQUEST: asks(browser, desk, "CV")}
    with desk.runtime.database.read() as session:
        kept = len(session.scalars(sa.select(Document)).all()), len(asked(desk))
        refused = session.scalars(sa.select(ArmDecision).order_by(ArmDecision.id)).all()
    may = {sort: Way.APP in TABLE[sort][arm].ways for sort in answers}

    assert {sort: answer.status_code for sort, answer in answers.items()} == {
        sort: 303 if lets else 409 for sort, lets in may.items()
    }
    assert kept == tuple(map(int, may.values()))
    assert [(row.sort, row.way) for row in refused] == [(sort, Way.APP) for sort, lets in may.items() if not lets]
    assert ("Send papiret, som I plejer." in sent.text) is not may[Sort.FREE]


def test_what_a_citizen_of_the_control_group_sends_is_received(desk: Desk) -> None:
    joins(desk, Arm.CONTROL)

    assert desk.document(desk.keeps(files.pdf())).state is DocumentState.CLEAN


def test_several_photos_of_a_form_become_one_document(desk: Desk, browser: FlaskClient) -> None:
    document_id = uuid.uuid4()
    photos = [(files.photo(size=(900, 900)), f"{number}.jpg", "image/jpeg") for number in range(3)]
    assert sends(browser, desk, *photos, document_id=document_id).status_code == 303
    desk.inspects()

    assert desk.content(document_id).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        ([], "Vælg en fil"),
        ([(b"", "", "application/octet-stream")], "Vælg en fil"),
        ([(b"MZ", "x.exe", "application/x-msdownload")], "den slags fil"),
        ([(b"x", "a.pdf", "application/pdf"), (b"y", "b.pdf", "application/pdf")], "kom ikke frem"),
        ([(b"", "a.pdf", "application/pdf")], "må ikke være tom"),
    ],
)
def test_file_that_cannot_be_taken_is_refused_with_a_reason(
    contents: list[tuple[bytes, str, str]], why: str, desk: Desk, browser: FlaskClient
) -> None:
    answer = sends(browser, desk, *contents, document_id=uuid.uuid4())

    assert answer.status_code == 422
    assert why in answer.text
    with desk.runtime.database.read() as session:
        assert session.scalars(sa.select(Document)).all() == []


def test_form_longer_than_the_largest_document_is_not_read(desk: Desk, browser: FlaskClient) -> None:
    answer = sends(
        browser, desk, (bytes(LARGEST + 3 * 1024 * 1024), "a.pdf", "application/pdf"), document_id=uuid.uuid4()
    )

    assert answer.status_code == 413


def test_who_is_not_signed_in_sends_no_long_form(desk: Desk) -> None:
    answer = desk.house.browser().post(
        page(desk), **form_with_files({}, (bytes(2_000_000), "a.pdf", "application/pdf"))
    )

    assert answer.status_code == 413


def test_system_fetches_a_kept_document_by_its_id(desk: Desk) -> None:
    document_id = desk.keeps(files.photo("PNG"), Declared.PNG, name="kvittering.png")
    client, key = desk.house.app.test_client(), desk.house.key("documents:read")
    answer = client.get(f"/api/v1/documents/{document_id}", headers=key)

    assert answer.data == desk.content(document_id)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert re.search(r'filename="kvittering.jpg"', answer.headers["Content-Disposition"])
    assert client.get(f"/api/v1/documents/{uuid.uuid4()}", headers=key).status_code == 404
    assert desk.document(document_id).opened_at is None


@pytest.mark.parametrize(
    "values",
    [{"state": DocumentState.PARKED}, {"state": DocumentState.WAITING, "tries": 3}],
    ids=["parked", "scanner away"],
)
def test_what_a_fault_has_kept_from_inspection_is_tried_again_by_a_button(
    desk: Desk, browser: FlaskClient, values: dict[str, object]
) -> None:
    document_id = desk.sends(files.pdf())
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).values(**values, next_try_at=sa.func.now()))
    before = browser.get(page(desk)).text
    thread = browser.get(f"/conversations/{desk.citizen_id}").text
    answer = posts(browser, f"{page(desk)}/{document_id}/again")
    desk.inspects()
    again = posts(browser, f"{page(desk)}/{document_id}/again")

    assert "Kunne ikke undersøges" in before
    assert "Undersøg filen igen" in before
    assert "Kunne ikke undersøges" in thread
    assert (answer.status_code, again.status_code) == (303, 303)
    assert desk.document(document_id).state is DocumentState.CLEAN
    assert "Undersøg filen igen" not in browser.get(page(desk)).text


def test_a_document_of_another_citizen_is_not_tried_again(desk: Desk, browser: FlaskClient) -> None:
    document_id = desk.sends(files.pdf())
    with desk.runtime.database.write() as session:
        session.execute(sa.update(Document).values(state=DocumentState.PARKED))
    other = desk.house.citizen(caseworker=desk.house.caseworker(), number=None)
    answer = posts(browser, f"/citizens/{other}/documents/{document_id}/again")

    assert answer.status_code == 404
    assert desk.document(document_id).state is DocumentState.PARKED

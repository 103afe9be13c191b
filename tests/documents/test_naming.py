"""Names that do harm become names that do none."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.documents.kinds import Declared, Kind, declared_of
from messaging.documents.naming import LONGEST, clean_name, name_as, shown_name


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("lønseddel.pdf", "lønseddel"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("/abs/olut.txt", "olut"),
        ("cv\u202efdp.exe", "cvfdp.exe"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie x"),
        ('"><img src=x>.jpg', "img src=x"),
        ("CON.pdf", "papir"),
        ("....", "papir"),
        ("", "papir"),
        ("  .pdf", "papir"),
        ("løn.seddel.marts.PDF", "løn.seddel.marts"),
        ("x" * 300 + ".pdf", "x" * LONGEST),
        ("%2e%2e%2fpasswd", "2e 2e 2fpasswd"),
    ],
)
def test_s12_name_is_made_harmless(given: str, clean: str) -> None:
    assert clean_name(given) == clean


@given(st.text(max_size=200))
def test_s12_no_name_leads_anywhere(name: str) -> None:
    clean = clean_name(name)

    assert 0 < len(clean) <= LONGEST
    assert not set(clean) & set('/\\:*?"<>|%')
    assert not any(unicodedata.category(letter).startswith("C") for letter in clean)
    assert clean.strip(". ") == clean


def test_suffix_is_that_of_the_content() -> None:
    assert name_as(clean_name("faktura.pdf.exe"), Kind.PDF) == "faktura.pdf.exe.pdf"
    assert shown_name("IMG_1", Declared.HEIC) == "IMG_1.jpg"
    assert shown_name("billeder", Declared.PHOTOS) == "billeder.pdf"


@pytest.mark.parametrize(
    ("media_type", "name", "declared"),
    [
        ("application/pdf", "x", Declared.PDF),
        ("Image/JPEG; charset=x", "x", Declared.JPEG),
        ("", "IMG_0001.HEIC", Declared.HEIC),
        ("application/octet-stream", "cv.docx", Declared.DOCX),
        ("image/svg+xml", "x.pdf", None),
        ("text/html", "x.txt", None),
        ("", "x.exe", None),
        ("", "", None),
    ],
)
def test_type_is_declared_by_the_browser_or_by_the_name(media_type: str, name: str, declared: Declared | None) -> None:
    assert declared_of(media_type, name=name) is declared

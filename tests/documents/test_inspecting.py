"""What harmful files do: nothing, in little memory and time, and with a word about why they are not taken."""

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from messaging.documents import limits
from messaging.documents.inspecting import Verdict, inspect
from messaging.documents.keeping import cut
from messaging.documents.kinds import Declared, Kind
from messaging.documents.states import Refusal
from messaging.errors import NotFound
from tests.conftest import ROOT
from tests.documents import files

PDF, JPEG, PNG, HEIC = Declared.PDF, Declared.JPEG, Declared.PNG, Declared.HEIC
WEBP, TEXT, DOCX, ODT, PHOTOS = Declared.WEBP, Declared.TEXT, Declared.DOCX, Declared.ODT, Declared.PHOTOS


def verdict(content: bytes, declared: Declared) -> Verdict:
    return inspect(cut(content), declared=declared)


GOOD: list[tuple[Callable[[], bytes], Declared, Kind]] = [
    (files.pdf, PDF, Kind.PDF),
    (files.docx, DOCX, Kind.DOCX),
    (files.odt, ODT, Kind.ODT),
    (lambda: "Kære Mette, her er mit cv. Æøå".encode(), TEXT, Kind.TEXT),
    (lambda: "Ældre programmer".encode("cp1252"), TEXT, Kind.TEXT),
]


@pytest.mark.parametrize(("make", "declared", "kind"), GOOD)
def test_good_file_is_kept_as_it_came(make: Callable[[], bytes], declared: Declared, kind: Kind) -> None:
    assert verdict(make(), declared) == Verdict(kind=kind)


@pytest.mark.parametrize(
    ("kind", "declared"), [("JPEG", JPEG), ("PNG", PNG), ("HEIF", HEIC), ("WEBP", WEBP), ("WEBP", JPEG), ("JPEG", HEIC)]
)
def test_photo_becomes_a_jpeg(kind: str, declared: Declared) -> None:
    kept = verdict(files.photo(kind), declared)

    assert kept.kind is Kind.JPEG
    picture = Image.open(io.BytesIO(kept.content or b""), formats=["JPEG"])
    assert picture.size == (80, 60)
    red, green, _ = picture.getpixel((5, 30))
    assert (red > 230, green < 60) == (True, True)


def test_where_and_by_what_a_photo_was_taken_is_gone_and_it_stands_upright() -> None:
    kept = verdict(files.photo_with_position(orientation=6), JPEG).content or b""

    picture = Image.open(io.BytesIO(kept))
    assert not picture.getexif()
    assert b"HEMMELIG" not in kept
    assert b"Exif" not in kept
    assert picture.size == (60, 80)


def test_s12_what_stands_behind_a_photo_is_gone() -> None:
    kept = verdict(files.photo() + files.docx(hemmelig=b"x"), JPEG)

    assert kept.kind is Kind.JPEG
    assert b"PK\x03\x04" not in (kept.content or b"")


def test_transparent_photo_stands_on_white_paper() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(written, "PNG")
    kept = verdict(written.getvalue(), PNG)

    assert Image.open(io.BytesIO(kept.content or b"")).getpixel((5, 5)) == (255, 255, 255)


def test_large_photo_is_made_smaller() -> None:
    kept = verdict(files.photo(size=(4000, 1000)), JPEG)

    assert Image.open(io.BytesIO(kept.content or b"")).size == (limits.LONGEST_EDGE, 750)


def test_several_photos_become_one_pdf_in_their_order() -> None:
    tall, wide = files.photo(size=(300, 400)), files.photo("HEIF", size=(400, 300))
    kept = verdict(files.together(tall, wide), PHOTOS)

    assert kept.kind is Kind.PDF
    with pikepdf.open(io.BytesIO(kept.content or b"")) as pdf:
        shapes = [page.mediabox[2] > page.mediabox[3] for page in pdf.pages]
        pictures = [page.obj.Resources.XObject.Photo for page in pdf.pages]
        assert [(int(picture.Width), int(picture.Height)) for picture in pictures] == [(300, 400), (400, 300)]
    assert shapes == [False, True]
    assert verdict(kept.content or b"", PDF).kind is Kind.PDF


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (files.together(files.photo(), b"%PDF-1.7"), Refusal.WRONG_TYPE),
        (files.together(files.photo())[:-5], Refusal.UNREADABLE),
        (b"\xff" * 40, Refusal.UNREADABLE),
        (files.together(*[files.photo(size=(8, 8))] * (limits.MOST_PHOTOS + 1)), Refusal.TOO_HEAVY),
    ],
)
def test_row_of_photos_that_is_none_is_refused(content: bytes, reason: Refusal) -> None:
    assert verdict(content, PHOTOS) == Verdict(refusal=reason)


CONFUSED: dict[str, tuple[Callable[[], bytes], Declared]] = {
    "photo as PDF": (files.photo, PDF),
    "PDF as photo": (files.pdf, JPEG),
    "program as PDF": (lambda: b"MZ\x90\x00" + bytes(200), PDF),
    "program as text": (lambda: b"\x7fELF" + bytes(200), TEXT),
    "web page as text": (lambda: b"  <!DOCTYPE html><script>alert(1)</script>", TEXT),
    "drawing as text": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', TEXT),
    "XML as text": (lambda: b"\xef\xbb\xbf<?xml version='1.0'?><a/>", TEXT),
    "script as text": (lambda: b"#!/bin/sh\nrm -rf /", TEXT),
    "PDF as text": (files.pdf, TEXT),
    "text as PDF": (lambda: b"hej", PDF),
    "GIF as photo": (lambda: files.photo("GIF"), JPEG),
    "TIFF as photo": (lambda: files.photo("TIFF"), PNG),
    "DOCX as ODT": (files.docx, ODT),
    "ODT as DOCX": (files.odt, DOCX),
    "zip as DOCX": (lambda: files.packed({"a.txt": b"x"}), DOCX),
    "PDF behind a line": (lambda: b"\n" + files.pdf(), PDF),
    "nothing": (lambda: b"", PDF),
}


@pytest.mark.parametrize("name", CONFUSED)
def test_s12_type_confusion_is_refused(name: str) -> None:
    make, declared = CONFUSED[name]

    assert verdict(make(), declared) == Verdict(refusal=Refusal.WRONG_TYPE)


HARMFUL: dict[str, tuple[Callable[[], bytes], Declared, Refusal]] = {
    "PDF and zip": (lambda: files.pdf() + files.docx(), PDF, Refusal.MIXED),
    "PDF and web page": (lambda: files.pdf() + b"<html><script>", PDF, Refusal.MIXED),
    "zip and PDF": (lambda: files.docx() + files.pdf(), DOCX, Refusal.MIXED),
    "zip with a comment": (lambda: files.docx()[:-2] + b"\x04\x00" + b"%PDF", DOCX, Refusal.MIXED),
    "zip whose first file is a PDF": (
        lambda: files.packed({"a.pdf": files.pdf(), **files.ZIP_NAMES}, compression=0),
        DOCX,
        Refusal.MIXED,
    ),
    "script in a PDF": (files.pdf_with_script, PDF, Refusal.ACTIVE),
    "program started by a PDF": (files.pdf_with_launch, PDF, Refusal.ACTIVE),
    "file in a PDF": (files.pdf_with_file, PDF, Refusal.ACTIVE),
    "locked PDF": (files.locked_pdf, PDF, Refusal.LOCKED),
    "cut PDF": (lambda: files.pdf()[:-40], PDF, Refusal.UNREADABLE),
    "head of a PDF": (lambda: b"%PDF-1.7\n%%EOF", PDF, Refusal.UNREADABLE),
    "PDF bomb": (files.pdf_bomb, PDF, Refusal.TOO_HEAVY),
    "PDF bomb in a bomb": (lambda: files.pdf_bomb(times=2), PDF, Refusal.TOO_HEAVY),
    "PDF packed often": (lambda: files.pdf_bomb(megabytes=1, times=5), PDF, Refusal.TOO_HEAVY),
    "zip bomb": (files.zip_bomb, DOCX, Refusal.TOO_HEAVY),
    "zip bomb that lies": (files.lying_zip_bomb, DOCX, Refusal.UNREADABLE),
    "files over one another": (files.overlapping_zip, DOCX, Refusal.TOO_HEAVY),
    "many files": (
        lambda: files.docx(**{f"x{number}": b"" for number in range(limits.MOST_ENTRIES)}),
        DOCX,
        Refusal.TOO_HEAVY,
    ),
    "path upwards": (lambda: files.docx(**{"../../etc/passwd": b"x"}), DOCX, Refusal.UNREADABLE),
    "absolute path": (lambda: files.odt(**{"/etc/passwd": b"x"}), ODT, Refusal.UNREADABLE),
    "path of a drive": (lambda: files.docx(**{"C:/x": b"x"}), DOCX, Refusal.UNREADABLE),
    "macros": (lambda: files.docx(**{"word/vbaProject.bin": b"x"}), DOCX, Refusal.ACTIVE),
    "macros in LibreOffice": (lambda: files.odt(**{"Basic/Standard/Module1.xml": b"x"}), ODT, Refusal.ACTIVE),
    "template from elsewhere": (
        lambda: files.docx(
            **{
                "word/_rels/settings.xml.rels": b'<R Type="x/attachedTemplate" TargetMode="External" Target="http://x"/>'
            }
        ),
        DOCX,
        Refusal.ACTIVE,
    ),
    "broken zip": (lambda: files.docx()[:40] + b"\xff" * 30 + files.docx()[70:], DOCX, Refusal.UNREADABLE),
    "PNG bomb": (files.png_bomb, PNG, Refusal.TOO_HEAVY),
    "PNG of hidden text": (files.png_text_bomb, PNG, Refusal.UNREADABLE),
    "cut photo": (lambda: files.photo(size=(500, 500))[:-3000], JPEG, Refusal.UNREADABLE),
    "head of a photo": (lambda: b"\xff\xd8\xff\xe0" + bytes(50), JPEG, Refusal.UNREADABLE),
    "long text": (lambda: b"x" * (limits.LONGEST_TEXT + 1), TEXT, Refusal.TOO_HEAVY),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_s12_harmful_file_is_refused_with_its_reason(name: str) -> None:
    make, declared, reason = HARMFUL[name]
    content = make()
    began = time.monotonic()
    found = verdict(content, declared)

    assert found == Verdict(refusal=reason)
    assert time.monotonic() - began < limits.INSPECTION_SECONDS


def test_s12_whatever_takes_too_long_is_ended() -> None:
    began = time.monotonic()

    def endless() -> Iterator[bytes]:
        yield files.photo()
        time.sleep(1.5)
        yield b""

    found = inspect(endless(), declared=JPEG, seconds=1)

    assert found == Verdict(refusal=Refusal.TOO_HEAVY)
    assert time.monotonic() - began < 4


FORMS = {"PNG": PNG, "WEBP": WEBP, "HEIF": HEIC, "JPEG": JPEG}


LARGE = [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB")]


@pytest.mark.parametrize(("form", "mode"), LARGE)
def test_photo_of_twelve_megapixels_gets_through(form: str, mode: str) -> None:
    """What telephones take and what screenshots of large screens are, also where no script has made it smaller."""
    found = verdict(large_photo(form, mode, size=(4032, 3024)), FORMS[form])

    assert found.kind is Kind.JPEG
    assert found.content is not None
    with Image.open(io.BytesIO(found.content)) as kept:
        assert max(kept.size) == limits.LONGEST_EDGE


MEASURE = """
import resource, sys
from pathlib import Path
from messaging.documents.inspecting import inspect
found = inspect([Path(sys.argv[1]).read_bytes()], declared=sys.argv[2])
print(found.kind, found.refusal, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Looks into one file in a process that has no other child, and prints the most KiB it really used."""


@pytest.mark.parametrize(
    ("form", "mode", "size"),
    [
        *((form, mode, (4032, 3024)) for form, mode in [*LARGE, ("HEIF", "RGB"), ("WEBP", "RGBA")]),
        ("PNG", "RGB", (6000, 4000)),
    ],
)
def test_s12_inspection_really_uses_less_than_256_megabytes(
    form: str, mode: str, size: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "photo").write_bytes(large_photo(form, mode, size=size))
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "photo"), FORMS[form]]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()

    assert int(said[-1]) * 1024 < 256 * limits.MEGABYTE
    assert said[0] == Kind.JPEG or (form, mode) == ("WEBP", "RGBA")


@pytest.mark.parametrize(("form", "why"), [("PNG", Refusal.TOO_HEAVY), ("WEBP", Refusal.UNREADABLE)])
def test_photo_of_more_pixels_than_the_process_can_hold_is_refused_in_words(form: str, why: Refusal) -> None:
    """The decoder of WebP fails before anybody knows how large the photo is."""
    assert verdict(large_photo(form, "RGBA", size=(8160, 6100)), FORMS[form]) == Verdict(refusal=why)


def large_photo(form: str, mode: str, *, size: tuple[int, int]) -> bytes:
    """A photo of as many pixels, and few bytes."""
    written = io.BytesIO()
    picture = Image.radial_gradient("L").convert(mode).resize(size)
    picture.save(written, form, **({"method": 0} if form == "WEBP" else {}))
    return written.getvalue()


def test_s12_whatever_takes_too_much_memory_is_refused() -> None:
    found = inspect([files.photo("PNG", size=(6000, 4000))], declared=PNG, memory=120 * limits.MEGABYTE)

    assert found == Verdict(refusal=Refusal.TOO_HEAVY)


def test_inspection_ends_with_who_feeds_it() -> None:
    def gone() -> Iterator[bytes]:
        yield b"%PDF-"
        raise NotFound("erased meanwhile")

    with pytest.raises(NotFound):
        inspect(gone(), declared=PDF)

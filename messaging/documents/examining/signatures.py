"""Telling what a file is by its content alone. Each type begins at the first byte, or it is not that type."""

from messaging.documents.kinds import Declared

ZIP = b"PK\x03\x04"
ZIP_END = b"PK\x05\x06"
PDF = b"%PDF-"
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<?php", b"#!", b"{\\rtf")
_ALLOWED_CONTROLS = frozenset("\t\n\r\f")


def recognise(content: bytes) -> Declared | None:
    """Return what the content is, None for all that we do not take. Word-processing documents are told apart later."""
    if content.startswith(PDF):
        return Declared.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return Declared.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Declared.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Declared.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return Declared.HEIC
    if content.startswith(ZIP):
        return Declared.ODT if b"mimetypeapplication/vnd.oasis.opendocument.text" in content[:120] else Declared.DOCX
    return Declared.TEXT if is_plain_text(content) else None


def is_plain_text(content: bytes) -> bool:
    """Whether it is words and nothing that any program would take for more."""
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:10].lower().startswith(_MARKUP):
        return False
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # what older Danish programs write
    return "\ufffd" not in text and all(letter >= " " or letter in _ALLOWED_CONTROLS for letter in text)

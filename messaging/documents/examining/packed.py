"""Word-processing documents (DOCX, ODT): packed files, kept as they came if they are only that and hold no program."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from messaging.documents.examining.outcome import Examined, Refused
from messaging.documents.examining.signatures import PDF
from messaging.documents.kinds import Kind
from messaging.documents.limits import MOST_ENTRIES, MOST_UNPACKED
from messaging.documents.states import Refusal

_END_BYTES = 22
_LOCAL_BYTES = 30
_CHUNK = 1024 * 1024
_WORD = b"wordprocessingml.document.main+xml"
_ODT = b"application/vnd.oasis.opendocument.text"
_PROGRAMS = ("vbaproject", "vbadata", "activex", "embeddings/", "basic/", "scripts/", "macro", "object ", ".exe", ".js")
_OUTSIDE = b'TargetMode="External"'
_TEMPLATE = b"attachedTemplate"


def examine_docx(content: bytes) -> Examined:
    """Look into a document of Word. Raises Refused."""
    with _opened(content) as packed:
        names = _checked_names(packed)
        _unpack(packed)
        if not {"[Content_Types].xml", "word/document.xml"} <= names:
            raise Refused(Refusal.WRONG_TYPE)
        if _WORD not in packed.read("[Content_Types].xml"):
            raise Refused(Refusal.ACTIVE)  # a document with macros calls itself by another type
        for name in names:
            if name.endswith("settings.xml.rels") and _leads_outside(packed.read(name)):
                raise Refused(Refusal.ACTIVE)
    return Examined(kind=Kind.DOCX)


def examine_odt(content: bytes) -> Examined:
    """Look into a document of LibreOffice. Raises Refused."""
    with _opened(content) as packed:
        names = _checked_names(packed)
        _unpack(packed)
        if not {"mimetype", "content.xml"} <= names or packed.read("mimetype").strip() != _ODT:
            raise Refused(Refusal.WRONG_TYPE)
    return Examined(kind=Kind.ODT)


def _leads_outside(relations: bytes) -> bool:
    return _TEMPLATE in relations and _OUTSIDE in relations


def _opened(content: bytes) -> zipfile.ZipFile:
    """Open what is one packed file from its first byte to its last."""
    if len(content) < _END_BYTES or content[-_END_BYTES:-18] != b"PK\x05\x06":
        raise Refused(Refusal.MIXED)  # something stands behind it, if only a comment
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Refused(Refusal.UNREADABLE) from None
    _check_layout(content, packed)
    return packed


def _check_layout(content: bytes, packed: zipfile.ZipFile) -> None:
    """Refuse files inside that lie over one another, which is how a few kilobytes become petabytes."""
    entries = sorted(packed.infolist(), key=lambda entry: entry.header_offset)
    if not entries or entries[0].header_offset != 0:
        raise Refused(Refusal.MIXED)
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused(Refusal.TOO_HEAVY)
    if any(PDF in content[entry.header_offset : entry.header_offset + 1024] for entry in entries[:1]):
        raise Refused(Refusal.MIXED)
    ends_before = 0
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Refused(Refusal.LOCKED)
        if entry.header_offset < ends_before:
            raise Refused(Refusal.TOO_HEAVY)
        ends_before = entry.header_offset + _LOCAL_BYTES + entry.compress_size


def _checked_names(packed: zipfile.ZipFile) -> set[str]:
    names = [entry.filename for entry in packed.infolist()]
    if len(set(names)) != len(names) or any(_leads_away(name) for name in names):
        raise Refused(Refusal.UNREADABLE)
    if any(program in name.lower() for name in names for program in _PROGRAMS):
        raise Refused(Refusal.ACTIVE)
    return set(names)


def _leads_away(name: str) -> bool:
    return name.startswith("/") or "\\" in name or "\x00" in name or ":" in name or ".." in PurePosixPath(name).parts


def _unpack(packed: zipfile.ZipFile) -> None:
    """Unpack everything once, and keep nothing: what it says of its own size need not be true."""
    length = 0
    try:
        for entry in packed.infolist():
            with packed.open(entry) as file:
                while part := file.read(_CHUNK):
                    length += len(part)
                    if length > MOST_UNPACKED:
                        raise Refused(Refusal.TOO_HEAVY)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise Refused(Refusal.UNREADABLE) from None

"""PDF: kept as it came if it is one from the first byte to the last, unpacks to little and does nothing by itself."""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from messaging.documents.examining.outcome import Examined, Refused
from messaging.documents.examining.signatures import ZIP_END
from messaging.documents.kinds import Kind
from messaging.documents.limits import MOST_OBJECTS, MOST_PIXELS, MOST_UNPACKED
from messaging.documents.states import Refusal

_END = b"%%EOF"
_ACTIVE_KEYS = frozenset({"/JS", "/EF", "/XFA", "/RichMediaContent", "/EmbeddedFiles"})
_ACTIVE_ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/RichMediaExecute", "/GoToE"})
_CHUNK = 1024 * 1024
_DEEPEST = 50
"""Of what stands inside one another; no program writes that deep."""
_MOST_FLATE = 2
"""Times that a stream may be packed, one inside the other."""


def examine_pdf(content: bytes) -> Examined:
    """Look into a PDF. Raises Refused."""
    _check_ends(content)
    try:
        with pikepdf.open(io.BytesIO(content), inherit_page_attributes=False) as pdf:
            if len(pdf.pages) == 0:
                raise Refused(Refusal.UNREADABLE)
            _check_objects(pdf)
    except pikepdf.PasswordError:
        raise Refused(Refusal.LOCKED) from None
    except MemoryError:
        raise Refused(Refusal.TOO_HEAVY) from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError):
        raise Refused(Refusal.UNREADABLE) from None
    return Examined(kind=Kind.PDF)


def _check_ends(content: bytes) -> None:
    """Refuse what has anything behind its end: another file could stand there, and some programs would open that."""
    end = content.rfind(_END)
    if end < 0:
        raise Refused(Refusal.UNREADABLE)
    behind = content[end + len(_END) :]
    if behind.strip(b"\r\n \t\x00") or ZIP_END in content[-65_557:]:
        raise Refused(Refusal.MIXED)


def _check_objects(pdf: pikepdf.Pdf) -> None:
    if len(pdf.objects) > MOST_OBJECTS:
        raise Refused(Refusal.TOO_HEAVY)
    unpacked = 0
    for found in pdf.objects:
        for part in _dictionaries(found):
            _check_dictionary(part)
        if isinstance(found, pikepdf.Stream):
            unpacked += _unpacked(found, most=MOST_UNPACKED - unpacked)


def _dictionaries(found: Any, *, depth: int = 0) -> Iterator[Any]:
    """Yield the dictionaries that stand in an object itself; those it refers to come by themselves."""
    if depth > _DEEPEST:
        raise Refused(Refusal.UNREADABLE)
    if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        yield found
        inner: list[Any] = [value for _, value in found.items()]
    elif isinstance(found, pikepdf.Array):
        inner = list(found)
    else:
        return
    for value in inner:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _dictionaries(value, depth=depth + 1)


def _check_dictionary(part: Any) -> None:
    if not _ACTIVE_KEYS.isdisjoint(part.keys()) or str(part.get("/S", "")) in _ACTIVE_ACTIONS:
        raise Refused(Refusal.ACTIVE)
    if part.get("/Subtype") == "/Image":
        width, height = part.get("/Width", 0), part.get("/Height", 0)
        if isinstance(width, int) and isinstance(height, int) and width * height > MOST_PIXELS * 2:
            raise Refused(Refusal.TOO_HEAVY)


def _unpacked(stream: Any, *, most: int) -> int:
    """Return how long a stream is when it is unpacked; pictures count as packed, for their size has been looked at."""
    filters = stream.get("/Filter", pikepdf.Array())
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    raw: bytes = stream.read_raw_bytes()
    if names.count("/FlateDecode") > _MOST_FLATE or "/Crypt" in names:
        raise Refused(Refusal.TOO_HEAVY)
    if stream.get("/Subtype") == "/Image" or not names or set(names) != {"/FlateDecode"}:
        return len(raw)
    for _ in names[:-1]:
        raw = _inflate(raw, most=most)
    return sum(map(len, _inflated(raw, most=most)))


def _inflate(packed: bytes, *, most: int) -> bytes:
    return b"".join(_inflated(packed, most=most))


def _inflated(packed: bytes, *, most: int) -> Iterator[bytes]:
    unpacking = zlib.decompressobj()
    length = 0
    while packed:
        try:
            part = unpacking.decompress(packed, _CHUNK)
        except zlib.error:
            return  # a broken stream does no harm; programs leave it out
        length += len(part)
        if length > most:
            raise Refused(Refusal.TOO_HEAVY)
        yield part
        packed = unpacking.unconsumed_tail
        if not part and not packed:
            return

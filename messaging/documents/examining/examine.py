"""The look into one file: what it says it is, what it is, and what the looker of that type makes of it."""

from collections.abc import Callable, Mapping

from messaging.documents.examining.outcome import Examined, Refused
from messaging.documents.examining.packed import examine_docx, examine_odt
from messaging.documents.examining.pdf import examine_pdf
from messaging.documents.examining.photos import examine_photo, examine_photos
from messaging.documents.examining.signatures import recognise
from messaging.documents.kinds import PHOTO, Declared, Kind
from messaging.documents.limits import LARGEST, LONGEST_TEXT
from messaging.documents.states import Refusal


def examine(content: bytes, declared: Declared) -> Examined:
    """Return what the file is and what is kept of it. Raises Refused, which says why it is not taken."""
    if len(content) > LARGEST:
        raise Refused(Refusal.TOO_HEAVY)
    if declared is Declared.PHOTOS:
        return examine_photos(content)
    found = recognise(content)
    if found is not declared and not (found in PHOTO and declared in PHOTO):
        raise Refused(Refusal.WRONG_TYPE)
    return _LOOKERS[declared](content)


def _examine_text(content: bytes) -> Examined:
    if len(content) > LONGEST_TEXT:
        raise Refused(Refusal.TOO_HEAVY)
    return Examined(kind=Kind.TEXT)


_LOOKERS: Mapping[Declared, Callable[[bytes], Examined]] = {
    Declared.PDF: examine_pdf,
    Declared.TEXT: _examine_text,
    Declared.DOCX: examine_docx,
    Declared.ODT: examine_odt,
    **dict.fromkeys(PHOTO, examine_photo),
}

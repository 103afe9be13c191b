"""The types of files we take: what a sender may declare, and what we keep.

Photos of every type are kept as JPEG, several photos as one PDF; everything else is kept as it came, and is never
opened by anything of ours but the inspection.
"""

import enum
from collections.abc import Mapping
from pathlib import PurePosixPath


class Declared(enum.StrEnum):
    """What the sender says that a file is."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    WEBP = "webp"
    TEXT = "text"
    DOCX = "docx"
    ODT = "odt"
    PHOTOS = "photos"
    """Several photos that are to become one PDF, each behind its length in eight bytes."""


class Kind(enum.StrEnum):
    """What a kept document is."""

    PDF = "pdf"
    JPEG = "jpeg"
    TEXT = "text"
    DOCX = "docx"
    ODT = "odt"


PHOTO = frozenset({Declared.JPEG, Declared.PNG, Declared.HEIC, Declared.WEBP})
"""A phone may call a photo by another photo's type; as each is decoded and written anew, that does no harm."""

MEDIA_TYPES: Mapping[Kind, str] = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.TEXT: "text/plain; charset=utf-8",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
}

SUFFIXES: Mapping[Kind, str] = {
    Kind.PDF: ".pdf",
    Kind.JPEG: ".jpg",
    Kind.TEXT: ".txt",
    Kind.DOCX: ".docx",
    Kind.ODT: ".odt",
}

PHOTOS_TYPE = "application/vnd.borgerdialog.photos"

_BY_TYPE: Mapping[str, Declared] = {
    "application/pdf": Declared.PDF,
    "image/jpeg": Declared.JPEG,
    "image/jpg": Declared.JPEG,
    "image/png": Declared.PNG,
    "image/heic": Declared.HEIC,
    "image/heif": Declared.HEIC,
    "image/webp": Declared.WEBP,
    "text/plain": Declared.TEXT,
    MEDIA_TYPES[Kind.DOCX]: Declared.DOCX,
    MEDIA_TYPES[Kind.ODT]: Declared.ODT,
    PHOTOS_TYPE: Declared.PHOTOS,
}
_BY_SUFFIX: Mapping[str, Declared] = {
    ".pdf": Declared.PDF,
    ".jpg": Declared.JPEG,
    ".jpeg": Declared.JPEG,
    ".png": Declared.PNG,
    ".heic": Declared.HEIC,
    ".heif": Declared.HEIC,
    ".webp": Declared.WEBP,
    ".txt": Declared.TEXT,
    ".docx": Declared.DOCX,
    ".odt": Declared.ODT,
}
_UNSAID = frozenset({"", "application/octet-stream"})

ACCEPT = ",".join((*_BY_SUFFIX, *(type_ for type_ in _BY_TYPE if type_ != PHOTOS_TYPE)))
"""What a file field of a form lets its user choose."""


def declared_of(media_type: str, *, name: str) -> Declared | None:
    """Return what a file is said to be, by its name where a browser gives no type; None for what we do not take."""
    said = media_type.partition(";")[0].strip().lower()
    if said in _UNSAID:
        return _BY_SUFFIX.get(PurePosixPath(name.replace("\\", "/")).suffix.lower())
    return _BY_TYPE.get(said)

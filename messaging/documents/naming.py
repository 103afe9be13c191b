"""Names of files: what a sender calls a file becomes a name that does no harm anywhere."""

import re
import unicodedata

from messaging.documents.kinds import PHOTO, SUFFIXES, Declared, Kind

LONGEST = 80
"""Characters before the suffix."""
UNNAMED = "papir"

_HARMFUL = re.compile(r'[<>:"|?*%\\/]+')
_KNOWN_SUFFIX = re.compile(r"\.(pdf|jpe?g|png|hei[cf]|webp|txt|docx|odt)$", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def clean_name(name: str) -> str:
    """Return the last part of a path without its suffix and without anything that a system may take for more.

    Control characters and those that turn the direction of writing are left out: they would hide the real suffix.
    """
    last = re.split(r"[\\/]", name)[-1]
    visible = "".join(
        character for character in unicodedata.normalize("NFC", last) if unicodedata.category(character)[0] != "C"
    )
    bare = _KNOWN_SUFFIX.sub("", _HARMFUL.sub(" ", visible))
    shortened = " ".join(bare.split()).strip(". ")[:LONGEST].strip(". ")
    return UNNAMED if not shortened or _RESERVED.fullmatch(shortened) else shortened


def name_as(name: str, kind: Kind) -> str:
    """Return a cleaned name with the suffix of what it names."""
    return name + SUFFIXES[kind]


def shown_name(name: str, declared: Declared) -> str:
    """Return a cleaned name with the suffix it will get if it is kept."""
    return name_as(name, kept_as(declared))


def kept_as(declared: Declared) -> Kind:
    """Return what a document of this declared type is kept as."""
    if declared is Declared.PHOTOS:
        return Kind.PDF
    return Kind.JPEG if declared in PHOTO else Kind(declared.value)

"""Marks in every text of a rehearsal, and the search for them in everything the service wrote.

A canary is 16 random letters, so that a name may carry one. The first eight are the same in one rehearsal: one search
finds them all, whatever they are wrapped in.
"""

import base64
import string
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

LETTERS = string.ascii_lowercase
MARK_LENGTH = 8
CANARY_LENGTH = 16
CHUNK = 1 << 22


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A canary that can be read where nothing should be readable."""

    file: str
    form: str
    position: int


class Canaries:
    """Makes canaries for one rehearsal and finds them again."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.mark = "".join(chance.choices(LETTERS, k=MARK_LENGTH))
        self.made = 0

    def new(self) -> str:
        """Return a fresh canary."""
        self.made += 1
        return self.mark + "".join(self._chance.choices(LETTERS, k=CANARY_LENGTH - MARK_LENGTH))

    def search(self, folders: list[Path]) -> tuple[list[Hit], int]:
        """Look through every byte of every file below the folders; return the hits and how many bytes were read.

        A file that goes away while the folder is read, as a database server's may, is not there to be searched.
        """
        forms = dict(_forms(self.mark))
        hits: list[Hit] = []
        read = 0
        for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
            with suppress(FileNotFoundError):
                if path.is_file() and not path.is_symlink():
                    hits.extend(_search_file(path, forms))
                    read += path.stat().st_size
        return hits, read


def _forms(mark: str) -> Iterator[tuple[str, bytes]]:
    """The ways in which a text may lie on a disk and still be read by who finds it.

    Letters and digits stand for themselves in UTF-8, URLs and JSON alike.
    """
    plain = mark.encode()
    yield "utf-8", plain
    yield "utf-16-le", mark.encode("utf-16-le")
    yield "utf-16-be", mark.encode("utf-16-be")
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for shift in range(3):
        yield f"base64+{shift}", _inside_base64(plain, shift)


def _inside_base64(plain: bytes, shift: int) -> bytes:
    """Return the characters of base64 that the text alone decides when it begins `shift` bytes into a group."""
    encoded = base64.b64encode(bytes(shift) + plain)
    first = -(-8 * shift // 6)
    last = 8 * (shift + len(plain)) // 6
    return encoded[first:last]


def _search_file(path: Path, forms: dict[str, bytes]) -> Iterator[Hit]:
    overlap = max(len(form) for form in forms.values()) - 1
    before = b""
    offset = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            window = before + chunk
            for name, form in forms.items():
                position = window.find(form)
                if position >= 0:
                    yield Hit(file=str(path), form=name, position=offset - len(before) + position)
            before = window[-overlap:]
            offset += len(chunk)

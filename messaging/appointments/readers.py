"""Texts before and after they are addressed: the citizen they are for, and what they say with her name in them."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.rendering import Blank
from messaging.conversations.segments import make_gsm
from messaging.conversations.templates import DANISH
from messaging.database.base import table_of
from messaging.database.sets import is_one_of
from messaging.people.card_models import Preference
from messaging.people.identity import is_under_age
from messaging.people.models import Citizen
from messaging.vault.errors import CannotOpen
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Box, Vault

FIRST_NAME = "first_name"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text as it is sent, and the name of the template it came from."""

    text: str = field(repr=False)
    template: str
    content_free: bool
    original: str | None = field(default=None, repr=False)
    """The Danish text, where this one is in the citizen's other language."""


@dataclass(slots=True)
class Reader:
    """The citizen a text is for."""

    id: uuid.UUID
    first_name: Sealed
    cpr: Sealed
    language: str
    box: Box | None
    """None: there is no key."""
    opened: str | None = field(default=None, repr=False)

    def name(self) -> str:
        """Return the first name, opened once. Raises CannotOpen."""
        if self.opened is None:
            if self.box is None:
                raise CannotOpen
            self.opened = self.box.open(self.first_name, place=Place("citizens", "first_name", self.id))
        return self.opened

    def is_under_age(self, *, at: datetime) -> bool:
        """Whether she is not yet 18 on the day of this moment. Raises CannotOpen."""
        if self.box is None:
            raise CannotOpen
        cpr = self.box.open(self.cpr, place=Place("citizens", "cpr", self.id))
        return is_under_age(cpr, today=at.astimezone(COPENHAGEN).date())


class Unaddressed(NamedTuple):
    """A text that says everything but the citizen's name."""

    template: str
    text: Blank
    original: Blank | None
    content_free: bool
    content_class: ContentClass
    reader: Reader

    def named(self) -> str:
        """Return the text with the name where it goes. Raises UnusableText or CannotOpen."""
        return self.with_name(self.text)

    def with_name(self, text: Blank) -> str:
        """As `named`, for the text in either language."""
        if not self.content_free and FIRST_NAME in text.parts[1::2]:
            text = text.fill({FIRST_NAME: self.reader.name()})
        return make_gsm(text.whole())


def with_line(words: Words, line: str | None) -> Words:
    """Return a text with a caseworker's own line after it. With one it is no text without content any more."""
    if line is None:
        return words
    original = add(words.original, line) if words.original else None
    return replace(words, text=add(words.text, line), content_free=False, original=original)


def add(text: str, line: str) -> str:
    """Return an approved text with a line after it, as it is sent."""
    return f"{text}\n{line}"


def readers_of(session: Session, vault: Vault, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Reader]:
    """Return these citizens as readers, by their ids."""
    session.flush()  # nothing else would, before a statement that knows no model
    citizens, wanted = table_of(Citizen).c, table_of(Preference).c
    rows = session.execute(
        sa.select(citizens.id, citizens.first_name, citizens.cpr, wanted.language)
        .outerjoin_from(table_of(Citizen), table_of(Preference), wanted.citizen_id == citizens.id)
        .where(is_one_of(session, citizens.id, ids))
    ).all()
    boxes = vault.boxes(ids)
    return {id_: Reader(id_, name, cpr, language or DANISH, boxes.get(id_)) for id_, name, cpr, language in rows}

"""A text on its way in: what the provider delivered, cleaned, with what the rules saw in it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from adapters.contract import InboundMessage
from messaging.clock import COPENHAGEN
from messaging.conversations.danger import find_danger
from messaging.conversations.keywords import Keyword, bare_keyword, clean_text
from messaging.conversations.models import Author, Direction, Kind
from messaging.database.base import new_id
from messaging.people.acting import Facts
from messaging.people.reaching import SMS
from messaging.vault.place import Place


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A text as it is stored. `late`: no webhook told us of it, the poll found it."""

    id: uuid.UUID
    channel: str
    source: InboundMessage = field(repr=False)
    text: str = field(repr=False)
    keyword: Keyword | None
    danger: str | None
    late: bool

    @property
    def is_plain(self) -> bool:
        """Nothing but a text to store: no files, and neither a keyword nor a word of the provider's own handling."""
        return not self.source.media and not self.is_keyword

    @property
    def is_keyword(self) -> bool:
        """A keyword, or something that the provider took for one."""
        return self.keyword is not None or self.source.provider_opt_out is not None


def read(source: InboundMessage, *, channel: str, late: bool, at: datetime) -> Incoming:
    """Clean the text and look for keywords and signs of danger."""
    text = clean_text(source.text).text
    danger = find_danger(text, on=at.astimezone(COPENHAGEN).date())
    return Incoming(
        id=new_id(),
        channel=channel,
        source=source,
        text=text,
        keyword=bare_keyword(text),
        danger=danger.rule if danger else None,
        late=late,
    )


def raw_of(source: InboundMessage) -> bytes:
    """Return what is kept of a delivery as it came: the provider's own body and what was read from it, as JSON."""
    return orjson.dumps(
        {
            "sender": source.sender,
            "recipient": source.recipient,
            "media": [{"url": media.url, "content_type": media.content_type} for media in source.media],
            "body": source.raw.decode("utf-8", "replace"),
        }
    )


def raw_place(event_id: uuid.UUID) -> Place:
    """Where the raw event is sealed."""
    return Place("inbound_events", "raw", event_id)


def body_place(message_id: uuid.UUID) -> Place:
    """Where the text of a message is sealed."""
    return Place("messages", "body", message_id)


def facts_of(incoming: Incoming) -> Facts:
    """Return what the case system is told of a message that came in."""
    source = incoming.source
    return {
        "direction": Direction.IN,
        "channel": SMS,
        "kind": Kind.TEXT,
        "author": Author.CITIZEN,
        "text": incoming.text,
        "provider_time": source.provider_time.isoformat() if source.provider_time else None,
        "late": incoming.late,
        "media": len(source.media),
        "danger": incoming.danger,
    }

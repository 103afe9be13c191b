"""Twilio's own list of messages: what became of an unclear send, and what citizens wrote that no webhook told us."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from adapters.channels.twilio_codes import STATUSES
from adapters.channels.twilio_webhooks import MOST_MEDIA
from adapters.contract import DeliveryStatus, InboundMessage, MediaReference, SentRecord
from adapters.errors import TryLater

_PAGE, _MOST_PAGES = 200, 500
# What the library raises when an answer does not have the shape it expects.
UNREADABLE = (TwilioException, ValueError, TypeError, AttributeError, KeyError)


class TwilioList:
    """One account's list. Its times are whole seconds, so the second in which a period begins belongs to it."""

    def __init__(self, client: Client, *, account: str, media_origin: str) -> None:
        self._client = client
        self._messages: Any = client.messages
        self._account = account
        self._media_origin = media_origin

    def sent(self, *, sender: str, recipient: str, since: datetime, until: datetime) -> Sequence[SentRecord]:
        """Messages from our number to one recipient created in the period, newest first.

        Not filtered by DateSent at Twilio: a message that still waits there has none, and would be taken for unsent.
        """
        found = []
        for listed in self._pages(to=recipient, from_=sender):
            created = _created(listed)
            if created < since - timedelta(days=1):
                break
            if since.replace(microsecond=0) <= created <= until:
                found.append(_sent_record(listed, created=created))
        return found

    def received(self, *, numbers: Collection[str], since: datetime) -> Sequence[InboundMessage]:
        """Texts to these numbers since then, oldest first."""
        day = since.astimezone(UTC).date().isoformat()
        found = [
            listed
            for number in sorted(numbers)
            for listed in self._pages(to=number, date_sent_after=day)
            if listed.direction == "inbound" and _created(listed) >= since.replace(microsecond=0)
        ]
        # Twilio gives the newest first; turned round and sorted stably, equal seconds keep their order.
        found.reverse()
        found.sort(key=_created)
        return [self._inbound(listed) for listed in found]

    def check(self) -> None:
        """Ask for one message, to see whether Twilio lets us in. Raises TryLater or Misconfigured if not."""
        next(self._pages(page_size=1), None)

    def _pages(self, *, page_size: int = _PAGE, **filters: str) -> Iterator[Any]:
        try:
            page = self._messages.page(page_size=page_size, **filters)
            for _ in range(_MOST_PAGES):
                yield from page
                page = page.next_page()
                if page is None:
                    return
        except UNREADABLE:
            raise TryLater("list_unreadable") from None
        raise TryLater("list_too_long")

    def _inbound(self, listed: Any) -> InboundMessage:
        return InboundMessage(
            provider_message_id=str(listed.sid),
            account=self._account,
            sender=str(listed.from_),
            recipient=str(listed.to),
            text=listed.body or "",
            provider_time=_created(listed),
            media=() if listed.num_media in {None, "0"} else self._media(str(listed.sid)),
        )

    def _media(self, message_sid: str) -> tuple[MediaReference, ...]:
        try:
            return tuple(
                MediaReference(
                    url=f"{self._media_origin}{str(media.uri).removesuffix('.json')}",
                    content_type=str(media.content_type),
                )
                for media in self._client.messages(message_sid).media.list(limit=MOST_MEDIA)
            )
        except UNREADABLE:
            raise TryLater("media_unreadable") from None


def _created(listed: Any) -> datetime:
    if not isinstance(listed.date_created, datetime):
        raise TryLater("list_unreadable")
    return listed.date_created


def _sent_record(listed: Any, *, created: datetime) -> SentRecord:
    return SentRecord(
        provider_message_id=str(listed.sid),
        recipient=str(listed.to),
        text=listed.body or "",
        created_at=created,
        status=STATUSES.get(str(listed.status), DeliveryStatus.UNKNOWN),
        error_code=str(listed.error_code) if listed.error_code else None,
    )

"""Asking the provider for what citizens wrote that no webhook ever told us: every five minutes, over a whole day."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from adapters.contract import InboundMessage
from messaging.conversations.models import InboundEvent

WINDOW_SECONDS = 24 * 3600


def unknown(session: Session, found: Sequence[InboundMessage], *, channel: str) -> list[InboundMessage]:
    """Return those of the provider's list that never came in, oldest first."""
    known = set(
        session.scalars(
            sa.select(InboundEvent.provider_message_id).where(
                InboundEvent.channel == channel,
                InboundEvent.provider_message_id.in_([source.provider_message_id for source in found]),
            )
        )
    )
    return [source for source in found if source.provider_message_id not in known]

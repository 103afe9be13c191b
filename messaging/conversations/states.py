"""The states of conversations, messages and attempts, and which change may follow which.

A message that goes out:

    draft → scheduled → queued ⇄ held (content gate)
              │           │  └→ cancelled · expired
              └→ sent (placed in the app, which no provider carries)
                          │
                          ↓
                       sending → sent → delivered → read
                          │        └→ failed
                          ├→ unclear → sent · delivered · read · failed · queued (proved not sent)
                          ├→ queued (certainly not sent)
                          └→ failed

Our own ends (cancelled, expired, held) and failed are left only by proof of delivery. A message that comes in is
`received` and stays so.
"""

import enum

from adapters.contract import DeliveryStatus


class Waiting(enum.StrEnum):
    """Who has the next move in a conversation."""

    FOR_US = "waiting_for_us"
    FOR_CITIZEN = "waiting_for_citizen"
    SETTLED = "settled"


class MessageState(enum.StrEnum):
    """How far a message has come."""

    RECEIVED = "received"
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNCLEAR = "unclear"
    HELD = "held"


class AttemptState(enum.StrEnum):
    """How one try ended: intended → accepted · refused · not_sent · unclear; unclear → accepted · not_sent."""

    INTENDED = "intended"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNCLEAR = "unclear"


PROOF = frozenset({MessageState.DELIVERED, MessageState.READ})

TRANSITIONS: dict[MessageState, frozenset[MessageState]] = {
    MessageState.RECEIVED: frozenset(),
    MessageState.DRAFT: frozenset(
        {MessageState.SCHEDULED, MessageState.QUEUED, MessageState.HELD, MessageState.CANCELLED}
    ),
    MessageState.SCHEDULED: frozenset(
        {
            MessageState.QUEUED,
            MessageState.SENT,  # placed in the app
            MessageState.HELD,
            MessageState.CANCELLED,
            MessageState.EXPIRED,
        }
    ),
    MessageState.QUEUED: frozenset(
        {
            MessageState.SENDING,
            MessageState.SENT,  # it was thought not to have left, and then its acceptance was proved
            MessageState.HELD,
            MessageState.CANCELLED,
            MessageState.EXPIRED,
            MessageState.FAILED,
        }
    )
    | PROOF,
    MessageState.SENDING: frozenset(
        {MessageState.SENT, MessageState.QUEUED, MessageState.UNCLEAR, MessageState.FAILED, MessageState.CANCELLED}
    )
    | PROOF,
    MessageState.UNCLEAR: frozenset(
        {MessageState.SENT, MessageState.QUEUED, MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED}
    )
    | PROOF,
    MessageState.SENT: frozenset({MessageState.FAILED}) | PROOF,
    MessageState.DELIVERED: frozenset({MessageState.READ, MessageState.FAILED}),
    MessageState.READ: frozenset({MessageState.FAILED}),
    MessageState.FAILED: PROOF,
    MessageState.EXPIRED: PROOF,
    MessageState.CANCELLED: PROOF,
    MessageState.HELD: frozenset(
        {MessageState.QUEUED, MessageState.SCHEDULED, MessageState.CANCELLED, MessageState.EXPIRED}
    )
    | PROOF,
}

RECEIPT_RANK: dict[DeliveryStatus, int] = {
    DeliveryStatus.UNKNOWN: 0,
    DeliveryStatus.QUEUED: 1,
    DeliveryStatus.SENT: 2,
    DeliveryStatus.DELIVERED: 3,
    DeliveryStatus.READ: 4,
    DeliveryStatus.UNDELIVERED: 5,
    DeliveryStatus.FAILED: 6,
}
"""Which receipt decides inside one attempt, whatever the order of arrival: the success of one part of a long SMS must
not hide the failure of another. Across attempts delivery beats everything."""

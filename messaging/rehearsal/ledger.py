"""The ledger of a rehearsal: what the service says it did, held against what the outside world says happened."""

import sqlite3
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from messaging.appointments.models import Reminder, ReplyReading
from messaging.conversations.incoming import body_place
from messaging.conversations.models import Attempt, Direction, InboundEvent, Message
from messaging.conversations.states import MessageState
from messaging.journal.models import EventState, JournalEvent, JournalStream
from messaging.people.models import ContactPoint
from messaging.rehearsal.input import Reply
from messaging.runtime import Runtime
from messaging.vault.place import Place
from messaging.vault.vault import TRIAGE

LEFT_US = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)
HUMAN = "other"
"""The label of what the rules leave to a human."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The stub's own files, read once."""

    inbound: dict[str, str] = field(repr=False)
    """Provider's id → text."""
    accepted: Counter[tuple[str, str]] = field(repr=False)
    """(number, text) → how often the provider took it."""
    delivered: int
    journal: dict[str, tuple[str, int, str]] = field(repr=False)
    """Event id → stream, sequence, receipt number."""

    @classmethod
    def of(cls, folder: Path) -> "World":
        """Read the ledgers of a stub."""
        with closing(_ledgers(folder)) as stub:
            inbound = dict(stub.execute("SELECT id, text FROM messages WHERE direction = 'in'").fetchall())
            out = stub.execute("SELECT recipient, text, status FROM messages WHERE direction = 'out'").fetchall()
            events = stub.execute("SELECT event_id, stream_id, seq, receipt FROM events").fetchall()
        return cls(
            inbound=inbound,
            accepted=Counter((recipient, text) for recipient, text, _status in out),
            delivered=sum(status == "delivered" for *_rest, status in out),
            journal={event: (stream, seq, receipt) for event, stream, seq, receipt in events},
        )


def posted_ids(folder: Path) -> set[str]:
    """Return the provider's ids of all that citizens have written so far, of the ledgers in this folder."""
    with closing(_ledgers(folder)) as stub:
        return {row[0] for row in stub.execute("SELECT id FROM messages WHERE direction = 'in'")}


def inbound_entry(runtime: Runtime, world: World) -> dict[str, int]:
    """Hold what citizens wrote against what is stored and can be opened again."""
    with runtime.database.read() as session:
        rows = session.execute(
            sa.select(InboundEvent.provider_message_id, Message).join(Message, Message.id == InboundEvent.id)
        ).all()
    runtime.vault.warm({row.Message.conversation_id or TRIAGE for row in rows})
    stored = Counter(row.provider_message_id for row in rows)
    equal = sum(_text_of(runtime, row.Message) == world.inbound.get(row.provider_message_id) for row in rows)
    return {
        "posted": len(world.inbound),
        "stored": len(stored),
        "opened_equal": equal,
        "found_by_poll": sum(row.Message.late for row in rows),
        "in_triage": sum(row.Message.conversation_id is None for row in rows),
        "lost": len(set(world.inbound) - set(stored)),
        "duplicated": sum(count - 1 for count in stored.values()),
    }


def outbound_entry(runtime: Runtime, world: World) -> dict[str, Any]:
    """Hold what we meant to send against what the provider took."""
    with runtime.database.read() as session:
        messages = session.scalars(sa.select(Message).filter_by(direction=Direction.OUT)).all()
        points = {point.id: point for point in session.scalars(sa.select(ContactPoint))}
        attempts = session.execute(
            sa.select(Attempt.state, Attempt.resolved_by, sa.func.count()).group_by(Attempt.state, Attempt.resolved_by)
        ).all()
    runtime.vault.warm({point.citizen_id for point in points.values()})
    ours: Counter[tuple[str, str]] = Counter()
    for message in messages:
        if message.state in LEFT_US or (message.state is MessageState.FAILED and message.tries):
            ours[_number_of(runtime, points, message), _text_of(runtime, message)] += 1
    states = Counter(message.state for message in messages)
    open_ = states[MessageState.QUEUED] + states[MessageState.SENDING] + states[MessageState.UNCLEAR]
    return {
        "intended": len(messages),
        "accepted": sum(world.accepted.values()),
        "delivered": world.delivered,
        "states": {state.value: count for state, count in sorted(states.items())},
        "attempts": {f"{state}:{by or '-'}": count for state, by, count in attempts},
        "lost": open_ + sum((ours - world.accepted).values()),
        "duplicated": sum((world.accepted - ours).values()),
    }


def journal_entry(runtime: Runtime, world: World) -> dict[str, Any]:
    """Hold our events against the case system's, and name those that have no receipt."""
    with runtime.database.read() as session:
        ours = session.execute(
            sa.select(
                JournalEvent.id,
                JournalEvent.stream_id,
                JournalEvent.seq,
                JournalEvent.state,
                JournalEvent.receipt_number,
                JournalEvent.type,
                JournalEvent.reason,
                JournalEvent.deaths,
            )
        ).all()
        given = {row.id: row.last_seq for row in session.execute(sa.select(JournalStream.id, JournalStream.last_seq))}
    theirs: dict[str, set[int]] = {}
    for stream, seq, _receipt in world.journal.values():
        theirs.setdefault(stream, set()).add(seq)
    missing = sum(last - len(theirs.get(str(stream), ())) for stream, last in given.items())
    receipted = sum(
        row.state is EventState.RECEIPTED and world.journal.get(str(row.id), (None, 0, None))[2] == row.receipt_number
        for row in ours
    )
    return {
        "expected": len(ours),
        "receipted": receipted,
        "gaps": missing + sum(given.values()) - len(ours),
        "lost": sum(str(row.id) not in world.journal for row in ours),
        "duplicated": len(world.journal) - len({value[:2] for value in world.journal.values()}),
        "unreceipted": [
            {"id": str(row.id), "type": row.type, "state": row.state, "reason": row.reason, "deaths": row.deaths}
            for row in ours
            if row.state is not EventState.RECEIPTED
        ][:20],
    }


def reminder_entry(runtime: Runtime) -> dict[str, Any]:
    """Count the reminders by what was done with them, and why."""
    with runtime.database.read() as session:
        rows = session.execute(
            sa.select(Reminder.state, Reminder.reason, sa.func.count()).group_by(Reminder.state, Reminder.reason)
        ).all()
    by_state: Counter[str] = Counter()
    reasons: dict[str, dict[str, int]] = {}
    for state, reason, count in rows:
        by_state[state.value] += count
        if reason:
            reasons.setdefault(state.value, {})[reason] = count
    return {"planned": sum(by_state.values()), **by_state, "by_reason": reasons}


def reply_entry(runtime: Runtime, replies: Sequence[Reply], ids: Sequence[str]) -> dict[str, Any]:
    """Hold the labels of a human against what the rules understood. Unsure ones are left to a human, and counted so."""
    with runtime.database.read() as session:
        rows = session.execute(
            sa.select(InboundEvent.provider_message_id, ReplyReading.label)
            .join(ReplyReading, ReplyReading.message_id == InboundEvent.id)
            .where(InboundEvent.provider_message_id.in_(ids))
        )
        labels = {row.provider_message_id: row.label for row in rows}
    counts: Counter[str] = Counter()
    by_label: dict[str, Counter[str]] = {}
    for reply, id_ in zip(replies, ids, strict=True):
        verdict = _verdict(reply.label, labels.get(id_))
        counts[verdict] += 1
        by_label.setdefault(reply.label, Counter())[verdict] += 1
        counts["false_stop"] += labels.get(id_) == "stop" and reply.label != "stop"
    return {
        "total": len(replies),
        "right": counts["right"],
        "wrong": counts["wrong"],
        "human": counts["human"],
        "unread": counts["unread"],
        "false_stop": counts["false_stop"],
        "by_label": {label: dict(found) for label, found in sorted(by_label.items())},
    }


def _ledgers(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / 'stub.db'}?mode=ro", uri=True)


def _verdict(label: str, understood: str | None) -> str:
    if understood is None:
        return "unread"
    if understood == label:
        return "right"
    return "human" if understood == HUMAN else "wrong"


def _text_of(runtime: Runtime, message: Message) -> str:
    owner = message.conversation_id or TRIAGE
    return runtime.vault.open(message.body, owner=owner, place=body_place(message.id))


def _number_of(runtime: Runtime, points: dict[uuid.UUID, ContactPoint], message: Message) -> str:
    if message.contact_point_id is None:
        raise ValueError("an outgoing message is pinned to a number")
    point = points[message.contact_point_id]
    return runtime.vault.open(point.number, owner=point.citizen_id, place=Place("contact_points", "number", point.id))

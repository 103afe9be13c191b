"""Writing to several: one approved text, filled in for each, as one private message in each one's own thread.

The words of each are kept as they were shown before anything was sent. Messages are written in the background a few at
a time; each row of a recipient is what decides whether she has got hers, so a crash doubles nothing and forgets nobody.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.conversations import sending, sending_in_app, threads
from messaging.conversations.arms import refusal_of
from messaging.conversations.batch_models import Batch, BatchRecipient, BatchState, RecipientState
from messaging.conversations.batch_planning import Line
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Kind, Message
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from messaging.people.acting import Act, Facts
from messaging.people.models import Caseworker, Role
from messaging.people.reaching import Reach, reach_many
from messaging.trial.capabilities import Sort, Way, way_of_itself
from messaging.trial.withholding import note_withheld
from messaging.vault.place import Place
from messaging.vault.sealed import Sealed
from messaging.work.lanes import Lane

ALONE = 50
"""Recipients up to whom nobody else needs to look."""

CHUNK = 20
"""Messages written in one transaction: short enough for those who wait to write."""

DECIDERS = frozenset({Role.CASEWORKER, Role.TEAM_LEADER, Role.SUPERUSER})


class NobodyToWriteTo(InvalidInput):
    """All who were chosen are left out."""

    code = "nobody_to_write_to"


def create_batch(act: Act, *, batch_id: uuid.UUID, key: str, lines: Sequence[Line]) -> Batch:
    """Note who is to get which words, and who is left out. Raises NobodyToWriteTo."""
    receiving = [line for line in lines if line.filled is not None]
    if not receiving or act.actor.id is None:
        raise NobodyToWriteTo("nobody who was chosen can be written to", field="citizens")
    alone = len(receiving) <= ALONE
    batch = Batch(
        id=batch_id,
        writer_id=act.actor.id,
        key=key,
        size=len(receiving),
        segments=sum(line.segments for line in receiving),
        state=BatchState.WRITING if alone else BatchState.WAITING_FOR_APPROVAL,
        created_at=act.now,
    )
    act.session.add(batch)
    act.session.flush()
    act.session.add_all(_recipient(act, batch, line) for line in lines)
    left_out = reach_many(act.session, [line.citizen_id for line in lines if line.filled is None])
    for citizen_id, person in left_out.items():
        _note_arm(act, citizen_id, person)
    facts: Facts = {"template": key, "recipients": len(receiving), "left_out": len(lines) - len(receiving)}
    act.audit("batch.created", object_kind="batch", object_id=batch.id, facts=facts)
    return batch


def approve_batch(act: Act, *, batch_id: uuid.UUID) -> None:
    """Let a large batch go. Raises NotFound, NotAllowed for its own writer, or Conflict if it waits no longer."""
    batch = lock_batch(act, batch_id)
    require_decider(act, batch)
    if batch.state is not BatchState.WAITING_FOR_APPROVAL:
        raise Conflict("the batch waits for nobody's approval")
    batch.state, batch.decided_by, batch.decided_at = BatchState.WRITING, act.actor.id, act.now
    act.audit("batch.approved", object_kind="batch", object_id=batch.id)


def cancel_batch(act: Act, *, batch_id: uuid.UUID) -> int:
    """Call back all that has not left; return how many that were. Raises NotFound for another's batch."""
    batch = lock_batch(act, batch_id)
    if batch.writer_id != act.actor.id:
        raise NotFound("there is no such batch")
    planned = len(
        act.session.scalars(
            sa.update(BatchRecipient)
            .filter_by(batch_id=batch_id, state=RecipientState.PLANNED)
            .values(state=RecipientState.CANCELLED)
            .returning(BatchRecipient.id)
        ).all()
    )
    written = act.session.scalars(sa.select(BatchRecipient.message_id).filter_by(batch_id=batch_id)).all()
    caught = sending.cancel_waiting(
        act, reason="cancelled_by_hand", message_ids=[message_id for message_id in written if message_id is not None]
    )
    batch.state = BatchState.CANCELLED
    act.audit("batch.cancelled", object_kind="batch", object_id=batch_id, facts={"caught": planned + caught})
    return planned + caught


def lock_batch(act: Act, batch_id: uuid.UUID) -> Batch:
    """Take a batch before anything about it changes. Raises NotFound."""
    batch = act.session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFound("there is no such batch")
    return batch


def require_decider(act: Act, batch: Batch) -> None:
    """Refuse whoever may not let this batch go: its writer, and who is not of her unit. Raises NotAllowed, NotFound."""
    if batch.writer_id == act.actor.id:
        raise NotAllowed("somebody else must look at so large a batch")
    unit_id = act.session.scalar(sa.select(Caseworker.unit_id).filter_by(id=batch.writer_id))
    of_the_unit = act.actor.role is Role.SUPERUSER or unit_id == act.actor.unit_id
    if act.actor.role not in DECIDERS or not of_the_unit:
        raise NotFound("there is no such batch")


def is_any_writing(session: Session) -> bool:
    """Whether a batch has messages to be written; a look that takes no lock."""
    return bool(session.scalar(sa.select(sa.exists().where(Batch.state == BatchState.WRITING))))


def write_chunk(act: Act) -> int:
    """Write the next few messages of a batch; return how many recipients were seen to, 0 if none is left."""
    batch = act.session.scalar(
        sa.select(Batch)
        .where(Batch.state == BatchState.WRITING)
        .order_by(Batch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        return 0
    rows = act.session.scalars(
        sa.select(BatchRecipient)
        .filter_by(batch_id=batch.id, state=RecipientState.PLANNED)
        .order_by(BatchRecipient.citizen_id)
        .limit(CHUNK)
    ).all()
    if len(rows) < CHUNK:
        batch.state = BatchState.WRITTEN
    threads.lock_threads(act.session, [row.citizen_id for row in rows])
    people = reach_many(act.session, [row.citizen_id for row in rows])
    for row in rows:
        _write(act, batch, row, people[row.citizen_id])
    return len(rows)


def _write(act: Act, batch: Batch, row: BatchRecipient, person: Reach) -> None:
    """Write one message, unless something has happened since that leaves her out."""
    text = _open(act, row, "body")
    in_app = way_of_itself(person.arm, Sort.BATCH) is Way.APP
    reason = sending_in_app.why_no_way(person, Kind.TEXT, Sort.BATCH)
    if reason is None and not in_app:
        reason = sending.why_held(text, person=person, content_free=row.content_free)
    if reason:
        row.state, row.reason = RecipientState.LEFT_OUT, reason
        _note_arm(act, row.citizen_id, person)
        return
    message = _in_app(act, batch, row, text) if in_app else _by_sms(act, batch, row, text, person)
    act.session.flush()
    row.state, row.message_id = RecipientState.WRITTEN, message.id


def _note_arm(act: Act, citizen_id: uuid.UUID, person: Reach) -> None:
    """Write down that an arm of the trial leaves her out, if one does."""
    if way_of_itself(person.arm, Sort.BATCH) is None:
        refusal = refusal_of(person, citizen_id=citizen_id, sort=Sort.BATCH, way=Way.SMS)
        if refusal is not None:
            note_withheld(act, refusal)


def _in_app(act: Act, batch: Batch, row: BatchRecipient, text: str) -> Message:
    return sending_in_app.send_in_app(
        act,
        citizen_id=row.citizen_id,
        text=text,
        content_class=ContentClass.SMS_OK,
        kind=Kind.NOTICE,
        author=Author.CASEWORKER,
        author_id=batch.writer_id,
        template=row.template,
        original=_open(act, row, "original") if row.original is not None else None,
        sort=Sort.BATCH,
    )


def _by_sms(act: Act, batch: Batch, row: BatchRecipient, text: str, person: Reach) -> Message:
    return sending.send_message(
        act,
        citizen_id=row.citizen_id,
        text=text,
        kind=Kind.NOTICE,
        lane=Lane.BULK,
        author=Author.CASEWORKER,
        author_id=batch.writer_id,
        template=row.template,
        content_free=row.content_free,
        original=_open(act, row, "original") if row.original is not None else None,
        person=person,
        sort=Sort.BATCH,
    )


def _recipient(act: Act, batch: Batch, line: Line) -> BatchRecipient:
    row = BatchRecipient(
        id=new_id(),
        batch_id=batch.id,
        citizen_id=line.citizen_id,
        state=RecipientState.LEFT_OUT if line.filled is None else RecipientState.PLANNED,
        reason=line.reason,
    )
    if line.filled is not None:
        row.template, row.content_free = line.filled.template, line.filled.content_free
        row.body = _seal(act, row, "body", line.filled.text)
        row.original = _seal(act, row, "original", line.filled.original) if line.filled.original else None
    return row


def _seal(act: Act, row: BatchRecipient, column: str, text: str) -> Sealed:
    return act.seal(text, owner=row.citizen_id, table="batch_recipients", column=column, row=row.id)


def _open(act: Act, row: BatchRecipient, column: str) -> str:
    place = Place("batch_recipients", column, row.id)
    return act.vault.open(getattr(row, column), owner=row.citizen_id, place=place)

"""Handing citizens over to another caseworker: by the one who looks after them, or by the leader of her unit.

The thread is the citizen's, so all that waits, is planned or has failed in it follows by itself.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.journal.events import EventType
from messaging.people.absence_models import Transfer
from messaging.people.acting import Act
from messaging.people.actors import Actor
from messaging.people.models import CaseloadEntry, Caseworker, Citizen, Role, Unit
from messaging.people.visibility import NO_SUCH_CITIZEN, known_to
from messaging.vault.place import Place
from messaging.vault.vault import Vault

MOST = 200
"""Citizens in one go; more than anybody looks after."""
LONGEST_NOTE = 500

Entry = tuple[uuid.UUID, uuid.UUID]
"""An entry of a caseload, and its citizen."""


class AlreadyTransferred(Conflict):
    """Somebody has handed one of the citizens over since the page was drawn; nothing was changed now."""

    code = "already_transferred"


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who may take citizens over."""

    id: uuid.UUID
    name: str
    initials: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class PastTransfer:
    """That a citizen was handed over, as it is read beside her thread."""

    giver: str
    receiver: str
    at: datetime
    note: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Who takes over, and what she should know. The entries are those of the caseload as the giver saw it."""

    entry_ids: Sequence[uuid.UUID]
    to_id: uuid.UUID
    note: str = field(default="", repr=False)


def caseload(session: Session, actor: Actor, *, caseworker_id: uuid.UUID) -> list[Entry]:
    """Return entry and citizen of a caseload, as far as this actor may hand it over."""
    rows = session.execute(
        sa.select(CaseloadEntry.id, CaseloadEntry.citizen_id)
        .join(Citizen, Citizen.id == CaseloadEntry.citizen_id)
        .where(
            CaseloadEntry.valid_to.is_(None),
            CaseloadEntry.caseworker_id == caseworker_id,
            known_to(actor.on_her_own),
        )
        .order_by(CaseloadEntry.id)
        .limit(MOST)
    )
    return [(row.id, row.citizen_id) for row in rows]


def entries_of(session: Session, actor: Actor, *, entry_ids: Collection[uuid.UUID]) -> list[Entry]:
    """Return these entries and their citizens. Raises NotFound unless all are the actor's to hand over now."""
    rows = session.execute(
        sa.select(CaseloadEntry.id, CaseloadEntry.citizen_id)
        .join(Citizen, Citizen.id == CaseloadEntry.citizen_id)
        .where(CaseloadEntry.id.in_(entry_ids), CaseloadEntry.valid_to.is_(None), known_to(actor.on_her_own))
    ).all()
    if len(rows) != len(set(entry_ids)):
        raise NotFound(NO_SUCH_CITIZEN)
    return [(row.id, row.citizen_id) for row in rows]


def colleagues(session: Session, actor: Actor) -> list[Colleague]:
    """Return the caseworkers to whom this actor may hand over, by unit and name; a team leader's are her unit's."""
    chosen = sa.select(Caseworker, Unit.name).join(Unit, Unit.id == Caseworker.unit_id).where(_may_receive(actor))
    return [
        Colleague(id=row.id, name=row.name, initials=row.initials, unit=unit)
        for row, unit in session.execute(chosen.order_by(Unit.name, Caseworker.name))
    ]


def transfers_of(session: Session, vault: Vault, *, citizen_id: uuid.UUID) -> list[PastTransfer]:
    """Return how this citizen was handed over, the last time first."""
    giver, receiver = sa.orm.aliased(Caseworker), sa.orm.aliased(Caseworker)
    rows = session.execute(
        sa.select(Transfer, giver.name, receiver.name)
        .join(giver, giver.id == Transfer.from_id)
        .join(receiver, receiver.id == Transfer.to_id)
        .where(Transfer.citizen_id == citizen_id)
        .order_by(Transfer.transferred_at.desc())
    )
    return [
        PastTransfer(
            giver=gave,
            receiver=took,
            at=row.transferred_at,
            note=vault.open(row.note, owner=citizen_id, place=Place("transfers", "note", row.caseload_id))
            if row.note is not None
            else "",
        )
        for row, gave, took in rows
    ]


def transfer(act: Act, handover: Handover) -> list[Transfer]:
    """Hand citizens over, all or none; of two who do it at once the second is told.

    The threads are locked by the caller. Raises NotFound for whom the actor may not hand over, AlreadyTransferred,
    InvalidInput.
    """
    entries = _lock_entries(act, handover.entry_ids)
    receiver = _receiver(act, handover)
    if any(entry.caseworker_id == receiver.id for entry in entries):
        raise InvalidInput("a citizen is this caseworker's already", field="to")
    givers = act.session.scalars(sa.select(Caseworker).where(Caseworker.id.in_({it.caseworker_id for it in entries})))
    initials = {giver.id: giver.initials for giver in givers}
    for entry in entries:
        entry.valid_to = act.now
    act.session.flush()
    return [_hand_over(act, entry, receiver, handover.note, giver=initials[entry.caseworker_id]) for entry in entries]


def _hand_over(act: Act, entry: CaseloadEntry, receiver: Caseworker, note: str, *, giver: str) -> Transfer:
    citizen_id = entry.citizen_id
    act.session.add(CaseloadEntry(citizen_id=citizen_id, caseworker_id=receiver.id, valid_from=act.now))
    row = Transfer(
        caseload_id=entry.id,
        citizen_id=citizen_id,
        from_id=entry.caseworker_id,
        to_id=receiver.id,
        by_id=act.actor.id,
        transferred_at=act.now,
    )
    if note:
        row.note = act.seal(note, owner=citizen_id, table="transfers", column="note", row=entry.id)
    act.session.add(row)
    act.journal(
        EventType.CITIZEN_ASSIGNED,
        stream=citizen_id,
        subject=citizen_id,
        facts={"from": giver, "to": receiver.initials, "by": str(act.actor.id), "note": note or None},
    )
    act.audit(
        "citizen.transferred",
        object_kind="citizen",
        object_id=citizen_id,
        facts={"from": str(entry.caseworker_id), "to": str(receiver.id)},
    )
    act.announce("citizen.transferred", object_id=citizen_id)
    return row


def _receiver(act: Act, handover: Handover) -> Caseworker:
    if not handover.entry_ids or len(handover.entry_ids) > MOST:
        raise InvalidInput(f"between 1 and {MOST} citizens can be handed over", field="entry")
    if len(handover.note) > LONGEST_NOTE:
        raise InvalidInput(f"a note has at most {LONGEST_NOTE} characters", field="note")
    chosen = sa.select(Caseworker).where(Caseworker.id == handover.to_id, _may_receive(act.actor))
    receiver = act.session.scalar(chosen)
    if receiver is None:
        raise InvalidInput("nobody here may take over by that id", field="to")
    return receiver


def _lock_entries(act: Act, entry_ids: Collection[uuid.UUID]) -> Sequence[CaseloadEntry]:
    """Return the entries, with nobody else ending them. Of one that has ended only those hear whose it was."""
    chosen = sa.select(CaseloadEntry).where(CaseloadEntry.id.in_(entry_ids)).order_by(CaseloadEntry.id)
    entries = act.session.scalars(chosen.with_for_update().execution_options(populate_existing=True)).all()
    if len(entries) != len(set(entry_ids)) or not all(_is_hers(act, entry) for entry in entries):
        raise NotFound(NO_SUCH_CITIZEN)
    if any(entry.valid_to is not None for entry in entries):
        raise AlreadyTransferred("somebody has handed a citizen over since the page was opened")
    return entries


def _is_hers(act: Act, entry: CaseloadEntry) -> bool:
    """Whether the entry is, or was, the actor's to hand over: her own, or one of her unit's."""
    if act.actor.role is Role.CASEWORKER:
        return entry.caseworker_id == act.actor.id
    unit_id = act.session.get_one(Caseworker, entry.caseworker_id).unit_id
    return act.actor.role is Role.TEAM_LEADER and unit_id == act.actor.unit_id


def _may_receive(actor: Actor) -> sa.ColumnElement[bool]:
    caseworkers = sa.and_(Caseworker.active, Caseworker.role == Role.CASEWORKER)
    if actor.role is Role.TEAM_LEADER:
        return sa.and_(caseworkers, Caseworker.unit_id == actor.unit_id)
    return sa.and_(caseworkers, Caseworker.id != actor.id)

"""Two superusers who write and sign the list of target groups, in few words."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from messaging.clock import COPENHAGEN
from messaging.database.base import new_id
from messaging.people import registering
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Role
from messaging.runtime import Runtime
from messaging.trial.laying_groups import NewGroup, sign_entry, write_end, write_group
from messaging.trial.target_groups import GroupList, read_list


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where the list is kept."""

    runtime: Runtime
    writer: Actor
    signer: Actor

    def day(self, days: int = 0) -> date:
        """Return today, or a day so many days from it."""
        return self.runtime.clock.now().astimezone(COPENHAGEN).date() + timedelta(days=days)

    def writes(self, code: str, *, takes_part: bool = True, first: int = 0, last: int | None = None) -> uuid.UUID:
        """Write a group that is in the list from so many days from today; return the entry's id."""
        new = NewGroup(
            id=new_id(),
            code=code,
            name=f"Gruppen {code}",
            takes_part=takes_part,
            first_day=self.day(first),
            last_day=self.day(last) if last is not None else None,
        )
        with self.runtime.act(self.writer) as act:
            return write_group(act, new).id

    def writes_end(self, code: str, *, first: int = 0) -> uuid.UUID:
        """Write that there is no such group from so many days from today."""
        with self.runtime.act(self.writer) as act:
            return write_end(act, entry_id=new_id(), code=code, name=code, first_day=self.day(first)).id

    def signs(self, entry_id: uuid.UUID) -> None:
        """Let the other superuser sign."""
        with self.runtime.act(self.signer) as act:
            sign_entry(act, entry_id=entry_id)

    def lists(self, code: str, *, takes_part: bool = True, first: int = 0, last: int | None = None) -> None:
        """Write a group and sign it."""
        self.signs(self.writes(code, takes_part=takes_part, first=first, last=last))

    def ends(self, code: str, *, first: int = 0) -> None:
        """Write an end and sign it."""
        self.signs(self.writes_end(code, first=first))

    def reads(self) -> GroupList:
        """Read the list."""
        with self.runtime.database.read() as session:
            return read_list(session)


def desk_in(runtime: Runtime) -> Desk:
    """Let two superusers work here."""
    actors = []
    with runtime.act(SYSTEM) as act:
        unit_id = registering.register_unit(act, name="Ledelsen").id
        for initials in ("su1", "su2"):
            staff = registering.register_caseworker(
                act, initials=initials, name=f"Navn {initials}", email=None, unit_id=unit_id, role=Role.SUPERUSER
            )
            actors.append(Actor(kind=ActorKind.STAFF, id=staff.id, role=Role.SUPERUSER))
    return Desk(runtime=runtime, writer=actors[0], signer=actors[1])

"""One person writes and another signs, whatever it is that they write: what is refused, and when."""

import uuid
from datetime import date, datetime
from typing import Protocol

from messaging.clock import COPENHAGEN
from messaging.errors import Conflict, NotAllowed
from messaging.people.acting import Act


class OwnDraft(NotAllowed):
    """Nobody approves what is her own."""

    code = "own_draft"


class NoLongerWaiting(Conflict):
    """The draft has been approved or withdrawn meanwhile, or its days are over."""

    code = "no_longer_waiting"


class Draft(Protocol):
    """What is written for some days and holds once somebody else has signed it; its row is locked."""

    @property
    def written_by_id(self) -> uuid.UUID:
        """Who wrote it, and may not sign it."""
        ...

    @property
    def last_day(self) -> date | None:
        """The last of its days; None: it goes on."""
        ...

    @property
    def signed_at(self) -> datetime | None:
        """When somebody else signed it."""
        ...

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was taken back."""
        ...


def check_waiting(draft: Draft) -> None:
    """Raise NoLongerWaiting if it has been signed or withdrawn."""
    if draft.signed_at is not None or draft.withdrawn_at is not None:
        raise NoLongerWaiting("it has been decided already")


def check_signature(act: Act, draft: Draft) -> None:
    """Raise NoLongerWaiting or OwnDraft if whoever acts may not sign it today."""
    check_waiting(draft)
    if draft.written_by_id == act.actor.id:
        raise OwnDraft("somebody else signs this")
    if draft.last_day is not None and draft.last_day < act.now.astimezone(COPENHAGEN).date():
        raise NoLongerWaiting("its last day is past")

"""Taking in what a citizen wrote without a connection: once for each id, under her own name, and from nobody else."""

from datetime import timedelta

from messaging.citizen_app.models import AppSession, OutboxKey
from messaging.citizen_app.outbox_keys import Waiting, open_waiting
from messaging.citizen_app.sessions import CitizenHere, writes_as
from messaging.conversations import receiving_app
from messaging.errors import Conflict
from messaging.people.acting import Act

KEEPS = timedelta(days=90)
"""Without a sign of a phone; it stays in for 60, and she may come back a little later."""


class WaitsForNobody(Conflict):
    """What waited is not hers, or the session it was written in was ended; which of them nobody is told."""

    code = "outbox_over"


def take_in(act: Act, here: CitizenHere, waiting: Waiting) -> bool:
    """Store what waited; False, with nothing changed, if it is there already.

    She may have come in again since she wrote it, and it is then classed as by the way in she had. Raises
    WaitsForNobody, CannotRead, and as `store_from_app`.
    """
    written_in = act.session.get(AppSession, waiting.session_id)
    key = act.session.get(OutboxKey, waiting.session_id)
    if key is None or written_in is None or written_in.citizen_id != here.citizen_id:
        raise WaitsForNobody("what waited is not hers, or its session was ended")
    if written_in.seen_at <= act.now - KEEPS:
        raise WaitsForNobody("what waited is not hers, or its session was ended")
    return receiving_app.store_from_app(
        act,
        citizen_id=here.citizen_id,
        message_id=waiting.id,
        text=open_waiting(act.vault, key, waiting, citizen_id=here.citizen_id),
        content_class=writes_as(written_in.opened),
    )

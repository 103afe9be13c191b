"""A citizen comes in by MitID: whose personal number was proved, and how surely, decides who and what."""

import uuid

import sqlalchemy as sa

from adapters.sign_in_contract import CitizenProof
from messaging.citizen_app.models import Opened
from messaging.citizen_app.sessions import CitizenHere, begin_session
from messaging.clock import COPENHAGEN
from messaging.errors import NotFound
from messaging.people.acting import Act
from messaging.people.identity import BrokenCpr, read_cpr
from messaging.people.models import Citizen

NOBODY = uuid.UUID(int=0)
"""Stands in the audit trail for somebody who is not known here."""


class UnknownHere(NotFound):
    """Somebody proved who she is, and is no citizen here."""

    code = "unknown_here"


def sign_in(act: Act, proof: CitizenProof, *, beneath: CitizenHere | None) -> tuple[str, Opened]:
    """Begin a session for whom this proves; return its token, and how it was opened. Raises UnknownHere.

    Too low a level opens what a paired phone opens, and nothing sensitive. On a phone of hers that is in (`beneath`)
    the visit ends with the phone's access.
    """
    citizen_id = _find(act, proof.cpr)
    if citizen_id is None:
        raise UnknownHere("there is no citizen of this personal number here")
    opened = Opened.MITID if proof.is_assured else Opened.MITID_LOW
    device_id = beneath.device_id if beneath is not None and beneath.citizen_id == citizen_id else None
    return begin_session(act, citizen_id=citizen_id, opened=opened, device_id=device_id), opened


def note_refusal(act: Act, *, reason: str) -> None:
    """Note that somebody who came from MitID was not let in."""
    act.audit("app.sign_in_refused", object_kind="citizen", object_id=NOBODY, facts={"reason": reason})


def _find(act: Act, told: str) -> uuid.UUID | None:
    try:
        cpr = read_cpr(told, today=act.now.astimezone(COPENHAGEN).date())
    except BrokenCpr:
        return None
    return act.session.scalar(sa.select(Citizen.id).filter_by(cpr_index=act.vault.cpr_index(cpr)))

"""Closing a citizen's case and opening it again, each with a reason.

Closing stops what is planned, tells the citizen, and settles her thread. What she writes afterwards waits in triage:
nobody may be waiting for it in a thread that nobody reads. The meetings themselves are the booking system's.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from messaging.appointments.models import Appointment
from messaging.appointments.planning import withdraw_reminders
from messaging.appointments.states import OPEN
from messaging.conversations import settling, templates
from messaging.conversations.models import Author, Kind
from messaging.conversations.office import Office
from messaging.conversations.rendering import CONTENT_FREE, render
from messaging.conversations.sending import AFTER_STOP, NotReachable, Withheld, cancel_waiting, send_message
from messaging.conversations.threads import lock_thread
from messaging.database.base import new_id
from messaging.errors import Conflict, InvalidInput
from messaging.journal.events import EventType
from messaging.people import registering
from messaging.people.acting import Act, Facts
from messaging.people.card_models import CaseClosing
from messaging.people.models import Citizen
from messaging.people.preferences import language_of
from messaging.people.queries import describe
from messaging.people.reaching import reach
from messaging.people.visibility import find_citizen
from messaging.trial.capabilities import Sort
from messaging.trial.withholding import note_withheld
from messaging.vault.sealed import Sealed

TEXT = "closed"
"""The text that tells the citizen."""
CASE_CLOSED = "case_closed"
"""Why what was planned does not leave."""
SHORTEST, LONGEST = 5, 500


class AlreadyClosed(Conflict):
    """Somebody closed the case before."""

    code = "already_closed"


class NotClosed(Conflict):
    """The case is open."""

    code = "not_closed"


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What closing did. `unreachable`: why the citizen could not be told by SMS; somebody should ring."""

    called_back: int
    unreachable: str | None


def close_case(act: Act, *, citizen_id: uuid.UUID, reason: str, office: Office) -> Closed:
    """Close a citizen's case. Raises NotFound, InvalidInput without a reason, AlreadyClosed."""
    citizen = find_citizen(act.session, act.actor, citizen_id)
    _check_reason(reason)
    lock_thread(act.session, citizen.id)
    if present_closing(act, citizen.id) is not None:
        raise AlreadyClosed("the case is closed already")
    _withdraw_reminders(act, citizen.id)
    called_back = cancel_waiting(act, citizen_id=citizen.id, reason=CASE_CLOSED, spare=AFTER_STOP)
    unreachable = _tell(act, citizen, office=office)
    row = CaseClosing(id=new_id(), citizen_id=citizen.id, closed_at=act.now, closed_by=act.actor.id)
    row.closing_reason = _sealed(act, row, "closing_reason", reason)
    act.session.add(row)
    act.session.flush()
    registering.move_routes(act, citizen_id=citizen.id)
    settling.settle(act, citizen_id=citizen.id)
    facts: Facts = {"by": str(act.actor.id), "reason": reason, "called_back": called_back, "told": unreachable is None}
    act.journal(EventType.CASE_CLOSED, stream=citizen.id, subject=row.id, facts=facts)
    act.audit(EventType.CASE_CLOSED, object_kind="citizen", object_id=citizen.id, facts={"called_back": called_back})
    act.announce("conversation.settled", object_id=citizen.id)
    return Closed(called_back=called_back, unreachable=unreachable)


def reopen_case(act: Act, *, citizen_id: uuid.UUID, reason: str) -> None:
    """Open a closed case again; nothing that was stopped starts by itself. Raises NotFound, InvalidInput, NotClosed."""
    citizen = find_citizen(act.session, act.actor, citizen_id)
    _check_reason(reason)
    lock_thread(act.session, citizen.id)
    row = present_closing(act, citizen.id)
    if row is None:
        raise NotClosed("the case is open")
    row.reopened_at, row.reopened_by = act.now, act.actor.id
    row.reopening_reason = _sealed(act, row, "reopening_reason", reason)
    act.session.flush()
    registering.move_routes(act, citizen_id=citizen.id)
    facts: Facts = {"by": str(act.actor.id), "reason": reason}
    act.journal(EventType.CASE_REOPENED, stream=citizen.id, subject=row.id, facts=facts)
    act.audit(EventType.CASE_REOPENED, object_kind="citizen", object_id=citizen.id)
    act.announce("conversation.settled", object_id=citizen.id)


def present_closing(act: Act, citizen_id: uuid.UUID) -> CaseClosing | None:
    """Return the row that says that the case is closed now, with nobody else changing it."""
    chosen = sa.select(CaseClosing).filter_by(citizen_id=citizen_id, reopened_at=None)
    return act.session.scalar(chosen.with_for_update().execution_options(populate_existing=True))


def _check_reason(reason: str) -> None:
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InvalidInput(f"a reason has {SHORTEST} to {LONGEST} characters", field="reason")


def _withdraw_reminders(act: Act, citizen_id: uuid.UUID) -> None:
    coming = sa.select(Appointment).where(
        Appointment.citizen_id == citizen_id, Appointment.state.in_(OPEN), Appointment.starts_at > act.now
    )
    meetings = act.session.scalars(coming.order_by(Appointment.id).with_for_update()).all()
    withdraw_reminders(act, appointments=meetings, reason=CASE_CLOSED)


def _tell(act: Act, citizen: Citizen, *, office: Office) -> str | None:
    """Write to the citizen that we stop writing; return why that could not be done, if so."""
    person = reach(act.session, citizen.id)
    chosen = templates.in_language(
        act.session,
        TEXT,
        variant=CONTENT_FREE if person.shared else "",
        language=language_of(act.session, citizen.id),
        at=act.now,
    )
    first_name = describe(act.session, act.vault, [citizen])[0].first_name
    variables = {**office.variables, "first_name": first_name}
    try:
        send_message(
            act,
            citizen_id=citizen.id,
            text=render(chosen.template.text, variables),
            kind=Kind.NOTICE,
            author=Author.SYSTEM,
            template=templates.name_of(chosen.template),
            content_free=person.shared,
            original=render(chosen.original.text, variables) if chosen.original else None,
            person=person,
            sort=Sort.CLOSING,
        )
    except Withheld as error:
        note_withheld(act, error.refusal)
        return error.reason
    except NotReachable as error:
        return error.reason
    return None


def _sealed(act: Act, row: CaseClosing, column: str, reason: str) -> Sealed:
    return act.seal(reason, owner=row.citizen_id, table="case_closings", column=column, row=row.id)

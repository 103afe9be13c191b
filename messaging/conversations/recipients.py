"""What the variables of an approved text become for each of some citizens."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.conversations.by_hand import MeetingsOf, Recipient
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.people.identity import is_under_age
from messaging.people.models import Caseworker, Citizen
from messaging.people.preferences import languages_of
from messaging.people.reaching import reach_many
from messaging.runtime import Runtime
from messaging.vault.place import Place


def recipients_of(
    runtime: Runtime,
    session: Session,
    citizen_ids: Sequence[uuid.UUID],
    *,
    writer_id: uuid.UUID | None,
    meetings_of: MeetingsOf | None,
    at: datetime,
) -> Mapping[uuid.UUID, Recipient]:
    """Return each citizen as texts see her, signed by the writer, for a text that is read at a moment."""
    runtime.vault.warm(citizen_ids)
    office = Office.from_config(settings_now(runtime))
    writer = session.get(Caseworker, writer_id) if writer_id else None
    signed = {**office.variables, "caseworker": writer.first_name if writer else ""}
    meetings = meetings_of(runtime, session, citizen_ids, at) if meetings_of else {}
    reaches = reach_many(session, list(citizen_ids))
    languages = languages_of(session, citizen_ids)
    citizens = session.scalars(sa.select(Citizen).where(Citizen.id.in_(citizen_ids)))
    return {
        citizen.id: Recipient(
            variables={**signed, "first_name": _first_name(runtime, citizen)},
            meetings=meetings.get(citizen.id, {}),
            language=languages[citizen.id],
            under_age=_is_under_age(runtime, citizen, at),
            shared=reaches[citizen.id].shared,
        )
        for citizen in citizens
    }


def _first_name(runtime: Runtime, citizen: Citizen) -> str:
    return runtime.vault.open(citizen.first_name, owner=citizen.id, place=Place("citizens", "first_name", citizen.id))


def _is_under_age(runtime: Runtime, citizen: Citizen, at: datetime) -> bool:
    cpr = runtime.vault.open(citizen.cpr, owner=citizen.id, place=Place("citizens", "cpr", citizen.id))
    return is_under_age(cpr, today=at.astimezone(COPENHAGEN).date())

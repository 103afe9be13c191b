"""Who gets an approved text, in which words, and who is left out and why: shown before anything is sent."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from messaging.conversations import sending, sending_in_app
from messaging.conversations.by_hand import Filled, MeetingsOf, Shelf
from messaging.conversations.models import Kind
from messaging.conversations.recipients import recipients_of
from messaging.conversations.rendering import UnusableText
from messaging.conversations.segments import measure
from messaging.conversations.templates import NoValidTemplate
from messaging.people.reaching import Reach, reach_many
from messaging.runtime import Runtime
from messaging.trial.capabilities import Sort, Way, way_of_itself

EMPTY_VARIABLE = "empty:"
NO_TEXT = "no_text"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One citizen: her words, or the code of why she is left out (`empty:day` names the variable that is missing)."""

    citizen_id: uuid.UUID
    filled: Filled | None = field(default=None, repr=False)
    reason: str | None = None
    in_app: bool = False

    @property
    def segments(self) -> int:
        """How many SMS hers are."""
        return measure(self.filled.text).count if self.filled and not self.in_app else 0


def plan(
    runtime: Runtime,
    session: Session,
    *,
    key: str,
    citizen_ids: Sequence[uuid.UUID],
    writer_id: uuid.UUID | None,
    meetings_of: MeetingsOf | None,
) -> tuple[Line, ...]:
    """Return a line for each citizen, in order. The arms of the trial say who gets it by SMS, in the app, or not."""
    now = runtime.clock.now()
    shelf = Shelf(session, at=now)
    reaches: Mapping[uuid.UUID, Reach] = reach_many(session, list(citizen_ids))
    people = recipients_of(runtime, session, citizen_ids, writer_id=writer_id, meetings_of=meetings_of, at=now)

    def line(citizen_id: uuid.UUID) -> Line:
        person = reaches[citizen_id]
        if reason := sending_in_app.why_no_way(person, Kind.TEXT, Sort.BATCH):
            return Line(citizen_id=citizen_id, reason=reason)
        try:
            filled = shelf.fill(key, people[citizen_id])
        except UnusableText as error:
            return Line(citizen_id=citizen_id, reason=f"{EMPTY_VARIABLE}{error.field}")
        except NoValidTemplate:
            return Line(citizen_id=citizen_id, reason=NO_TEXT)
        if way_of_itself(person.arm, Sort.BATCH) is Way.APP:
            return Line(citizen_id=citizen_id, filled=filled, in_app=True)
        held = sending.why_held(filled.text, person=person, content_free=filled.content_free)
        return Line(citizen_id=citizen_id, reason=held) if held else Line(citizen_id=citizen_id, filled=filled)

    return tuple(line(citizen_id) for citizen_id in citizen_ids)

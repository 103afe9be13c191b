"""The closed list of what is journaled: each type of event, what it means and which facts it carries.

The case system keeps these for years: a type or fact is added, never renamed. docs/journal.md shows the same list to
whoever builds the receiving side.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass


class EventType(enum.StrEnum):
    """What happened, in the past tense, after the thing it happened to."""

    CITIZEN_REGISTERED = "citizen.registered"
    CITIZEN_ASSIGNED = "citizen.assigned"
    CITIZEN_PREFERENCES = "citizen.preferences"
    CASE_CLOSED = "case.closed"
    CASE_REOPENED = "case.reopened"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_ASSIGNED = "message.assigned"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_HELD = "message.held"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_SENT_TO_PROVIDER = "message.sent_to_provider"
    MESSAGE_PLACED = "message.placed"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_EXPIRED = "message.expired"
    MESSAGE_CANCELLED = "message.cancelled"
    MESSAGE_UNCLEAR = "message.unclear"
    MESSAGE_WITHHELD = "message.withheld"
    MESSAGE_LET_THROUGH = "message.let_through"
    ATTEMPT_FAILED = "attempt.failed"
    REPLY_UNDERSTOOD = "reply.understood"
    REPLY_CORRECTED = "reply.corrected"
    APPOINTMENT_IMPORTED = "appointment.imported"
    APPOINTMENT_CHANGED = "appointment.changed"
    APPOINTMENT_CONFIRMED = "appointment.confirmed"
    APPOINTMENT_NEW_TIME_ASKED = "appointment.new_time_asked"
    APPOINTMENT_TIME_WISHED = "appointment.time_wished"
    APPOINTMENT_STAND_IN = "appointment.stand_in"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    REMINDER_SENT = "reminder.sent"
    REMINDER_SKIPPED = "reminder.skipped"
    OUTCOME_RECORDED = "outcome.recorded"
    OUTCOME_CORRECTED = "outcome.corrected"
    OPT_OUT_SET = "opt_out.set"
    OPT_OUT_LIFTED = "opt_out.lifted"
    DOCUMENT_ASKED = "document.asked"
    DOCUMENT_ASK_WITHDRAWN = "document.ask_withdrawn"
    DOCUMENT_KEPT = "document.kept"
    DOCUMENT_REFUSED = "document.refused"
    NOTE_WRITTEN = "note.written"
    THREAT_MARKED = "threat.marked"
    THREAT_TAKEN_BACK = "threat.taken_back"
    NUMBER_CHANGED = "number.changed"
    NUMBER_ENDED = "number.ended"
    NUMBER_VERIFIED = "number.verified"
    NUMBER_PAUSED = "number.paused"
    NUMBER_RELEASED = "number.released"
    APP_DEVICE_ADDED = "app.device_added"
    APP_DEVICE_ENDED = "app.device_ended"
    HELPER_ADDED = "helper.added"
    HELPER_LET_IN = "helper.let_in"
    HELPER_ENDED = "helper.ended"
    WRONG_PERSON = "app.wrong_person"


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a type says in one sentence, what its `subject` is, and which facts may stand in it."""

    says: str
    subject: str
    facts: frozenset[str]


def _means(says: str, *, subject: str = "message", facts: str = "") -> Meaning:
    return Meaning(says=says, subject=subject, facts=frozenset(facts.split()))


CONTENT = "direction channel kind author author_id text template content_class"
PAPER = "direction origin author_id name asked"
PROGRESS = "channel attempt segments provider_message_id provider_status error_code reason resolved_by"
MEETING = "external_id source starts_at minutes meeting_type form place caseworker state revision"

MEANINGS: dict[EventType, Meaning] = {
    EventType.CITIZEN_REGISTERED: _means(
        "A citizen became known to us; the one event that says whose stream this is.",
        subject="citizen",
        facts="cpr first_name last_name",
    ),
    EventType.CITIZEN_ASSIGNED: _means(
        "Another caseworker looks after the citizen from now on; meetings that go with her are events of their own.",
        subject="citizen",
        facts="from to by note",
    ),
    EventType.CITIZEN_PREFERENCES: _means(
        "How the citizen is best met from now on: medium, language, the language of an interpreter; no number at all.",
        subject="citizen",
        facts="medium language interpreter has_number",
    ),
    EventType.CASE_CLOSED: _means(
        "The case was closed: what was planned is stopped, and what the citizen writes waits for a human to sort.",
        subject="case closing",
        facts="by reason called_back told",
    ),
    EventType.CASE_REOPENED: _means("The case is open again.", subject="case closing", facts="by reason"),
    EventType.MESSAGE_RECEIVED: _means(
        "A message came in from a citizen; in the triage stream: from a number that is nobody's, or several persons'.",
        facts=f"{CONTENT} provider_time late media danger document",
    ),
    EventType.MESSAGE_ASSIGNED: _means(
        "A message from triage was found to be this citizen's, by a human; carries its content again.",
        facts=f"{CONTENT} provider_time received_at assigned_by",
    ),
    EventType.MESSAGE_QUEUED: _means(
        "A message to the citizen was written and waits to be sent.", facts=f"{CONTENT} original due_at"
    ),
    EventType.MESSAGE_HELD: _means(
        "A message to the citizen was written, and something in it keeps it from leaving until a human decides.",
        facts=f"{CONTENT} original reason",
    ),
    EventType.MESSAGE_EDITED: _means(
        "A message that had not left yet was changed; this is what is sent, in place of what was journaled before.",
        facts="text template due_at edited_by",
    ),
    EventType.MESSAGE_SENT_TO_PROVIDER: _means("The provider took responsibility for the message.", facts=PROGRESS),
    EventType.MESSAGE_PLACED: _means("It lies in the citizen's app, where she may read it.", facts="channel"),
    EventType.MESSAGE_DELIVERED: _means("It reached the citizen's phone.", facts=PROGRESS),
    EventType.MESSAGE_READ: _means(
        "It was opened, or shown in her app: no proof that she has read it.", facts=PROGRESS
    ),
    EventType.MESSAGE_FAILED: _means("It will not reach the citizen.", facts=PROGRESS),
    EventType.MESSAGE_EXPIRED: _means("It was of no use any more before it could be sent.", facts="reason"),
    EventType.MESSAGE_CANCELLED: _means("It was called back before it was sent.", facts="reason cancelled_by"),
    EventType.MESSAGE_UNCLEAR: _means(
        "It may or may not have left; it is looked for and not sent again meanwhile.", facts=PROGRESS
    ),
    EventType.MESSAGE_WITHHELD: _means(
        "The citizen's arm of the trial kept something from her that would have been sent; its words are kept nowhere.",
        subject="arm decision",
        facts="sort arm channel message by",
    ),
    EventType.MESSAGE_LET_THROUGH: _means(
        "A caseworker sent a message in spite of the citizen's arm of the trial, and said why.",
        subject="arm decision",
        facts="sort arm channel message by reason",
    ),
    EventType.ATTEMPT_FAILED: _means(
        "One try certainly did not leave; another follows.",
        facts=PROGRESS,
    ),
    EventType.REPLY_UNDERSTOOD: _means(
        "A rule read the citizen's answer to a reminder, or left it to a human.",
        facts="label rule whole_text action appointment",
    ),
    EventType.REPLY_CORRECTED: _means(
        "A caseworker said that the answer means something else; `state` is the meeting's if it changed with that. "
        "Of an answer to a text about several meetings there is one for each.",
        facts="label rule by appointment state",
    ),
    EventType.APPOINTMENT_IMPORTED: _means("A meeting was booked.", subject="appointment", facts=MEETING),
    EventType.APPOINTMENT_CHANGED: _means(
        "Something about the meeting changed; the facts are those after the change.",
        subject="appointment",
        facts=MEETING,
    ),
    EventType.APPOINTMENT_CONFIRMED: _means(
        "The citizen said that she comes.", subject="appointment", facts="message note state"
    ),
    EventType.APPOINTMENT_NEW_TIME_ASKED: _means(
        "The citizen asked for another time; the meeting stands until it is moved.",
        subject="appointment",
        facts="message note state",
    ),
    EventType.APPOINTMENT_TIME_WISHED: _means(
        "Of the free times that were offered the citizen wishes for this one; the meeting stands until it is moved.",
        subject="appointment",
        facts="message starts_at source free_time",
    ),
    EventType.APPOINTMENT_STAND_IN: _means(
        "Somebody else holds the meeting, which stands, because its caseworker is away.",
        subject="appointment",
        facts="stand_in caseworker revision",
    ),
    EventType.APPOINTMENT_CANCELLED: _means(
        "The meeting will not be held.", subject="appointment", facts="cancelled_by reason state"
    ),
    EventType.REMINDER_SENT: _means(
        "A reminder was written and handed over for sending; `personal_line` says whether a caseworker added a line.",
        subject="reminder",
        facts="appointment revision step message personal_line",
    ),
    EventType.REMINDER_SKIPPED: _means(
        "A reminder was not sent, for the reason given.", subject="reminder", facts="appointment revision step reason"
    ),
    EventType.OUTCOME_RECORDED: _means(
        "What became of the meeting.", subject="appointment", facts="outcome outcome_id recorded_by reason"
    ),
    EventType.OUTCOME_CORRECTED: _means(
        "What was recorded before was wrong; the earlier event stands beside this one.",
        subject="appointment",
        facts="outcome outcome_id corrects recorded_by reason",
    ),
    EventType.OPT_OUT_SET: _means(
        "The citizen wants nothing by this medium.", subject="opt-out", facts="medium message"
    ),
    EventType.OPT_OUT_LIFTED: _means(
        "The citizen wants messages by this medium again.", subject="opt-out", facts="medium message"
    ),
    EventType.DOCUMENT_ASKED: _means(
        "The citizen was asked for a document, in these words.", subject="asked document", facts="asked asked_by"
    ),
    EventType.DOCUMENT_ASK_WITHDRAWN: _means(
        "The document is not asked for any more.", subject="asked document", facts="asked withdrawn_by"
    ),
    EventType.DOCUMENT_KEPT: _means(
        "A document was inspected and is kept; its content is fetched over the API by its id.",
        subject="document",
        facts=f"{PAPER} type size digest",
    ),
    EventType.DOCUMENT_REFUSED: _means(
        "A document did not pass the inspection; its content is gone.",
        subject="document",
        facts=f"{PAPER} type size reason",
    ),
    EventType.NOTE_WRITTEN: _means(
        "Staff noted something on the citizen: internally, or of a call, a visit or a talk at the desk.",
        subject="note",
        facts="kind reached text author_id occurred_at",
    ),
    EventType.THREAT_MARKED: _means(
        "Staff marked what the citizen wrote as a threat, with what happened in their words.",
        facts="threat text occurred_at marked_by",
    ),
    EventType.THREAT_TAKEN_BACK: _means(
        "A message marked as a threat was none after all.", facts="threat reason taken_back_by"
    ),
    EventType.NUMBER_CHANGED: _means(
        "Another number is used for the citizen from now on.", subject="contact point", facts="standing source"
    ),
    EventType.NUMBER_ENDED: _means(
        "A number is not used for the citizen any more.", subject="contact point", facts="was"
    ),
    EventType.NUMBER_VERIFIED: _means(
        "Somebody called the number and saw the citizen's phone ring.", subject="contact point", facts="verified_by"
    ),
    EventType.NUMBER_PAUSED: _means(
        "Nothing is sent to a number until a human has looked.", subject="number", facts="reason message"
    ),
    EventType.NUMBER_RELEASED: _means("A human found the number in order.", subject="number", facts="released_by"),
    EventType.APP_DEVICE_ADDED: _means(
        "A phone of the citizen's may read and write in the app; `by` saw who she is, `seen_as` says how.",
        subject="device",
        facts="seen_as by",
    ),
    EventType.APP_DEVICE_ENDED: _means(
        "A phone may not any more: ended by her, as lost, by staff or by the service.", subject="device", facts="by why"
    ),
    EventType.HELPER_ADDED: _means(
        "Somebody may read along in the citizen's thread from now on; `words` say what the mandate or consent is.",
        subject="helper",
        facts="kind name basis words sees_login_only until by",
    ),
    EventType.HELPER_LET_IN: _means(
        "A phone of who reads along was let in; `by` saw who that is, `seen_as` says how.",
        subject="helper",
        facts="seen_as by",
    ),
    EventType.HELPER_ENDED: _means(
        "Somebody may not read along any more, before it would have ended by itself.", subject="helper", facts="by"
    ),
    EventType.WRONG_PERSON: _means(
        "Somebody who was in the citizen's app said that she is not the citizen; that access was closed at once.",
        subject="report",
        facts="channel opened",
    ),
}


def check(type_: str, *, facts: Collection[str]) -> EventType:
    """Return the type. Raises ValueError, naming what is not in the list: the list is the contract."""
    known = EventType(type_)
    strange = set(facts) - MEANINGS[known].facts
    if strange:
        raise ValueError(f"{type_} carries no fact called {', '.join(sorted(strange))}")
    return known

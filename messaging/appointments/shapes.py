"""Shapes of appointments in the API."""

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma

from messaging.appointments import external_ids
from messaging.appointments.models import Form
from messaging.appointments.states import Action, AppointmentState, OutcomeWord, ReminderState
from messaging.conversations.states import MessageState
from messaging.web.shapes import Moment, PageQuery, Shape, Text


def _each_once(values: Sequence[object]) -> None:
    if len(set(values)) < len(values):
        raise ma.ValidationError("Each may be named only once.")


class ReminderShape(Shape):
    """One step of the reminder plan, and what was done about it."""

    step = ma.fields.String(required=True)
    revision = ma.fields.Integer(required=True)
    due_at = Moment(required=True)
    state = ma.fields.Enum(ReminderState, by_value=True, required=True)
    reason = ma.fields.String(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    message_id = ma.fields.UUID(required=True, allow_none=True)


class OutcomeShape(Shape):
    """What became of a meeting. A correction stands beside the outcome it corrects."""

    id = ma.fields.UUID(required=True, dump_only=True)
    outcome = ma.fields.Enum(OutcomeWord, by_value=True, required=True)
    reason = Text(allow_none=True, validate=ma.validate.Length(max=1000))
    recorded_by = ma.fields.String(required=True, dump_only=True)
    recorded_at = Moment(required=True, dump_only=True)
    corrects_id = ma.fields.UUID(required=True, dump_only=True, allow_none=True)


class CorrectionShape(Shape):
    """What became of a meeting after all, and why it was recorded otherwise."""

    outcome = ma.fields.Enum(OutcomeWord, by_value=True, required=True)
    reason = Text(required=True, validate=ma.validate.Length(min=1, max=1000))


class ReasonShape(Shape):
    """Why something is done."""

    reason = Text(required=True, validate=ma.validate.Length(min=1, max=1000))


class MeetingShape(Shape):
    """What is agreed about a meeting. `caseworker` are her initials, `place` the name of an approved place.

    `reminded_by_…`: whether others remind of it, or have done so; null where nobody can tell, which is no no.
    """

    caseworker = Text(required=True, validate=ma.validate.Length(min=1, max=40))
    starts_at = Moment(required=True)
    minutes = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(min=1, max=24 * 60))
    meeting_type = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    form = ma.fields.Enum(Form, by_value=True, required=True)
    place = Text(load_default=None, allow_none=True, validate=ma.validate.Length(max=200))
    self_booked = ma.fields.Boolean(load_default=False)
    reminded_by_huskeservice = ma.fields.Boolean(load_default=None, allow_none=True)
    reminded_by_nemsms = ma.fields.Boolean(load_default=None, allow_none=True)
    reminded_by_booking_system = ma.fields.Boolean(load_default=None, allow_none=True)


CHANGEABLE = (*MeetingShape().fields, "note", "state")
"""What of a meeting may change when its source tells of it."""


class AppointmentShape(MeetingShape):
    """A meeting with its reminders and outcomes, oldest first."""

    id = ma.fields.UUID(required=True, dump_only=True)
    source = ma.fields.String(required=True, dump_only=True)
    external_id = Text(required=True, validate=ma.validate.Length(min=1, max=external_ids.LONGEST))
    citizen_id = ma.fields.UUID(required=True)
    state = ma.fields.Enum(AppointmentState, by_value=True, required=True, dump_only=True)
    state_since = Moment(required=True, dump_only=True)
    revision = ma.fields.Integer(required=True, dump_only=True)
    reminders = ma.fields.List(ma.fields.Nested(ReminderShape), required=True, dump_only=True)
    outcomes = ma.fields.List(ma.fields.Nested(OutcomeShape), required=True, dump_only=True)


class CancelledShape(Shape):
    """A meeting we cancelled, and the notice of it. Without one, `unreachable` says why: somebody must ring."""

    appointment = ma.fields.Nested(AppointmentShape, required=True)
    notice_id = ma.fields.UUID(required=True, allow_none=True)
    unreachable = ma.fields.String(required=True, allow_none=True)


class ToldAppointmentShape(MeetingShape):
    """A meeting as its source has it; what is left out is as in a new one. The note is for staff and never leaves."""

    citizen_id = ma.fields.UUID(required=True)
    note = Text(load_default="", validate=ma.validate.Length(max=4000))


class NewAppointmentShape(ToldAppointmentShape):
    """A meeting to be booked. `external_id` is the caller's own; the note is for staff and never leaves."""

    external_id = Text(required=True, validate=ma.validate.Length(min=1, max=external_ids.LONGEST))


class FollowedShape(Shape):
    """A meeting that stands as its source says. `changed` names what did not until now: nothing of one just booked."""

    appointment = ma.fields.Nested(AppointmentShape, required=True)
    changed = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(CHANGEABLE)), required=True)


class NewGroupShape(MeetingShape):
    """One meeting of several citizens. Each one's appointment is called `external_id/citizen_id`."""

    external_id = Text(required=True, validate=ma.validate.Length(min=1, max=external_ids.LONGEST_OF_GROUP))
    citizen_ids = ma.fields.List(
        ma.fields.UUID(), required=True, validate=[ma.validate.Length(min=2, max=50), _each_once]
    )
    note = Text(load_default="", validate=ma.validate.Length(max=4000))


class GroupShape(Shape):
    """The appointments of one meeting, in the order in which its citizens were named."""

    items = ma.fields.List(ma.fields.Nested(AppointmentShape), required=True)


class FreeTimeShape(Shape):
    """A time that is free: of a `caseworker` (her initials), or of anybody in a `unit` (its name)."""

    external_id = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    caseworker = Text(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=40))
    unit = Text(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=100))
    meeting_type = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    form = ma.fields.Enum(Form, by_value=True, required=True)
    starts_at = Moment(required=True)
    minutes = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(min=1, max=24 * 60))
    until = Moment(required=True)

    @ma.validates_schema
    def _is_of_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if (data["caseworker"] is None) == (data["unit"] is None):
            raise ma.ValidationError("Either caseworker or unit.", "caseworker")


class FreeTimesShape(Shape):
    """All the times of a source that are free."""

    items = ma.fields.List(ma.fields.Nested(FreeTimeShape), required=True, validate=ma.validate.Length(max=2000))


class CountShape(Shape):
    """How many were taken in."""

    count = ma.fields.Integer(required=True)


class WishShape(Shape):
    """That a citizen wishes to have a meeting at a free time instead. Nothing has been moved."""

    appointment_id = ma.fields.UUID(required=True)
    external_id = ma.fields.String(required=True)
    free_time = ma.fields.String(required=True)
    starts_at = Moment(required=True)
    minutes = ma.fields.Integer(required=True)
    wished_at = Moment(required=True)


class WishesShape(Shape):
    """The wishes for times of a source, the oldest first."""

    items = ma.fields.List(ma.fields.Nested(WishShape), required=True)


class LoggedReminderShape(ReminderShape):
    """One step with what became of its message, and in which words it was sent."""

    message_state = ma.fields.Enum(MessageState, by_value=True, required=True, allow_none=True)
    template = ma.fields.String(required=True, allow_none=True)
    text = ma.fields.String(required=True, allow_none=True)


class AnswerShape(Shape):
    """What the citizen answered, as it was understood, by which rule, and what was done."""

    message_id = ma.fields.UUID(required=True)
    received_at = Moment(required=True)
    label = ma.fields.String(required=True)
    rule = ma.fields.String(required=True, allow_none=True)
    action = ma.fields.Enum(Action, by_value=True, required=True)
    text = ma.fields.String(required=True, allow_none=True)


class LoggedOutcomeShape(Shape):
    """What somebody said became of the meeting."""

    id = ma.fields.UUID(required=True)
    outcome = ma.fields.Enum(OutcomeWord, by_value=True, required=True)
    recorded_by = ma.fields.String(required=True)
    recorded_at = Moment(required=True)
    corrects_id = ma.fields.UUID(required=True, allow_none=True)


class LoggedAppointmentShape(Shape):
    """A meeting with all that belongs to it, in the order in which it happened."""

    id = ma.fields.UUID(required=True)
    source = ma.fields.String(required=True)
    external_id = ma.fields.String(required=True)
    citizen_id = ma.fields.UUID(required=True)
    caseworker = ma.fields.String(required=True)
    starts_at = Moment(required=True)
    form = ma.fields.Enum(Form, by_value=True, required=True)
    state = ma.fields.Enum(AppointmentState, by_value=True, required=True)
    revision = ma.fields.Integer(required=True)
    booked_at = Moment(required=True)
    reminded_by_huskeservice = ma.fields.Boolean(required=True, allow_none=True)
    reminded_by_nemsms = ma.fields.Boolean(required=True, allow_none=True)
    reminded_by_booking_system = ma.fields.Boolean(required=True, allow_none=True)
    reminders = ma.fields.List(ma.fields.Nested(LoggedReminderShape), required=True)
    answers = ma.fields.List(ma.fields.Nested(AnswerShape), required=True)
    outcomes = ma.fields.List(ma.fields.Nested(LoggedOutcomeShape), required=True)


class TimeQuery(PageQuery):
    """Which meetings: those that begin from a moment on, and before a moment."""

    since = Moment()
    until = Moment()


class AppointmentQuery(TimeQuery):
    """As by time, and of one citizen."""

    citizen_id = ma.fields.UUID()


class LogQuery(TimeQuery):
    """As by time; `words` opens what was sent and answered, and needs the scope `messages:read` as well."""

    words = ma.fields.Boolean(load_default=False)

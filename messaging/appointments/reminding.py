"""Sending the reminders that are due: each looked at again, written in its approved words, and handed to the senders.

What has changed since the plan was made is asked again here. Nothing leaves in closed hours: what comes due then waits
for the next open moment if that is still of use. What is written and has not left by then is written anew
(`keeping_back`).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from messaging.appointments.combining import COMBINED, Beside, Besides
from messaging.appointments.composing import Composer
from messaging.appointments.deciding import Decisions, Spoken
from messaging.appointments.due import Coming, Due, claim_due, planned_of
from messaging.appointments.limits import ENOUGH_TODAY, Tally
from messaging.appointments.models import Appointment, PersonalLine, Reminder
from messaging.appointments.openings import Openings
from messaging.appointments.outcomes import CANCELLED
from messaging.appointments.personalising import lines_of, open_line
from messaging.appointments.plan_texts import NO_TEXT, UNWRITABLE, WITHOUT_TEXT
from messaging.appointments.planning import ReminderRules
from messaging.appointments.plans import Plans
from messaging.appointments.readers import Words, with_line
from messaging.appointments.reminder_ways import goes_in_app, refusal_by_arm, why_no_way
from messaging.appointments.states import MOVED, OPEN
from messaging.appointments.timing import APART, SkipReason, apart, is_nearer, why_not
from messaging.appointments.writing_ahead import last_of, usual_text, words_of
from messaging.appointments.yielding import Rivals, still_today
from messaging.conversations.channel_choice import Means, MeansOf, means_unknown
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Author, Kind
from messaging.conversations.office import Office
from messaging.conversations.rendering import EmptyVariable
from messaging.conversations.sending import draft_message
from messaging.conversations.sending_in_app import send_in_app
from messaging.conversations.sending_many import Drafted
from messaging.conversations.templates import NoValidTemplate
from messaging.people.acting import Act
from messaging.people.reaching import Reach, reach_many
from messaging.vault.errors import CannotOpen, UnknownOwner
from messaging.work.lanes import Lane

BATCH = 100
LATE = timedelta(hours=1)
"""A reminder sent longer than this after it was due may have come near the next one."""
TOGETHER = "together"
"""What a reminder says that was sent in the words of another."""

log = structlog.get_logger()


def send_due_reminders(
    act: Act, *, rules: ReminderRules, office: Office, limit: int = BATCH, means_of: MeansOf = means_unknown
) -> int:
    """Decide on up to `limit` reminders that are due; return how many, 0 if none are left.

    `means_of` tells what citizens have beside a number. In closed hours reminders wait for the next open moment, if
    that is still of use.
    """
    due = claim_due(act, limit=limit)
    if due:
        turn = _Turn.begin(act, due, rules=rules, office=office, means_of=means_of)
        for reminder, appointment in due:
            turn.decide(reminder, appointment)
        turn.decisions.write()
    return len(due)


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """One batch of due reminders, with all that is read for the whole of it."""

    act: Act
    rules: ReminderRules
    openings: Openings
    """When each may leave, by the hours of its plan."""
    people: Mapping[uuid.UUID, Reach]
    means: Mapping[uuid.UUID, Means]
    composer: Composer
    decisions: Decisions
    plans: Plans
    besides: Besides
    tally: Tally
    """Of the meetings whose plans ask how many reminders went before; also those that may be told of beside another."""
    rivals: Rivals
    planned: Mapping[uuid.UUID, Sequence[Coming]]
    """What is still planned of each meeting when the turn begins."""
    lines: Mapping[uuid.UUID, PersonalLine]
    """What caseworkers have added, by reminder."""

    @classmethod
    def begin(cls, act: Act, due: Due, *, rules: ReminderRules, office: Office, means_of: MeansOf) -> "_Turn":
        appointments = [appointment for _, appointment in due]
        citizens = [appointment.citizen_id for appointment in appointments]
        plans = Plans(act.session, steps=rules.steps)
        openings = Openings(plans=plans, service=rules.hours, now=act.now)
        after = rules.hours.next_open(act.now) + rules.useful_until
        besides = Besides(act, due, plans=plans, openings=openings, after=after)
        rivals = Rivals(still_today(act, due, plans=plans), openings=openings)
        counted = [appointment for reminder, appointment in due if plans.of(reminder.plan_id).counts]
        return cls(
            act=act,
            rules=rules,
            openings=openings,
            people=reach_many(act.session, citizens),
            means=means_of(act.session, citizens),
            composer=Composer(act.session, act.vault, appointments, now=act.now, office=office),
            decisions=Decisions(act),
            plans=plans,
            besides=besides,
            tally=Tally(act, [*counted, *besides.counted, *rivals.meetings]),
            rivals=rivals,
            planned=planned_of(act, appointments),
            lines=lines_of(act.session, [reminder.id for reminder, _ in due]),
        )

    def decide(self, reminder: Reminder, appointment: Appointment) -> None:
        if reminder.id in self.decisions:
            return  # sent together with another of this turn
        if reason := self._why_not(reminder, appointment):
            self._skip(reminder, appointment, reason)
        elif (open_at := self.openings.next(reminder)) > self.act.now:
            self.decisions.put_off(reminder, until=open_at)
        else:
            self._send(reminder, appointment)

    def _why_not(self, reminder: Reminder, appointment: Appointment) -> str | None:
        """Return why this reminder is not to be sent any more, if anything speaks against it."""
        if appointment.state not in OPEN:
            return CANCELLED
        if reminder.revision != appointment.revision:
            return MOVED
        open_at = self.openings.next(reminder)
        if late := why_not(appointment.starts_at, at=open_at, useful_until=self.rules.useful_until):
            return late
        if self._is_followed_soon(reminder, appointment, open_at=open_at):
            return SkipReason.NEAR_ANOTHER
        if enough := self.tally.why_enough(appointment, plan=self.plans.of(reminder.plan_id)):
            return enough
        beside = self._beside(reminder, appointment)
        if self.rivals.leave_none(reminder, appointment, beside=beside, decided=self.decisions, tally=self.tally):
            return ENOUGH_TODAY
        return why_no_way(*self._reached(appointment), ways=self.plans.of(reminder.plan_id).ways)

    def _reached(self, appointment: Appointment) -> tuple[Reach, Means]:
        citizen_id = appointment.citizen_id
        return self.people[citizen_id], self.means.get(citizen_id, Means())

    def _is_followed_soon(self, reminder: Reminder, appointment: Appointment, *, open_at: datetime) -> bool:
        """Whether a step nearer the meeting comes within a day of this one, which is late: the plan held them apart."""
        if open_at - reminder.due_at <= LATE:
            return False
        plan = self.plans.of(reminder.plan_id)
        mine = plan.step(reminder.step)
        others = ((plan.step(other.step), other) for other in self.planned[reminder.appointment_id])
        return any(
            other.revision == reminder.revision
            and step is not None
            and other.due_at - open_at < APART
            and (mine is None or is_nearer(step, mine, appointment.starts_at))
            and (mine is None or other.due_at - open_at < apart(mine, step, appointment.starts_at))
            for step, other in others
        )

    def _beside(self, reminder: Reminder, appointment: Appointment) -> Beside | None:
        """Return the reminder that goes in the same text, if any does."""
        beside = self.besides.find(reminder, appointment, decided=self.decisions, tally=self.tally)
        return beside if beside is not None and self.composer.has_text_for_two(COMBINED) else None

    def _send(self, reminder: Reminder, appointment: Appointment) -> None:
        try:
            self._write(reminder, appointment, beside=self._beside(reminder, appointment))
        except (EmptyVariable, CannotOpen, UnknownOwner) as error:
            # Only what this citizen's row causes: a fault of the texts keeps all reminders waiting until it is mended.
            log.warning("reminder.unwritable", reminder=str(reminder.id), code=error.code)
            self._skip(reminder, appointment, UNWRITABLE)
        except NoValidTemplate as error:
            log.warning("reminder.no_valid_text", reminder=str(reminder.id), text=self._text_of(reminder))
            self._skip(reminder, appointment, WITHOUT_TEXT.get(error.code, NO_TEXT))

    def _write(self, reminder: Reminder, appointment: Appointment, *, beside: Beside | None) -> None:
        person, means = self._reached(appointment)
        in_app = goes_in_app(person, means, ways=self.plans.of(reminder.plan_id).ways)
        words = self._compose(reminder, appointment, beside=beside, shared=person.shared and not in_app)
        begins = min(appointment.starts_at, beside.appointment.starts_at) if beside else appointment.starts_at
        expires_at = begins - self.rules.useful_until
        is_personal = reminder.id in self.lines and not person.shared
        spoken = [Spoken(reminder=reminder, appointment=appointment, is_personal=is_personal)]
        if beside is not None:
            spoken.append(Spoken(reminder=beside.reminder, appointment=beside.appointment, reason=TOGETHER))
        if in_app:
            self._put_in_app(words, spoken, expires_at=expires_at)
        else:
            self._put(words, spoken, person=person, expires_at=expires_at)
        self.tally.add([one.appointment for one in spoken])

    def _put(self, words: Words, spoken: Sequence[Spoken], *, person: Reach, expires_at: datetime) -> None:
        message = draft_message(
            self.act,
            citizen_id=spoken[0].appointment.citizen_id,
            text=words.text,
            leaving=words.text,
            kind=Kind.REMINDER,
            lane=Lane.BULK,
            author=Author.SYSTEM,
            template=words.template,
            content_free=words.content_free,
            expires_at=expires_at,
            person=person,
        )
        self.decisions.send(Drafted(message=message, text=words.text, original=words.original), spoken)

    def _put_in_app(self, words: Words, spoken: Sequence[Spoken], *, expires_at: datetime) -> None:
        with self.act.session.begin_nested():
            message = send_in_app(
                self.act,
                citizen_id=spoken[0].appointment.citizen_id,
                text=words.text,
                content_class=ContentClass.SMS_OK,
                kind=Kind.REMINDER,
                author=Author.SYSTEM,
                template=words.template,
                original=words.original,
                expires_at=expires_at,
            )
        self.decisions.note_sent(message.id, spoken)

    def _compose(self, reminder: Reminder, appointment: Appointment, *, beside: Beside | None, shared: bool) -> Words:
        if beside is not None:
            return self.composer.compose_two(COMBINED, appointment, beside.appointment, shared=shared)
        last = last_of(self.rules.steps)
        words = words_of(self.composer, reminder, appointment, last=last, shared=shared, at=self.act.now)
        if shared:  # a number may have come to be shared since the line was added
            return words
        owner = appointment.citizen_id
        return with_line(words, open_line(self.act.vault, self.lines, reminder_id=reminder.id, citizen_id=owner))

    def _text_of(self, reminder: Reminder) -> str:
        return reminder.wording or usual_text(reminder.step, last=last_of(self.rules.steps))

    def _skip(self, reminder: Reminder, appointment: Appointment, reason: str) -> None:
        refusal = refusal_by_arm(
            self.people[appointment.citizen_id],
            citizen_id=appointment.citizen_id,
            ways=self.plans.of(reminder.plan_id).ways,
            reason=reason,
        )
        self.decisions.skip(reminder, appointment, reason=reason, refusal=refusal)

"""Which texts a reminder may have, and which of those that plans name are not to be had any more, or not for long."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.models import Form, Reminder
from messaging.appointments.plan_models import ReminderPlan, ReminderPlanStep
from messaging.appointments.postcards import NotBySms, UnderAge
from messaging.clock import COPENHAGEN
from messaging.conversations.by_hand import BY_SMS
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Template
from messaging.conversations.rendering import CONTENT_FREE, variables_of
from messaging.conversations.template_rules import shipped_danish
from messaging.conversations.templates import DANISH, NoValidTemplate

SHIPPED = frozenset({"M1", "M1P", "M2", "M2K"})
"""The texts that came with the service as reminders; the others it sends for something else."""
NEEDED = frozenset({*Form, CONTENT_FREE})
"""The variants of a text that may be needed, whatever meeting it is drawn for."""
NO_TEXT = "no_valid_text"
"""Why a reminder is not sent whose text has expired, or was never approved for a meeting of this form."""
UNWRITABLE = "unwritable"
"""Why a reminder is not sent whose words cannot be put together: the citizen's name is empty or does not open."""
WITHOUT_TEXT = {NoValidTemplate.code: NO_TEXT, **{error.code: error.code for error in (NotBySms, UnderAge)}}
"""Why a reminder is not sent that has no text which may be sent, by the error that says so."""
SOON = timedelta(days=14)
LATELY = timedelta(days=7)


def reminder_texts(session: Session, *, day: date) -> list[str]:
    """Return the keys of the texts that may remind of any meeting on this day by SMS, and tell when it is."""
    return sorted(key for key, classes in _classes_of_reminders(session, day).items() if classes <= BY_SMS)


def kept_from_sms(session: Session, *, day: date) -> Mapping[str, ContentClass]:
    """Return the texts that would remind of any meeting on this day but may not leave by SMS, with their class."""
    kept = ((key, classes - BY_SMS) for key, classes in _classes_of_reminders(session, day).items())
    return {key: max(classes) for key, classes in kept if classes}


def texts_missing(session: Session, *, at: datetime) -> list[str]:
    """Return the texts of plans that hold, now or later, that cannot be sent now or in two weeks."""
    today = at.astimezone(COPENHAGEN).date()
    standing = sa.select(ReminderPlanStep.texts).join(ReminderPlan, ReminderPlan.id == ReminderPlanStep.plan_id)
    lasts = sa.or_(ReminderPlan.last_day.is_(None), ReminderPlan.last_day >= today)
    named = session.scalars(standing.where(ReminderPlan.signed_at.is_not(None), lasts))
    keys = {key for texts in named for key in texts.split()}
    if not keys:
        return []
    return sorted(keys - _sure(session, days=(today, today + SOON)))


def count_unsent(session: Session, *, at: datetime) -> int:
    """Count the reminders of the last days that were not sent because their text had no version that may be sent."""
    lately, because = Reminder.decided_at > at - LATELY, Reminder.reason.in_(WITHOUT_TEXT.values())
    return session.scalar(sa.select(sa.func.count()).where(because, lately)) or 0


def _classes_of_reminders(session: Session, day: date) -> Mapping[str, frozenset[ContentClass]]:
    """Return the classes that the variants of a text have on this day, if it has all that may be needed."""
    newest: dict[tuple[str, str], Template] = {}
    for text in session.scalars(sa.select(Template).where(Template.language == DANISH).order_by(Template.version)):
        if _is_valid(text, day):
            newest[text.key, text.variant] = text
    variants: dict[str, dict[str, ContentClass]] = defaultdict(dict)
    for text in newest.values():
        if _is_a_reminder(text):
            variants[text.key][text.variant] = ContentClass(text.content_class)
    return {key: frozenset(has.values()) for key, has in variants.items() if has.keys() >= NEEDED}


def _sure(session: Session, *, days: Collection[date]) -> set[str]:
    return set.intersection(*(set(reminder_texts(session, day=day)) for day in days))


def _is_valid(text: Template, day: date) -> bool:
    """Whether it is valid at the end of this day."""
    begins, ends = (of and of.astimezone(COPENHAGEN).date() for of in (text.valid_from, text.valid_to))
    return begins is not None and begins <= day and (ends is None or day < ends)


def _is_a_reminder(text: Template) -> bool:
    is_ours = text.key in SHIPPED or shipped_danish(text.key, text.variant) is None
    named = set(variables_of(text.text))
    return is_ours and "time" in named and not named.isdisjoint({"day", "day_word"})

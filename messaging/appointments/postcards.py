"""Whether a text may be the reminder of somebody: it is read on a locked screen, whoever holds the phone.

Its class is looked at whenever words are put together: a text may have got another one since its plan was signed.
"""

from datetime import datetime

from messaging.appointments.composing import Composer, Subject
from messaging.appointments.readers import Unaddressed
from messaging.conversations.by_hand import BY_SMS
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.templates import NoValidTemplate


class NotBySms(NoValidTemplate):
    """The text may be read only by who has signed in."""

    code = "not_by_sms"


class UnderAge(NoValidTemplate):
    """The text says what may follow, and its reader is under 18."""

    code = "under_age"


def prepare_reminder(composer: Composer, key: str, subject: Subject, *, usual: str, sent_at: datetime) -> Unaddressed:
    """Return this text for its reader; for who may not get it because she is under 18 the usual one of its place.

    Raises NotBySms, UnderAge, or as `Composer.prepare`.
    """
    try:
        return _fit(composer.prepare(key, subject, sent_at=sent_at), sent_at=sent_at)
    except UnderAge:
        if usual == key:
            raise
        return _fit(composer.prepare(usual, subject, sent_at=sent_at), sent_at=sent_at)


def _fit(prepared: Unaddressed, *, sent_at: datetime) -> Unaddressed:
    if prepared.content_class not in BY_SMS:
        raise NotBySms(f"the text {prepared.template} may not leave by SMS")
    if prepared.content_class is ContentClass.CONSEQUENCE and prepared.reader.is_under_age(at=sent_at):
        raise UnderAge(f"the text {prepared.template} says what may follow, and goes to nobody under 18")
    return prepared

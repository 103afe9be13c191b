"""What a citizen must hear about a meeting before she is on her way: written to leave before everything else."""

from collections.abc import Mapping

from messaging.appointments.composing import NOTHING_MORE, Composer
from messaging.appointments.models import Appointment
from messaging.conversations.models import Author, Kind, Message
from messaging.conversations.office import Office
from messaging.conversations.open_hours import URGENT_HOURS, OpenHours
from messaging.conversations.sending import send_message
from messaging.people.acting import Act
from messaging.people.reaching import reach
from messaging.trial.capabilities import Sort
from messaging.work.lanes import Lane


def tell_urgently(
    act: Act,
    appointment: Appointment,
    *,
    key: str,
    office: Office,
    more: Mapping[str, str] = NOTHING_MORE,
    hours: OpenHours = URGENT_HOURS,
) -> Message:
    """Write an approved text about a meeting to its citizen; it is of no use once the meeting begins.

    It leaves on any day from six in the morning, or in other `hours`. Raises NotReachable.
    """
    person = reach(act.session, appointment.citizen_id)
    opens = hours.next_open(act.now)
    composer = Composer(act.session, act.vault, [appointment], now=act.now, office=office)
    words = composer.compose(key, appointment, shared=person.shared, more=more)
    return send_message(
        act,
        citizen_id=appointment.citizen_id,
        text=words.text,
        kind=Kind.NOTICE,
        lane=Lane.URGENT,
        author=Author.SYSTEM,
        template=words.template,
        original=words.original,
        content_free=words.content_free,
        due_at=opens if opens < appointment.starts_at else act.now,
        expires_at=appointment.starts_at,
        person=person,
        sort=Sort.CANCELLATION,
    )

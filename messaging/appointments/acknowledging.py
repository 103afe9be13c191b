"""What a citizen is answered who asks for another time, or chooses one of those that she was offered.

The time she has stands until she hears from us, and every answer says so.
"""

from collections.abc import Sequence

from messaging.appointments.composing import Composer
from messaging.appointments.free_time_models import OfferedTime
from messaging.appointments.free_times import choices, in_words, offer
from messaging.appointments.models import Appointment
from messaging.conversations.auto_replying import is_from_a_machine, take_period
from messaging.conversations.models import Message
from messaging.conversations.office import Office
from messaging.conversations.reading_times import not_read
from messaging.conversations.replying import goes_in_app, may_be_seen_by_others, reply_by_itself, why_no_reply
from messaging.people.acting import Act
from messaging.people.reaching import reach
from messaging.trial.capabilities import Sort, way_of_itself

ACKNOWLEDGEMENT, CLOSED, CLOSED_IN_APP = "M3", "closed", "closed_app"
"""The answer to a wish for another time, and its variants with the opening hours in them."""
OFFERED, WISHED, GONE, GONE_OTHERS = "times", "wished", "gone", "gone_others"
"""Its variants with free times, and the answers to who has chosen one."""


def answer_choice(
    act: Act, appointment: Appointment, message: Message, *, chosen: OfferedTime, is_hers: bool, office: Office
) -> None:
    """Answer who has chosen a time: that we see to it, or that it is taken and what is still free."""
    others = [] if is_hers else choices(act.session, [appointment.id], now=act.now).get(appointment.id, [])
    variant = WISHED if is_hers else GONE_OTHERS if others else GONE
    acknowledge(act, appointment, message, office=office, variant=variant, times=others or [chosen])


def acknowledge(
    act: Act,
    appointment: Appointment,
    message: Message,
    *,
    office: Office,
    variant: str = "",
    times: Sequence[OfferedTime] = (),
) -> None:
    """Answer who asks for another time that the time stands, with free ones if there are any to choose from."""
    person = reach(act.session, appointment.citizen_id)
    if is_from_a_machine(act, message) or why_no_reply(message, person):
        return
    shared = may_be_seen_by_others(message, person)
    # Free times are offered where the arm lets us remind: to its control group they would be something new.
    if not times and not shared and way_of_itself(person.arm, Sort.REMINDER) is not None:
        times = offer(act, appointment)
        variant = OFFERED if times else variant
    closed = not_read(act.session, appointment.citizen_id, now=act.now, office=office)
    names_hours = closed is not None and closed.is_office and not times
    if names_hours and not take_period(act, message=message, office=office):
        return
    composer = Composer(act.session, act.vault, [appointment], now=act.now, office=office)
    if names_hours:
        variant = CLOSED_IN_APP if goes_in_app(message, person) else CLOSED
    words = composer.compose(
        ACKNOWLEDGEMENT,
        appointment,
        variant=variant,
        shared=shared,
        more_in=lambda language: {
            "times": in_words(times, numbered=True, language=language),
            "wish": in_words(times, numbered=False, language=language),
        },
    )
    reply_by_itself(
        act,
        message,
        citizen_id=appointment.citizen_id,
        person=person,
        text=words.text,
        template=words.template,
        original=words.original,
        content_free=words.content_free,
    )

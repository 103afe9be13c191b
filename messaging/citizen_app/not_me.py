"""What follows when whoever holds a phone says that the messages on it are somebody else's.

Nobody asks who she is: the access ends at once and whoever looks after the citizen is told. Who came in by a code that
went to the citizen's number holds that number, so nothing goes to it until a human has looked.
"""

from messaging.citizen_app import sessions
from messaging.citizen_app.models import EndedBy, Opened
from messaging.citizen_app.sessions import CitizenHere
from messaging.conversations import threads
from messaging.conversations.sending import cancel_waiting
from messaging.people.acting import Act
from messaging.people.models import PauseReason
from messaging.people.reaching import APP, reach
from messaging.people.wishes import pause_number
from messaging.people.wrong_person import report_wrong_person


def close_for_wrong_person(act: Act, here: CitizenHere) -> None:
    """End the access of whoever says that she is not this citizen, and let a human look."""
    citizen_id = here.citizen_id
    threads.something_waits(act, citizen_id)
    if here.device_id is not None:
        sessions.end_device(act, citizen_id=citizen_id, device_id=here.device_id, ended_by=EndedBy.SYSTEM)
    sessions.end_session(act, session_id=here.session_id)
    if here.opened is Opened.CODE:
        _pause_her_number(act, here)
    report_wrong_person(act, citizen_id=citizen_id, medium=APP, opened=here.opened)


def _pause_her_number(act: Act, here: CitizenHere) -> None:
    number_id = reach(act.session, here.citizen_id).number_id
    if number_id is not None:
        pause_number(act, number_id=number_id, reason=PauseReason.WRONG_NUMBER)
        cancel_waiting(act, number_id=number_id, reason=PauseReason.WRONG_NUMBER)

"""What stands above the newest messages: who answers and when, and the next meeting."""

from typing import Any

from messaging.appointments.own_meetings import coming_meetings
from messaging.citizen_app import meeting_wording
from messaging.citizen_app.answering_info import who_answers
from messaging.citizen_app.sessions import CitizenHere
from messaging.conversations.answer_time import Promise
from messaging.conversations.office import Office
from messaging.conversations.opening_times import settings_now
from messaging.runtime import Runtime
from messaging.web.language import language


def above(runtime: Runtime, here: CitizenHere) -> dict[str, Any]:
    """Return what the template of the thread shows above it; only approved words, which every sign-in opens."""
    now, settings = runtime.clock.now(), settings_now(runtime)
    with runtime.database.read() as session:
        answering = who_answers(
            session,
            citizen_id=here.citizen_id,
            now=now,
            office=Office.from_config(settings),
            promise=Promise.from_config(settings),
        )
        coming = coming_meetings(session, runtime.vault, citizen_id=here.citizen_id, now=now, language=language())
    return {
        "answering": answering,
        "next_meeting": next((meeting for meeting in coming if not meeting.is_cancelled), None),
        "meeting_words": meeting_wording,
        "now": now,
    }

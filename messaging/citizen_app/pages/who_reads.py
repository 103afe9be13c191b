"""Who else can read the thread that a citizen's page shows, and each message on it."""

from typing import Any

from messaging.citizen_app.helper_reading import who_else_could_read
from messaging.citizen_app.sessions import CitizenHere
from messaging.conversations.app_thread import AppPage
from messaging.people.helper_wording import named
from messaging.people.reading_along import helpers_of
from messaging.runtime import Runtime


def who_reads(runtime: Runtime, here: CitizenHere, page: AppPage) -> dict[str, Any]:
    """Return what the template of the thread shows of it; `asked`: somebody waits for her yes or no."""
    now = runtime.clock.now()
    with runtime.database.read() as session:
        helpers = helpers_of(session, runtime.vault, citizen_id=here.citizen_id, now=now, also_past=True)
        others = who_else_could_read(session, page.entries, helpers)
    return {
        "readers": [named(helper.name, helper.kind) for helper in helpers if helper.reads],
        "asked": any(helper.waits for helper in helpers),
        "others": others,
    }

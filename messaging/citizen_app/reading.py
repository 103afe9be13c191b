"""Opening the thread by the citizen: what she sees is marked as shown to her, and the trail says that she looked."""

from sqlalchemy.orm import Session

from messaging.citizen_app.notifying import note_shown
from messaging.citizen_app.sessions import CitizenHere
from messaging.conversations import app_thread
from messaging.conversations.app_thread import AppPage
from messaging.conversations.states import MessageState
from messaging.people.acting import Act
from messaging.people.reaching import APP
from messaging.vault.vault import Vault


def open_thread(act: Act, here: CitizenHere, *, before: int | None) -> AppPage:
    """Return a page of her thread, mark what it shows as shown, and note that she opened it."""
    page = read_thread(act.session, act.vault, here, before=before)
    if page.entries:
        shown = app_thread.mark_read(
            act,
            citizen_id=here.citizen_id,
            up_to_seq=max(entry.seq for entry in page.entries),
            classes=here.may_see,
            loaded_at=act.now,
        )
        if shown:
            note_shown(act, citizen_id=here.citizen_id)
    act.audit("app.thread_opened", object_kind="citizen", object_id=here.citizen_id)
    return page


def read_thread(session: Session, vault: Vault, here: CitizenHere, *, before: int | None) -> AppPage:
    """Return a page of her thread as it is, marking nothing."""
    return app_thread.read_app_page(session, vault, citizen_id=here.citizen_id, classes=here.may_see, before=before)


def is_anything_new(page: AppPage) -> bool:
    """Whether the page shows a message that has not been shown to her before."""
    return any(
        entry.text is not None and entry.medium == APP and entry.state is MessageState.SENT for entry in page.entries
    )

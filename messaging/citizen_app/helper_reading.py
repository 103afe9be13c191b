"""What somebody who reads along is shown of a citizen's thread, and who could read a message beside the citizen."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.citizen_app.helper_access import HelperHere
from messaging.conversations.app_thread import AppMessage, AppPage, read_app_page
from messaging.conversations.attaching import is_a_document
from messaging.conversations.content_gate import ContentClass, mask_cpr
from messaging.conversations.models import Message
from messaging.people.acting import Act
from messaging.people.helper_wording import named
from messaging.people.reading_along import HelperView


def read_along(act: Act, here: HelperHere, *, before: int | None) -> AppPage:
    """Return a page of what a helper may read, and note that she opened it.

    What was written before her time, and what is not open to her, is not there at all; personal numbers are hidden.
    That she reads it says nothing of whether the citizen has: nothing is marked as shown.
    """
    helper = here.helper
    page = read_app_page(
        act.session,
        act.vault,
        citizen_id=helper.citizen_id,
        classes=here.may_see,
        before=before,
        only=(
            Message.created_at >= helper.from_at,
            Message.content_class.in_(here.may_see),
            ~_is_kept_from_helpers(),
        ),
    )
    act.audit("helper.thread_opened", object_kind="citizen", object_id=helper.citizen_id)
    return AppPage(entries=[_masked(entry) for entry in page.entries], has_earlier=page.has_earlier)


def who_else_could_read(
    session: Session, entries: Sequence[AppMessage], helpers: Sequence[HelperView]
) -> Mapping[uuid.UUID, list[str]]:
    """Return for each message who, beside the citizen and those who work here, could read it; none where nobody."""
    if not helpers:
        return {}
    ids = [entry.id for entry in entries]
    kept = set(session.scalars(sa.select(Message.id).where(Message.id.in_(ids), _is_kept_from_helpers())))
    readers = {
        entry.id: [named(helper.name, helper.kind) for helper in helpers if _could_read(helper, entry)]
        for entry in entries
        if entry.id not in kept
    }
    return {message_id: found for message_id, found in readers.items() if found}


def _is_kept_from_helpers() -> sa.ColumnElement[bool]:
    """Whether no helper reads a message, whatever its class: a paper is not for her, and danger may be about her."""
    return sa.or_(Message.danger.is_not(None), is_a_document())


def _could_read(helper: HelperView, entry: AppMessage) -> bool:
    return entry.content_class is not ContentClass.SENSITIVE and helper.could_read(
        written_at=entry.written_at,
        shown_at=entry.at,
        login_only=entry.content_class is ContentClass.LOGIN_ONLY,
    )


def _masked(entry: AppMessage) -> AppMessage:
    return replace(entry, text=mask_cpr(entry.text)) if entry.text is not None else entry

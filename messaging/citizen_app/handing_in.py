"""Handing a document in: the citizen's last step, after which it stands in the thread and waits for us."""

import uuid

from messaging.citizen_app.sessions import CitizenHere
from messaging.conversations.attaching import attach
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.receiving_app import store_from_app
from messaging.documents.keeping import open_asked, open_name
from messaging.documents.models import AskedDocument, Document
from messaging.documents.naming import shown_name
from messaging.documents.receiving import finish_upload
from messaging.people.acting import Act

ANNOUNCES = "Papir: {name}"
"""What stands in the thread, for everybody who reads it: no interface's language changes it."""


def hand_in(act: Act, here: CitizenHere, *, document_id: uuid.UUID) -> None:
    """Close the document and let it come in as a message of the same id; done again, it changes nothing.

    Raises NotFound, and Conflict while pieces are missing.
    """
    document = finish_upload(act, citizen_id=here.citizen_id, document_id=document_id)
    act.session.flush()
    fresh = store_from_app(
        act,
        citizen_id=here.citizen_id,
        message_id=document_id,
        text=ANNOUNCES.format(name=_said(act, document)),
        content_class=ContentClass.LOGIN_ONLY,
        document_id=document_id,
    )
    if fresh:
        attach(act, message_id=document_id, document_id=document_id)


def _said(act: Act, document: Document) -> str:
    name = shown_name(open_name(act.vault, document), document.declared)
    asked = act.session.get(AskedDocument, document.asked_id) if document.asked_id else None
    return f"{open_asked(act.vault, asked)} ({name})" if asked else name

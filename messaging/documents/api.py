"""Documents over HTTP: the case system fetches the content that the journal tells of."""

import uuid

from flask import Response

from messaging.documents.opening import open_document
from messaging.documents.pieces import read_pieces
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.files import attachment
from messaging.web.shell import current_runtime

documents = ApiBlueprint("documents", __name__, description="Documents both ways")


@documents.get("/documents/<uuid:document_id>")
@documents.needs("documents:read", errors=(404,))
@documents.gives_file(200)
def fetch(document_id: uuid.UUID) -> Response:
    """Fetch a document's content. Its digest stands in the event `document.kept`."""
    runtime = current_runtime()
    with runtime.act(calling_actor()) as act:
        opened = open_document(act, document_id=document_id)
    pieces = read_pieces(runtime.database, runtime.vault, opened.content)
    return attachment(pieces, name=opened.name, media_type=opened.media_type, size=opened.content.size)

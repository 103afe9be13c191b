"""Files that come with a form, and documents that are handed out: the same for staff and for citizens."""

import os
import uuid

from flask import Response, request
from werkzeug.datastructures import FileStorage

from messaging.documents.limits import LARGEST, LENGTH_BYTES, MEGABYTE, MOST_PHOTOS
from messaging.documents.opening import OpenedDocument
from messaging.documents.pieces import read_pieces
from messaging.documents.whole_files import WholeFile
from messaging.errors import InvalidInput
from messaging.web.files import attachment
from messaging.web.shell import current_runtime

LARGEST_FORM = LARGEST + MOST_PHOTOS * LENGTH_BYTES + MEGABYTE
"""Of a form with files: the largest document, and what stands around it."""


def files_of_form() -> list[WholeFile]:
    """Return the files that somebody has chosen; a field left empty brings none."""
    return [_whole(file) for file in request.files.getlist("file") if file.filename]


def asked_of_form() -> uuid.UUID | None:
    """Return which document of the list this is said to be. Raises InvalidInput."""
    word = request.form.get("asked", "")
    try:
        return uuid.UUID(word) if word else None
    except ValueError:
        raise InvalidInput("nothing of the kind was asked for", field="asked") from None


def hand_out(opened: OpenedDocument) -> Response:
    """Return an opened document as something to save."""
    runtime = current_runtime()
    pieces = read_pieces(runtime.database, runtime.vault, opened.content)
    return attachment(pieces, name=opened.name, media_type=opened.media_type, size=opened.content.size)


def _whole(file: FileStorage) -> WholeFile:
    size = file.stream.seek(0, os.SEEK_END)
    file.stream.seek(0)
    return WholeFile(name=file.filename or "", media_type=file.mimetype or "", size=size, content=file.stream)

"""Where the app sends what was written: by script, so that it comes once however often it is sent.

A page that was kept open for days holds a stale token for its forms. What is asked instead: that our own script sends
it, in a form that no other site may send, and from a page of ours.
"""

import binascii
import uuid
from base64 import urlsafe_b64decode
from typing import Any

from flask import Response, g, jsonify, request
from werkzeug.exceptions import Forbidden

from messaging.citizen_app import outbox
from messaging.citizen_app.outbox_keys import Waiting
from messaging.citizen_app.pages.doors import app_pages, is_over, leave_nothing
from messaging.errors import InvalidInput
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

BY_SCRIPT = "X-Outbox"
"""The header without which nothing is taken: a browser asks us first before it lets another site send it."""
LARGEST = 48 * 1024
"""Characters of the longest message as it waits: sealed, and written in base64."""

outbox_pages = app_pages("app_outbox", __name__, public=True)


@outbox_pages.post("/outbox")
def send() -> tuple[Response, int]:
    """Take in one message that waited on the phone; 410 says that it never will be, 401 that she must sign in first."""
    if BY_SCRIPT not in request.headers or "Origin" not in request.headers:
        raise Forbidden
    runtime, here = current_runtime(), g.citizen_here
    if here is None:
        return (leave_nothing(jsonify(why="over")), 410) if is_over() else (jsonify(why="sign_in"), 401)
    waiting = _waiting()
    try:
        with runtime.act(here.actor) as act:
            outbox.take_in(act, here, waiting)
    except outbox.WaitsForNobody:
        return jsonify(why="over"), 410
    runtime.waker.wake(Lane.JOURNAL, Lane.UPKEEP)
    return jsonify(id=waiting.id), 200


def _waiting() -> Waiting:
    told: Any = request.get_json(silent=True)
    try:
        if len(told["sealed"]) > LARGEST:
            raise InvalidInput("this is too long", field="sealed")
        return Waiting(
            id=uuid.UUID(told["id"]), session_id=uuid.UUID(told["session"]), sealed=urlsafe_b64decode(told["sealed"])
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise InvalidInput("this is no message as the app sends it") from None

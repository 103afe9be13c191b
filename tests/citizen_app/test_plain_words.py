"""The words of the app and of the two questions are easy to read: LIX under 35 where there are more than a few."""

import re
from collections import defaultdict

import pytest

from messaging.conversations.readability import EASY_BELOW, read
from tools.catalogue import texts

OF_STAFF = ("offer.html", "panel.html", "phones.html", "pages/phones.py", "citizen_app/wording.py")
"""Caseworkers read these."""
OF_PULSE = tuple(f"messaging/experience/html/experience/{page}.html" for page in ("ask", "enter", "used", "thanks"))
"""Citizens read these without the app."""
FEW = 20
"""Words below which a figure says nothing."""


def said() -> dict[str, str]:
    """What each file of the app says to citizens, sentence after sentence."""
    found: dict[str, list[str]] = defaultdict(list)
    for message in texts():
        forms = message.id if isinstance(message.id, tuple) else (message.id,)
        for path, _line in message.locations:
            if path.startswith(OF_PULSE) or ("citizen_app/" in path and not path.endswith(OF_STAFF)):
                found[path] += [re.sub(r"%\(\w+\)s", "Sara", form).rstrip(".") for form in forms]
    return {path: ". ".join(sentences) + "." for path, sentences in found.items()}


SAID = {path: text for path, text in said().items() if len(text.split()) >= FEW}


def test_there_is_something_to_read() -> None:
    assert any(path.endswith("meeting_card.html") for path in SAID)


@pytest.mark.parametrize("path", sorted(SAID))
def test_page_is_easy_to_read(path: str) -> None:
    measured = read(SAID[path])

    assert measured is not None
    assert measured.lix < EASY_BELOW, SAID[path]

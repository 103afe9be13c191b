"""Phones that write: the stub of the outside world posts each text to the service as the provider would."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from messaging.rehearsal.stage import Stage, StageFailed

COPIES, AT_ONCE = 3, 2
PHONES = 6
TIMEOUT_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a phone sends."""

    sender: str = field(repr=False)
    text: str = field(repr=False)


def write_all(stage: Stage, texts: Sequence[Text], progress: Callable[[int, int], None]) -> list[str]:
    """Let every text be posted in three copies, two of them at once; return the provider's ids in order.

    Posts without a 2xx are repeated as the provider repeats them; what then has not arrived is left to the poll.
    """
    ids: list[str] = []
    with ThreadPoolExecutor(PHONES, thread_name_prefix="phone") as phones, requests.Session() as session:
        for sent in phones.map(lambda text: _write(session, stage, text), texts):
            ids.append(sent)
            progress(len(ids), len(texts))
    return ids


def _write(session: requests.Session, stage: Stage, text: Text) -> str:
    answer = session.post(
        f"{stage.stub_url}/handset",
        json={
            "channel": stage.channel,
            "from": text.sender,
            "to": stage.settings.numbers[0],
            "text": text.text,
            "copies": COPIES,
            "concurrent_copies": AT_ONCE,
            "wait": True,
        },
        timeout=TIMEOUT_SECONDS,
    )
    if not answer.ok:
        raise StageFailed(f"the phone could not write: {answer.status_code}")
    sent: str = answer.json()["id"]
    return sent

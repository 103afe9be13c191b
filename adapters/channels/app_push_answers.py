"""What push services answer, and what that means for a push and for its subscription.

All of them speak RFC 8030; what they say when they refuse differs. Apple: 403 with a reason about our token
(`BadJwtToken`: contact, audience or time are wrong) is our own fault, any other 403 means that the subscription is no
longer worth anything; 400 `VapidPkHashMismatch` is a subscription made for another key. Google says the latter with 403
and a sentence, Mozilla with 401 and a sentence. Microsoft asks to wait with 406.
"""

from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from adapters.http import Answer

GONE = "gone"
"""The code of a subscription that nothing will ever reach again."""

_IDS = ("location", "apns-id", "x-wns-msg-id")
_ANOTHER_KEY = (b"vapidpkhashmismatch", b"not correspond", b"key mismatch")
_OUR_TOKEN = (b"jwt", b"vapid", b"authorization header")
_LONGEST_ID = 200

_SENTENCES = {
    GONE: "Telefonen tager ikke længere imod besked om nyt. Borgeren kan slå det til igen i appen.",
    "content": "En besked til telefonen må ikke have indhold.",
    "subscription": "Telefonens tilmelding kan ikke læses.",
    "foreign_service": "Telefonens beskedtjeneste er ikke på listen over dem, der må bruges.",
    "address": "Telefonens beskedtjeneste ligger på en adresse, der ikke må kaldes.",
    "not_https": "Telefonens beskedtjeneste er ikke krypteret og må ikke kaldes.",
    "redirect": "Telefonens beskedtjeneste viser videre til en anden adresse. Det følges ikke.",
}


def accepted_id(answer: Answer) -> str:
    """Return the id under which the push service took it on. OutcomeUnknown if it names none: who knows who answered.

    Of an address only its last part is kept: the rest may be the subscription's own.
    """
    for name in _IDS:
        if given := answer.headers.get(name, "").rstrip("/").rpartition("/")[2]:
            return given[:_LONGEST_ID]
    raise OutcomeUnknown("answer_unreadable")


def refusal_of(answer: Answer) -> AdapterError:
    """Return what an answer without success means."""
    status, code = answer.status, f"http_{answer.status}"
    said = answer.body[:2000].lower()
    if status in {404, 410} or (status in {400, 401, 403} and any(words in said for words in _ANOTHER_KEY)):
        return _refused(GONE)
    if status in {406, 429} or (status == 503 and answer.retry_after is not None):
        return TryLater(code, retry_after=answer.retry_after, counts=False)
    if status == 401 or (status == 403 and any(word in said for word in _OUR_TOKEN)):
        return Misconfigured(code)
    if status == 403:
        return _refused(GONE)
    if 300 <= status < 400:
        return _refused("redirect")
    if 400 <= status < 500 and status != 408:
        return _refused(code)
    return OutcomeUnknown(code)


def sentence_of(code: str) -> str:
    """A Danish sentence for the caseworker about an error code."""
    return _SENTENCES.get(code, f"Telefonens beskedtjeneste tog ikke imod (fejl {code}).")


def _refused(code: str) -> RecipientRefused:
    return RecipientRefused(code, sentence=sentence_of(code))

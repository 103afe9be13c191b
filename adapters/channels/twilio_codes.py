"""Twilio's words: what its statuses, answers and error codes mean for a message.

Error codes below 30000 come as the answer to a send, the others in delivery reports. Source: Twilio's dictionary.
"""

import json
from enum import Enum

from adapters.contract import DeliveryStatus
from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, RecipientRefused, TryLater
from adapters.http import Answer

# "sending" is still at Twilio; "received" and its like are never said of what we send.
STATUSES = {
    "accepted": DeliveryStatus.QUEUED,
    "scheduled": DeliveryStatus.QUEUED,
    "queued": DeliveryStatus.QUEUED,
    "sending": DeliveryStatus.QUEUED,
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}


class Verdict(Enum):
    """What an error code says about the request that got it."""

    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"
    WAIT = "wait"


BLOCKED_AT_PROVIDER = (
    "Nummeret er spærret hos udbyderen, fordi borgeren har skrevet STOP. "
    "Borgeren kan selv åbne igen ved at sende START til vores nummer."
)
_NOT_MOBILE = "Nummeret kan ikke modtage sms; det er formentlig en fastnettelefon."
_BAD_NUMBER = "Nummeret findes ikke eller er skrevet forkert."
_SENDER = "Vores afsendernummer er sat forkert op hos udbyderen. Driften skal se på det."
_ACCOUNT = "Aftalen med sms-udbyderen afviser os. Driften skal se på det."
_SETUP = "Opsætningen hos sms-udbyderen passer ikke. Driften skal se på det."
_BUSY = "Udbyderen har for travlt lige nu. Der prøves igen."
_FILTERED = "Beskeden blev stoppet af udbyderens eller teleselskabets filter."
_UNREACHABLE = "Telefonen var slukket eller uden dækning, og beskeden nåede ikke frem."

_KNOWN: dict[str, tuple[Verdict, str]] = {
    "14107": (Verdict.WAIT, _BUSY),
    "20003": (Verdict.MISCONFIGURED, _ACCOUNT),
    "20005": (Verdict.MISCONFIGURED, _ACCOUNT),
    "20008": (Verdict.MISCONFIGURED, _ACCOUNT),
    "20404": (Verdict.MISCONFIGURED, _ACCOUNT),
    "20429": (Verdict.WAIT, _BUSY),
    "21211": (Verdict.REFUSED, _BAD_NUMBER),
    "21212": (Verdict.MISCONFIGURED, _SENDER),
    "21265": (Verdict.REFUSED, "Man kan ikke sende til afsenderens eget nummer."),
    "21266": (Verdict.REFUSED, "Man kan ikke sende til afsenderens eget nummer."),
    "21408": (Verdict.MISCONFIGURED, "Vores aftale tillader ikke sms til det land. Driften skal se på det."),
    "21601": (Verdict.MISCONFIGURED, _SENDER),
    "21602": (Verdict.REFUSED, "Beskeden er tom."),
    "21603": (Verdict.MISCONFIGURED, _SENDER),
    "21604": (Verdict.REFUSED, _BAD_NUMBER),
    "21605": (Verdict.REFUSED, "Beskeden er for lang til en sms."),
    "21606": (Verdict.MISCONFIGURED, _SENDER),
    "21608": (Verdict.MISCONFIGURED, "Aftalen er en prøveaftale og når kun godkendte numre. Driften skal se på det."),
    "21609": (Verdict.MISCONFIGURED, _SETUP),
    "21610": (Verdict.REFUSED, BLOCKED_AT_PROVIDER),
    "21611": (Verdict.WAIT, "Køen hos udbyderen er fuld. Der prøves igen."),
    "21612": (Verdict.REFUSED, "Udbyderen kan ikke nå det nummer fra vores afsendernummer."),
    "21614": (Verdict.REFUSED, _NOT_MOBILE),
    "21617": (Verdict.REFUSED, "Beskeden er for lang til en sms."),
    "21619": (Verdict.REFUSED, "Beskeden er tom."),
    "21624": (Verdict.MISCONFIGURED, _SETUP),
    "21635": (Verdict.REFUSED, _NOT_MOBILE),
    "21659": (Verdict.MISCONFIGURED, _SENDER),
    "21660": (Verdict.MISCONFIGURED, _SENDER),
    "21661": (Verdict.MISCONFIGURED, _SENDER),
    "21663": (Verdict.MISCONFIGURED, "Vores nummer hører til en anden region hos udbyderen. Driften skal se på det."),
    "21670": (Verdict.MISCONFIGURED, "Vores nummer hører til en anden region hos udbyderen. Driften skal se på det."),
    "21730": (Verdict.WAIT, _BUSY),
    "30001": (Verdict.WAIT, "Køen hos udbyderen er fuld."),
    "30002": (Verdict.MISCONFIGURED, _ACCOUNT),
    "30003": (Verdict.REFUSED, _UNREACHABLE),
    "30004": (Verdict.REFUSED, "Modtageren eller teleselskabet har spærret for beskeder fra os."),
    "30005": (Verdict.REFUSED, "Nummeret er ikke i brug, eller telefonen er slukket."),
    "30006": (Verdict.REFUSED, _NOT_MOBILE),
    "30007": (Verdict.REFUSED, _FILTERED),
    "30008": (Verdict.REFUSED, "Beskeden nåede ikke frem; teleselskabet oplyser ikke hvorfor."),
    "30009": (Verdict.REFUSED, "En del af beskeden gik tabt undervejs."),
    "30010": (Verdict.MISCONFIGURED, "Beskeden var dyrere, end vi har tilladt. Driften skal se på det."),
    "30011": (Verdict.REFUSED, "Modtagerens teleselskab tager ikke imod den slags beskeder."),
    "30017": (Verdict.WAIT, "Teleselskabets net var overbelastet."),
    "30022": (Verdict.WAIT, "Vi har sendt flere beskeder, end teleselskabet tillader lige nu."),
    "30023": (Verdict.WAIT, "Dagens antal beskeder hos teleselskabet er brugt."),
    "30036": (Verdict.REFUSED, "Beskeden blev for gammel, før den kunne leveres."),
    "30410": (Verdict.WAIT, "Teleselskabet svarede ikke i tide."),
    "30500": (Verdict.WAIT, "Udbyderen havde en fejl."),
}
_UNKNOWN_CODE = "Beskeden nåede ikke frem (udbyderens fejl {code})."


def explain(code: str) -> str:
    """A Danish sentence for the caseworker about an error code from an answer or a delivery report."""
    known = _KNOWN.get(code)
    return known[1] if known else _UNKNOWN_CODE.format(code=code)


def failed_send(answer: Answer) -> AdapterError:
    """The error for an answer to a send that is not a success.

    Only a clear no, and a clear 'wait', mean that nothing was sent; anything else leaves it open.
    """
    wait = answer.retry_after
    code = _error_code(answer) or f"http_{answer.status}"
    if answer.status == 429 or (answer.status == 503 and wait is not None):
        return TryLater(code, retry_after=wait, counts=False)
    if not 400 <= answer.status < 500 or answer.status == 408:
        return OutcomeUnknown(code)
    if code in _KNOWN:
        return _by_verdict(code, wait=wait)
    return RecipientRefused(code) if answer.status == 400 else Misconfigured(code)


def failed_read(answer: Answer) -> AdapterError:
    """The error for an answer to a look-up that is not a success."""
    code = _error_code(answer) or f"http_{answer.status}"
    if answer.status in {400, 401, 403, 404}:
        return Misconfigured(code, sentence=_KNOWN.get(code, (None, _ACCOUNT))[1])
    return TryLater(code, retry_after=answer.retry_after, counts=answer.status != 429)


def _by_verdict(code: str, *, wait: float | None) -> AdapterError:
    verdict, sentence = _KNOWN[code]
    if verdict is Verdict.WAIT:
        return TryLater(code, retry_after=wait, counts=False)
    if verdict is Verdict.MISCONFIGURED:
        return Misconfigured(code, sentence=sentence)
    return RecipientRefused(code, sentence=sentence, blocked=code == "21610")


def _error_code(answer: Answer) -> str | None:
    """Twilio's own number in an error body, if it is one."""
    try:
        code = json.loads(answer.body)["code"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return str(code) if isinstance(code, int) and 10_000 <= code <= 99_999 else None

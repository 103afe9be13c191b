"""The requests of the load, as bytes: what Twilio posts, what another system asks, and what the yardstick takes."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from benchmarks import floor

ACCOUNT = "AC" + "5e" * 16
TOKEN = "7a" * 16
OUR_NUMBER = "+4592000000"
PUBLIC_URL = "https://borgerdialog.example"
HOOK = "/hooks/twilio_sms"

EVERY = 50
"""One request in so many comes a second time, soon after or beside the first."""
LATEST_REPEAT = 40

TEXTS = (
    "Hej, jeg kan desværre ikke komme på torsdag. Kan vi finde en anden tid i næste uge? Mvh Sofie",
    "Ja tak, jeg kommer",
    "Hvor er det henne? Jeg kan ikke finde adressen i mit brev, og bussen kører kun hver time",
    "Min praktik er flyttet til onsdag, så jeg er først fri klokken to. Passer det?",
    "Jeg har sendt papirerne nu",
    "Hej Mette. Jeg har talt med min mor, og hun vil gerne med til mødet hvis det er okay for dig?",
    "Skal jeg have mit CV med? Og er det dig eller Jonas jeg skal tale med i dag",
    "Tak for i dag, det var rart at snakke om det hele. Vi ses i næste uge",
)

_VALIDATOR = RequestValidator(TOKEN)  # type: ignore[no-untyped-call]


def twilio_form(*, sender: str, text: str) -> dict[str, str]:
    """The fields Twilio posts for one SMS."""
    sid = f"SM{uuid.uuid4().hex}"
    return {
        "ToCountry": "DK",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": text,
        "FromCountry": "DK",
        "To": OUR_NUMBER,
        "MessagingServiceSid": "MG" + "ab" * 16,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
    }


def signed(form: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with which Twilio posts this form."""
    signature = _VALIDATOR.compute_signature(PUBLIC_URL + HOOK, form)  # type: ignore[no-untyped-call]
    return {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}


def inbound(numbers: Sequence[str], *, count: int, chance: Random) -> list[bytes]:
    """Texts from these numbers, each signed as Twilio signs; some come twice."""

    def one() -> bytes:
        form = twilio_form(sender=chance.choice(numbers), text=_text(chance))
        return posted(HOOK, urlencode(form).encode(), signed(form))

    return _with_repeats(iter(one, None), count=count, chance=chance)


def outbound(citizens: Sequence[uuid.UUID], *, key: str, count: int, chance: Random) -> list[bytes]:
    """Messages another system sends to these citizens, each with a key of its own; some come twice."""

    def one() -> bytes:
        return posted(
            f"/api/v1/conversations/{chance.choice(citizens)}/messages",
            json.dumps({"text": _text(chance)}).encode(),
            {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {key}",
                "Idempotency-Key": uuid.uuid4().hex,
            },
        )

    return _with_repeats(iter(one, None), count=count, chance=chance)


def rows(*, count: int, chance: Random) -> list[bytes]:
    """What the yardstick stores; none comes twice."""
    return [
        posted(
            "/floor",
            json.dumps(floor.example(text=_text(chance))).encode(),
            {"Content-Type": "application/json"},
        )
        for _ in range(count)
    ]


def hello(count: int) -> list[bytes]:
    """The cheapest request there is."""
    return [b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"] * count


def posted(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """One POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _text(chance: Random) -> str:
    return f"{chance.choice(TEXTS)} ({chance.randrange(1000)})"


def _with_repeats(fresh: Iterator[bytes], *, count: int, chance: Random) -> list[bytes]:
    requests: list[bytes] = []
    while len(requests) < count:
        repeat = len(requests) % EVERY == EVERY - 1
        requests.append(requests[-chance.randint(1, LATEST_REPEAT)] if repeat else next(fresh))
    return requests
